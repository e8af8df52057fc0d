// Accuracy against size: which networks are compared and in what order, what is concluded from which numbers, and a document from whatever there is.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { Facts } from '../../bench/common/runs/facts.ts';
import { claimFolder, type Outcome, writeOutcome } from '../../bench/common/runs/outcome.ts';
import { planRuns } from '../../bench/common/runs/plan.ts';
import type { Bench } from '../../bench/common/runs/run-list.ts';
import { baseConfig, type SetName } from '../../bench/common/runs/size.ts';
import { curveNames } from '../../bench/tables/tradeoff/curves.ts';
import { foundPoints } from '../../bench/tables/tradeoff/found.ts';
import { TRADEOFF_OPTIONS } from '../../bench/tables/tradeoff/options.ts';
import { writeTradeoff } from '../../bench/tables/tradeoff/output.ts';
import {
  fractionsOf,
  GROUP,
  groupedOf,
  KEPT,
  type TradeoffRow,
  tradeoffRows,
  type Whole,
  wholeParameters,
} from '../../bench/tables/tradeoff/rows.ts';
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
const rowsOf = (of: Whole, kept: readonly number[]): TradeoffRow[] =>
  tradeoffRows(of, { kept, grouped: groupedOf(kept, false), group: GROUP });

describe('rows', () => {
  const rows = rowsOf(whole, KEPT);
  const ids = rows.map(({ id }) => id);

  it('are told apart, and do not depend on which fractions were asked for', () => {
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(rows.map(({ label }) => label)).size).toBe(ids.length);
    const few = rowsOf(whole, [0.25]);
    for (const row of few) expect(rows).toContainEqual(row);
  });

  it('begin with the whole network and the most telling fraction, seed by seed', () => {
    const runs = planRuns(rows, base, 2);
    const gated = ['magnitude-50', 'random-50', 'search-trained', 'trained-50', 'start-50'];
    const names = ['plain', 'narrow-50', ...gated, 'narrow-25'];
    expect(runs.slice(0, names.length).map(({ id }) => id)).toEqual(names.map((name) => `${MODEL}-${name}-seed1`));
    for (const { row, config } of runs) expect(config.arms).toEqual([row.arm === 'search' ? 'trained' : row.arm]);
    expect(runs.slice(rows.length).every(({ seed }) => seed === 2)).toBe(true);
  });

  it('share one search, unless it is made for one fraction', () => {
    const searches = (of: Whole): string[] =>
      rowsOf(of, [0.5, 0.25]).flatMap(({ arm, id }) => (arm === 'search' ? [id.replace(`${MODEL}-`, '')] : []));
    expect(searches(whole)).toEqual(['search-trained', 'search-group-16-trained', 'search-paper']);
    const own: Whole = {
      ...whole,
      configured: (more) => ({ ...whole.configured(more), searchStructure: more.recipe === 'astrogpu' }),
    };
    expect(searches(own)).toEqual([
      ...['search-trained-50', 'search-trained-25', 'search-group-16-trained-50', 'search-group-16-trained-25'],
      'search-paper',
    ]);
  });

  it('are cut to the parameters that the narrower network has', () => {
    const gated = rows.filter(({ curve, arm }) => !['narrow', 'paper'].includes(curve.id) && arm !== 'search');
    for (const { change, kept } of gated) expect(change).toMatchObject({ recipe: 'astrogpu', targetParams: kept });
    for (const { change } of gated) expect(change.keep).toBeUndefined();
    expect(gated.filter(({ change }) => change.group === 16 && change.gated === 'inner')).toHaveLength(8);
  });

  it('have an astrocyte of random values, and one as a trained one starts, which are not the same', () => {
    const of = (name: string): TradeoffRow => rows.find(({ id }) => id === `${MODEL}-${name}`)!;
    expect(of('search-trained').change).toMatchObject({ zeroInit: true, logitSkipScale: 1 });
    expect(of('start-50')).toMatchObject({ arm: 'random', change: { zeroInit: true, logitSkipScale: 1 } });
    expect(of('random-50').arm).toBe('random');
    const { zeroInit: _, ...shared } = of('start-50').change;
    expect(of('random-50').change).toEqual(shared);
    expect(of('trained-50').curve.rivals).toEqual(['narrow', 'random', 'start', 'magnitude']);
    expect(of('group-16-trained-50').curve.rivals).toEqual([
      ...['narrow', 'group-random', 'group-start', 'group-magnitude'],
    ]);
  });

  it('are of groups at the fractions in the middle, whatever their order', () => {
    expect(groupedOf([0.1, 0.68, 0.25, 0.5], false)).toEqual([0.5, 0.25]);
    expect(groupedOf([0.1, 0.68], false)).toEqual([0.68, 0.1]);
    expect(groupedOf([0.4], false)).toEqual([0.4]);
    expect(groupedOf([0.25, 0.5], true)).toEqual([0.5]);
  });

  it('by a part of the gates are beyond the paper, and say so', () => {
    const paper = rows.filter(({ curve, arm }) => curve.id === 'paper' && arm !== 'search');
    expect(
      paper.map(({ label, beyondPaper }) => [label.replace('recipe paper, trained AN, ', ''), beyondPaper]),
    ).toEqual([['its threshold', false], ...['50', '25', '68', '10'].map((part) => [`${part} % of the gates`, true])]);
    for (const { kept } of paper) expect(kept).toBeUndefined();
  });

  it('can be asked for by their curves', () => {
    expect(new Set(rows.map(({ curve }) => curve.id))).toEqual(new Set(curveNames));
  });

  it('name their folders after fractions, which are read back', () => {
    const odd = [0.5, 0.125, 1 / 3, 0.123456];
    const ids = rowsOf(whole, odd).map(({ id }) => `${id}-seed1`);
    expect(fractionsOf(ids, MODEL).filter((part) => part !== 0.25)).toEqual(
      expect.arrayContaining([0.5, 0.125, 0.123456]),
    );
    expect(fractionsOf([`${MODEL}-plain-seed1`, 'resnet18-trained-50-seed1', 'tradeoff.md'], MODEL)).toEqual([]);
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
      for (const { kept, change, curve, model } of rowsOf(of, KEPT)) {
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
    data: { source: 'drawn', standIn: true, train: 50_000, test: 10_000 },
    quick: true,
    seeds: 2,
    base,
  };
  const rows = rowsOf(whole, [0.5, 0.25]);
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
    expect(text).toContain('1,500 of 50,000 training and 1,000 of 10,000 test images, the same for all rows of a seed');
    expect(text).toContain('- **untrained AN**: what the trained AN starts as');
    expect((await sharp(join(out, 'tradeoff.png')).metadata()).width).toBe(2240);
    const raw = JSON.parse(readFileSync(join(out, 'tradeoff.json'), 'utf8'));
    expect(raw.points[1].runs['2'].arm.accuracy).toBe(0.66);
  });

  it('concludes from the intervals', () => {
    const of = (a: number, b: number, share = 0.5): [number, number][] => [
      [a, share],
      [b, share],
    ];
    const all = points({
      plain: of(0.68, 0.69),
      'narrow-50': of(0.65, 0.66, 0.491),
      'magnitude-50': of(0.66, 0.68),
      'narrow-25': of(0.6, 0.61, 0.244),
      'random-50': of(0.67, 0.68),
      'start-50': of(0.67, 0.68),
      'trained-50': of(0.671, 0.681),
      paper: of(0.5, 0.51, 0.3),
      'paper-50': of(0.55, 0.56, 0.504),
    });
    const [trained] = verdictsOf(all).filter((text) => text.includes('the trained AstroNet is'));
    expect(trained).toBe(
      'At 50.0 % of the parameters the trained AstroNet is 2.1 points [2.1, 2.1] above the narrower network at 49.1 %, 0.1 points [0.1, 0.1] above an astrocyte of random values, 0.1 points [0.1, 0.1] above the astrocyte as it is before its search, not told from the rule of the largest weights (+0.6 [−5.8, +7.0]), and 0.9 points [0.9, 0.9] below the whole plain network.',
    );
    const papers = verdictsOf(all).filter((text) => text.includes("the paper's recipe is"));
    expect(papers).toEqual([
      expect.stringMatching(
        /^With 50 % of the gates \(50\.4 % of the parameters\) .* 10\.0 .* the narrower network at 49\.1 %, 12\.1 .* the trained AstroNet at 50\.0 %,/,
      ),
      expect.stringMatching(
        /^At its threshold \(30\.0 % of the parameters\) .* 10\.0 .* the narrower network at 24\.4 %, 17\.1 /,
      ),
    ]);
  });

  it('gives both panels of its picture one scale, whether all has been timed or not', async () => {
    const out = newFolder();
    const all = points({ plain: [[0.68, 1]], 'narrow-50': [[0.65, 0.49, 0.7]], 'magnitude-50': [[0.4, 0.5]] });
    await writeTradeoff(out, document, all);
    const labels = readFileSync(join(out, 'tradeoff.svg'), 'utf8')
      .split('aria-label="y-axis tick label"')
      .slice(1)
      .map((part) => part.slice(0, part.indexOf('</g>')));
    expect(labels).toHaveLength(2);
    expect(labels[0]).toContain('40');
    expect(labels[1]).toBe(labels[0]);
  });

  it('covers the other fractions that its folder has, and nothing of another configuration', () => {
    const out = newFolder();
    const adapter = { description: 'an adapter' };
    const bench = { gpu: { adapter }, data: { standIn: true }, out } as unknown as Bench;
    const leave = (rows: readonly TradeoffRow[], name: string, change: Partial<JobConfig> = {}, failed = ''): void => {
      const { id, config } = planRuns(rows, base, 1).find(({ row }) => row.id === `${MODEL}-${name}`)!;
      const folder = join(out, id);
      mkdirSync(folder);
      claimFolder(folder, { config: { ...config, ...change }, adapter: adapter.description, standIn: true });
      writeOutcome(folder, failed ? { failed } : [...made({ [name]: [[0.6, 0.5]] }).values()][0]);
    };
    leave(rows, 'plain');
    leave(rows, 'narrow-50', { epochs: 9 });
    leave(rows, 'search-trained', {}, 'the loss is not finite');
    const others = rowsOf(whole, [0.1]);
    leave(others, 'narrow-10');
    leave(others, 'magnitude-10', { lr: 0.4 });
    const found = foundPoints(bench, whole, rows, { group: GROUP, seeds: 1 });
    const of = (name: string) => found.find(({ row }) => row.id === `${MODEL}-${name}`);
    expect(found).toHaveLength(rows.filter(({ arm }) => arm !== 'search').length + 2);
    expect([of('plain'), of('narrow-50'), of('narrow-10')].map((point) => point!.accuracy.n)).toEqual([1, 0, 1]);
    expect(of('magnitude-10')).toBeUndefined();
    for (const name of ['trained-50', 'trained-10'])
      expect([...of(name)!.failures.values()]).toEqual([
        `${MODEL}-search-trained-seed1, whose astrocyte it takes, failed: the loss is not finite`,
      ]);
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
