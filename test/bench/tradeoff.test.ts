// Accuracy against size: which networks are compared and in what order, what is concluded from which numbers, and a document from whatever there is.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { Facts } from '../../bench/common/runs/facts.ts';
import type { Outcome } from '../../bench/common/runs/outcome.ts';
import { planRuns } from '../../bench/common/runs/plan.ts';
import { baseConfig, type SetName } from '../../bench/common/runs/size.ts';
import { TRADEOFF_OPTIONS } from '../../bench/tables/tradeoff/options.ts';
import { writeTradeoff } from '../../bench/tables/tradeoff/output.ts';
import { KEPT, tradeoffRows, type Whole, wholeParameters } from '../../bench/tables/tradeoff/rows.ts';
import { pointsOf } from '../../bench/tables/tradeoff/summary.ts';
import { relation, verdictsOf } from '../../bench/tables/tradeoff/verdicts.ts';
import { describeModel, networkParameters } from '../../src/models/index.ts';
import type { JobConfig } from '../../src/train/config.ts';
import { JOB_OPTIONS } from '../../src/train/options/table.ts';
import { newFolder, removeFolders } from '../support/jobs.ts';

afterAll(removeFolders);

const MODEL = 'resnet-small';
const available = { train: 50_000, test: 10_000 };
const wholeOf = (set: SetName): Whole => {
  const configured: Whole['configured'] = (more) => baseConfig({ quick: true }, available, set, more);
  return { base: configured({ recipe: 'paper' }), classes: 10, configured };
};
const whole = wholeOf('tradeoff');
const { base } = whole;
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
    const names = ['plain', 'narrow-50', 'magnitude-50', 'random-50', 'search-trained', 'trained-50', 'narrow-25'];
    expect(runs.slice(0, names.length).map(({ id }) => id)).toEqual(names.map((name) => `${MODEL}-${name}-seed1`));
    for (const { row, config } of runs) expect(config.arms).toEqual([row.arm === 'search' ? 'trained' : row.arm]);
    expect(runs.slice(rows.length).every(({ seed }) => seed === 2)).toBe(true);
  });

  it('share one search, unless it is made for one fraction', () => {
    const searches = (of: Whole): string[] =>
      tradeoffRows(of, [0.5, 0.25]).flatMap(({ arm, id }) => (arm === 'search' ? [id.replace(`${MODEL}-`, '')] : []));
    expect(searches(whole)).toEqual(['search-trained', 'search-group-trained', 'search-paper']);
    const own: Whole = {
      ...whole,
      configured: (more) => ({ ...whole.configured(more), searchStructure: more.recipe === 'astrogpu' }),
    };
    expect(searches(own)).toEqual([
      ...['search-trained-50', 'search-trained-25', 'search-group-trained-50', 'search-paper'],
    ]);
  });

  it('are cut to the parameters that the narrower network has', () => {
    const gated = rows.filter(({ curve, arm }) => !['narrow', 'paper'].includes(curve.id) && arm !== 'search');
    for (const { change, kept } of gated) expect(change).toMatchObject({ recipe: 'astrogpu', targetParams: kept });
    for (const { change } of gated) expect(change.keep).toBeUndefined();
    expect(gated.filter(({ change }) => change.group === 4)).toHaveLength(6);
  });

  it('differ in nothing that a plain network sees', () => {
    for (const { change, arm } of rows) {
      const names = Object.keys(change) as (keyof JobConfig)[];
      const seen = names.filter((name) => ['data', 'network', 'training'].includes(JOB_OPTIONS[name].group!));
      expect(seen).toEqual(arm === 'plain' && names.length > 0 ? ['width'] : []);
      expect(names).not.toContain('epochs');
    }
  });

  it('narrow the whole network, which may be narrow itself, to parts of its own parameters', () => {
    for (const of of [whole, wholeOf('few')]) {
      const total = wholeParameters(of);
      for (const { kept, change, curve, model } of tradeoffRows(of, KEPT)) {
        if (curve.id !== 'narrow' || kept === undefined || kept === 1) continue;
        const share = networkParameters(describeModel(model, { width: change.width })) / total;
        expect(share).toBeLessThanOrEqual(kept);
        expect(share).toBeGreaterThan(0.8 * kept);
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

  it('concludes from the intervals', () => {
    const of = (a: number, b: number): [number, number][] => [
      [a, 0.5],
      [b, 0.5],
    ];
    const all = points({
      plain: of(0.68, 0.69),
      'narrow-50': of(0.65, 0.66),
      'magnitude-50': of(0.66, 0.68),
      'random-50': of(0.67, 0.68),
      'trained-50': of(0.671, 0.681),
      paper: of(0.5, 0.51),
    });
    const [trained] = verdictsOf(all).filter((text) => text.includes('the trained AstroNet is'));
    expect(trained).toBe(
      'At 50 % of the parameters the trained AstroNet is 2.1 points [2.1, 2.1] above the narrower network, 0.1 points [0.1, 0.1] above the untrained astrocyte, not told from the rule of the largest weights (+0.6 [−5.8, +7.0]), and 0.9 points [0.9, 0.9] below the whole plain network.',
    );
    expect(verdictsOf(all).at(-1)).toMatch(/^At its threshold \(50 % of the parameters\) the paper's recipe is 18\.0 /);
  });

  it('says nothing before there is something to compare', async () => {
    expect(await writeTradeoff(newFolder(), document, points({}))).toContain('not run yet');
    expect(verdictsOf(points({ plain: [[0.68, 1]], 'narrow-50': [[0.65, 0.49]] }))).toEqual([]);
  });
});

it.each([
  [{ n: 3, mean: 2.1, low: 0.9, high: 3.3 }, '2.1 points [0.9, 3.3] above it'],
  [{ n: 3, mean: -2.1, low: -3.3, high: -0.9 }, '2.1 points [0.9, 3.3] below it'],
  [{ n: 3, mean: 0.1, low: -0.8, high: 1 }, 'not told from it (+0.1 [−0.8, +1.0])'],
  [{ n: 1, mean: -0.3 }, '−0.3 points to it (1 seed: no interval)'],
])('of %j says "%s"', (difference, expected) => expect(relation(difference, 'it')).toBe(expected));
