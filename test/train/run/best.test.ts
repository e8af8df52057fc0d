// The best epoch of each arm: chosen by images that nothing is trained on, kept in a file, and the end of an arm that finds no better one. Stopped anywhere it comes out the same.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseOptions } from '../../../src/cli/train/options.ts';
import { configure } from '../../../src/train/config.ts';
import { readNetwork } from '../../../src/train/files/network-file.ts';
import { isStale, noteBest } from '../../../src/train/run/best.ts';
import { InterruptedError } from '../../../src/train/run/job.ts';
import { atStart } from '../../../src/train/run/job-state.ts';
import { metricsPath, readMetrics } from '../../../src/train/run/run-folder.ts';
import { splitForValidation } from '../../../src/train/run/validation.ts';
import type { Stage } from '../../../src/train/stages/stage.ts';
import { config, job, newFolder, plainConfig, removeFolders, stopAfter } from '../../support/jobs.ts';
import { memoryHeld } from '../../support/memory.ts';

afterAll(removeFolders);

const epochOf = (arm: string, done: number, gatesFinal?: boolean) => ({
  state: { ...atStart(), step: 3 * done },
  stage: {
    arm,
    phase: 'guide',
    stepsPerEpoch: 3,
    ...(gatesFinal !== undefined && { regulator: { gatesFinal } }),
  } as Stage,
});

describe('the best epoch', () => {
  it('is the first of the highest by validation, else by the test images', () => {
    const { state, stage } = epochOf('plain NN', 1);
    expect(noteBest(state, stage, { accuracy: 0.9, loss: 1, validation: 0.5 })).toBe(true);
    state.step = 6;
    expect(noteBest(state, stage, { accuracy: 0.1, loss: 1, validation: 0.6 })).toBe(true);
    state.step = 9;
    expect(noteBest(state, stage, { accuracy: 1, loss: 1, validation: 0.6 })).toBe(false);
    expect(state.best).toEqual({ 'plain NN': { epoch: 2, accuracy: 0.6, test: 0.1, by: 'validation' } });
    expect(isStale({ best: false, patience: 2 }, state, stage)).toBe(false);
    state.step = 12;
    expect(isStale({ best: false, patience: 2 }, state, stage)).toBe(true);
    expect(isStale({ best: false, patience: 2, evaluateEvery: 3 }, state, stage)).toBe(false);
    expect(isStale({ best: true, patience: undefined }, state, stage)).toBe(false);
    expect(noteBest(state, { ...stage, arm: 'other' }, { accuracy: 0.2, loss: 1 })).toBe(true);
    expect(state.best!.other.by).toBe('test');
  });

  it('is none before the gates are final, and none in the search', () => {
    for (const final of [false, true]) {
      const { state, stage } = epochOf('random AN', 1, final);
      expect(noteBest(state, stage, { accuracy: 1, loss: 0 })).toBe(final);
    }
    const { state, stage } = epochOf('trained AN', 1);
    expect(noteBest(state, { ...stage, phase: 'search' }, { accuracy: 1, loss: 0 })).toBe(false);
  });
});

it('a part for validation is set apart only where an epoch is chosen, and as large as was said', () => {
  const of = (...args: string[]) =>
    configure(parseOptions(args), { software: true, available: { train: 100, test: 10 } }).validation;
  expect([
    of(),
    of('--best'),
    of('--patience', '3'),
    of('--best', '--validation', '0'),
    of('--validation', '0.2'),
  ]).toEqual([undefined, 0.1, 0.1, 0, 0.2]);
  const { train, validation } = splitForValidation(10, 0.3, 4);
  expect([...train, ...validation].sort((a, b) => a - b)).toEqual([...Array(10).keys()]);
  expect(validation).toHaveLength(3);
  expect(splitForValidation(10, 0.3, 4)).toEqual({ train, validation });
  expect(() => splitForValidation(3, 0.1, 1)).toThrow(/none to choose an epoch by/);
});

describe('a job that chooses', () => {
  const of = config({
    images: 40,
    testImages: 10,
    phase: ['guide'],
    arms: ['plain', 'random'],
    epochs: 4,
    best: true,
    patience: 1,
    validation: 0.2,
    guideEvery: 2,
    settle: 0.5,
  });
  const straight = newFolder();

  it('keeps the network of that epoch, says so, and ends an arm that finds no better one', async () => {
    const before = await memoryHeld();
    const { arms } = await job(straight, of).job.run();
    expect(await memoryHeld()).toBe(before);
    const rows = readMetrics(metricsPath(straight)).filter(({ level }) => level === 'epoch');
    for (const { arm, note, updates } of arms) {
      const own = rows.filter((row) => row.arm === arm);
      expect(updates).toBe(own.at(-1)!.step);
      // 32 images in batches of 4.
      expect(own.at(-1)!.step).toBe(8 * own.length);
      const counted = arm === 'random AN' ? own.filter(({ epoch }) => epoch > 2) : own;
      const most = Math.max(...counted.map(({ validationAccuracy }) => Number(validationAccuracy)));
      const best = counted.find(({ validationAccuracy }) => validationAccuracy === most)!;
      expect(note).toContain(`best epoch ${best.epoch}, by validation (`);
      if (own.length < 4) {
        expect(own.length).toBe(best.epoch + 1);
        expect(note).toContain(`ended after ${own.length} of 4 epochs, 1 without a better one`);
      }
      const file = join(straight, `${arm.replace(' ', '-')}-best.safetensors`);
      expect(note).toContain(file.slice(straight.length + 1));
      expect(readNetwork(file).gates === undefined).toBe(arm === 'plain NN');
    }
  });

  it('comes out the same when it was stopped', async () => {
    const cut = newFolder();
    for (let i = 0; ; i++) {
      const ended = await job(cut, of, { signal: stopAfter(11) })
        .job.run({ resume: i > 0 })
        .catch((error) => error);
      if (!(ended instanceof InterruptedError)) break;
    }
    for (const name of ['plain-NN', 'plain-NN-best', 'random-AN', 'random-AN-best'])
      expect(
        readFileSync(join(cut, `${name}.safetensors`)).equals(readFileSync(join(straight, `${name}.safetensors`))),
      ).toBe(true);
  });
});

it('without validation the test images choose, and without best nothing is kept', async () => {
  const folder = newFolder();
  const { arms } = await job(folder, plainConfig({ epochs: 1, patience: 1, validation: 0 })).job.run();
  expect(arms[0].note).toMatch(/^best epoch 1, by the test images: test \d/);
  expect(existsSync(join(folder, 'plain-NN-best.safetensors'))).toBe(false);
});
