// The line on what a run means: its numbers are those of the arms' answers, and it says where nothing can be told.
import { expect, it } from 'vitest';
import { verdict } from '../../../src/report/sections/verdict.ts';
import { packAnswers, pairedShares } from '../../../src/report/tables/paired.ts';
import type { ArmResult } from '../../../src/report/types.ts';

const IMAGES = 1000;

/** Answers of which those from one image on to another are right. */
const right = (from: number, to: number): string =>
  packAnswers(Uint8Array.from({ length: IMAGES }, (_, i) => Number(i >= from && i < to)));

const arm = (role: ArmResult['role'], name: string, kept: number, [from, to]: [number, number]): ArmResult => ({
  arm: name,
  role,
  accuracy: (to - from) / IMAGES,
  answers: right(from, to),
  parametersTotal: role === 'narrow' ? kept : 200,
  parametersKept: kept,
  parametersStructural: kept,
  updates: 10,
  seconds: 1,
});

const data = { name: 'CIFAR-10', standIn: false, trainImages: 5000, testImages: IMAGES };
const plain = arm('plain', 'plain NN', 200, [0, 530]);
const trained = arm('trained', 'trained AN', 100, [0, 521]);
const narrow = arm('narrow', 'narrower NN', 98, [30, 498]);

it('shares of the same images differ by what one alone tells right', () => {
  const few = pairedShares(right(0, 521), right(0, 530), IMAGES);
  expect(few.difference).toBeCloseTo(-0.009, 10);
  // 1.96·√(9 + 1 − 81/1002)/1002, by hand.
  expect(few.half).toBeCloseTo(0.00616, 5);
  const apart = pairedShares(right(0, 500), right(500, 1000), IMAGES);
  expect(apart.difference).toBe(0);
  expect(apart.half).toBeCloseTo((1.96 * Math.sqrt(1001)) / 1002, 10);
  expect(pairedShares(right(0, 3), right(0, 3), IMAGES)).toMatchObject({ difference: 0 });
});

it('says what each difference is worth, the narrower network first', () => {
  expect(verdict({ arms: [plain, trained, narrow], data })).toBe(
    'AstroNet: 52.1 % with 50 % of the parameters. ' +
      'Beyond what the choice of test images explains: +5.3 points ± 1.4 against narrower NN (46.8 % with 49 %), ' +
      '−0.9 points ± 0.6 against plain NN (53.0 % with 100 %). ' +
      'One seed says nothing of other seeds.',
  );
});

it('counts the structure under gates of channels', () => {
  const channels = { ...trained, gate: 'channel', parametersKept: 140 } as const;
  expect(verdict({ arms: [plain, channels], data })).toContain('AstroNet: 52.1 % with 50 % of the parameters.');
  expect(verdict({ arms: [plain, { ...channels, gate: 'connection' }], data })).toContain('with 70 %');
});

it('says that of drawn images, and where a difference is chance', () => {
  const other = arm('magnitude', 'largest weights', 100, [2, 522]);
  expect(verdict({ arms: [trained, other], data: { ...data, standIn: true } })).toBe(
    'AstroNet: 52.1 % with 50 % of the parameters. ' +
      'Within what the choice of test images explains: +0.1 points ± 0.4 against largest weights (52.0 % with 50 %). ' +
      'The images are drawn, and say nothing of photographs. One seed says nothing of other seeds.',
  );
});

it('is none without gates, without others, and of arms whose answers are not known', () => {
  expect(verdict({ arms: [plain, narrow], data })).toBeUndefined();
  expect(verdict({ arms: [trained], data })).toBeUndefined();
  expect(verdict({ arms: [trained, { ...plain, answers: undefined }], data })).toBeUndefined();
  expect(verdict({ arms: [plain, { ...trained, role: 'random', arm: 'random AN' }], data })).toContain(
    'random AN: 52.1 %',
  );
});
