// Accuracy against size: which networks are compared and in what order, what is concluded from which numbers, and a document from whatever there is.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { Facts } from '../../bench/common/runs/facts.ts';
import type { Outcome } from '../../bench/common/runs/outcome.ts';
import { planRuns } from '../../bench/common/runs/plan.ts';
import { baseConfig } from '../../bench/common/runs/size.ts';
import { TRADEOFF_OPTIONS } from '../../bench/tables/tradeoff/options.ts';
import { writeTradeoff } from '../../bench/tables/tradeoff/output.ts';
import { KEPT, tradeoffRows, wholeParameters } from '../../bench/tables/tradeoff/rows.ts';
import { pointsOf } from '../../bench/tables/tradeoff/summary.ts';
import { relation, verdictsOf } from '../../bench/tables/tradeoff/verdicts.ts';
import { describeModel, networkParameters } from '../../src/models/index.ts';
import { newFolder, removeFolders } from '../support/jobs.ts';

afterAll(removeFolders);

const MODEL = 'resnet-small';
const available = { train: 50_000, test: 10_000 };
const base = baseConfig({ quick: true }, available, 'tradeoff');
const whole = { base, classes: 10 };
const parameters = wholeParameters(whole);

describe('rows', () => {
  const rows = tradeoffRows(whole, KEPT);
  const ids = rows.map(({ id }) => id);

  it('are told apart, and do not depend on which fractions were asked for', () => {
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(rows.map(({ label }) => label)).size).toBe(ids.length);
    const few = tradeoffRows(whole, [0.25]);
    for (const row of few) expect(rows).toContainEqual(row);
  });

  it('begin with the whole network and the most telling fraction, seed by seed', () => {
    const runs = planRuns(rows, base, 2);
    expect(runs.slice(0, 2).map(({ id }) => id)).toEqual([`${MODEL}-plain-seed1`, `${MODEL}-narrow-50-seed1`]);
    expect(runs.slice(rows.length).every(({ seed }) => seed === 2)).toBe(true);
  });

  it('narrow the whole network, which may be narrow itself, to parts of its own parameters', () => {
    const few = { base: baseConfig({ quick: true }, available, 'few'), classes: 10 };
    for (const of of [whole, few]) {
      const total = wholeParameters(of);
      for (const { kept, change, curve, model } of tradeoffRows(of, KEPT)) {
        if (curve.id !== 'narrow' || kept === 1) continue;
        const share = networkParameters(describeModel(model, { width: change.width })) / total;
        expect(share).toBeLessThanOrEqual(kept!);
        expect(share).toBeGreaterThan(0.8 * kept!);
      }
    }
  });
});

it('fractions are read as a list, each once', () => {
  expect(TRADEOFF_OPTIONS.keep.read!('0.5,0.25,0.5', 'keep')).toEqual([0.5, 0.25]);
  expect(() => TRADEOFF_OPTIONS.keep.read!('0.5,1', 'keep')).toThrow('takes a number above 0 to below 1');
});

describe('a document', () => {
  const facts: Facts = {
    command: 'node bench/tables.js tradeoff --quick',
    date: '2026-01-02T03:04:05.000Z',
    adapter: { description: 'an adapter', software: true },
    data: { source: 'drawn', standIn: true },
    quick: true,
    seeds: 2,
    base,
  };
  const rows = tradeoffRows(whole, [0.5, 0.25]);
  /** Outcomes made by hand: accuracy, kept parameters and time in parts of the whole network's, by row and seed. */
  const made = (of: Record<string, [accuracy: number, share: number, time?: number][]>): Map<string, Outcome> =>
    new Map(
      Object.entries(of).flatMap(([id, list]) =>
        list.map(([accuracy, share, time], i): [string, Outcome] => [
          `${MODEL}-${id}-seed${i + 1}`,
          {
            config: base,
            arm: {
              arm: id,
              accuracy,
              parametersTotal: parameters,
              parametersKept: share * parameters,
              parametersStructural: share * parameters,
              updates: 120,
              seconds: 1,
            },
            ...(time !== undefined && { time: { median: time, low: time - 0.05, high: time + 0.05 } }),
            e: {},
            date: '',
          },
        ]),
      ),
    );
  const points = (of: Parameters<typeof made>[0]) => pointsOf(rows, made(of), { seeds: 2, whole: parameters });
  const document = { name: 'tradeoff', title: 'Accuracy against size', facts, notes: ['A note.'] };

  it('is left whole by what there is', async () => {
    const out = newFolder();
    const some = points({
      plain: [
        [0.68, 1],
        [0.69, 1],
      ],
      'narrow-50': [
        [0.65, 0.49, 0.7],
        [0.66, 0.49, 0.8],
      ],
    });
    expect(some[1].time).toEqual({ median: 0.75, low: expect.closeTo(0.65, 9), high: expect.closeTo(0.85, 9) });
    const text = await writeTradeoff(out, document, some);
    expect(readdirSync(out).sort()).toEqual(['tradeoff.json', 'tradeoff.md', 'tradeoff.png', 'tradeoff.svg']);
    expect(text).toContain('**SMALL VERSION (--quick)');
    expect(text).toContain('STAND-IN DATA');
    expect(text).toMatch(
      /^\| plain, narrower to 50 % +\| +2 \| +65\.50 ± 0\.71 \|.* 49\.0 % .* 75\.0 %, from 65 to 85 %/m,
    );
    expect(text).toMatch(/^\| plain, narrower to 25 % +\| +0 \| +not run yet \|/m);
    expect(text).toContain('- A note.');
    expect((await sharp(join(out, 'tradeoff.png')).metadata()).width).toBe(2240);
    const raw = JSON.parse(readFileSync(join(out, 'tradeoff.json'), 'utf8'));
    expect(raw.points[1].runs['2'].arm.accuracy).toBe(0.66);
  });

  it('says nothing before there is something to compare', () => {
    expect(verdictsOf(points({ plain: [[0.68, 1]], 'narrow-50': [[0.65, 0.49]] }))).toEqual([]);
  });
});

it.each([
  [{ n: 3, mean: 2.1, low: 0.9, high: 3.3 }, '2.1 points [0.9, 3.3] above it'],
  [{ n: 3, mean: -2.1, low: -3.3, high: -0.9 }, '2.1 points [0.9, 3.3] below it'],
  [{ n: 3, mean: 0.1, low: -0.8, high: 1 }, 'not told from it (+0.1 [−0.8, +1.0])'],
  [{ n: 1, mean: -0.3 }, '−0.3 points to it (1 seed: no interval)'],
])('of %j says "%s"', (difference, expected) => expect(relation(difference, 'it')).toBe(expected));
