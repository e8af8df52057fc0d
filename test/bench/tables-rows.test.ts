// What a table asks for: the rows of each table of the paper, the runs that they come to, and the options that change them.
import { describe, expect, it } from 'vitest';
import { COMMON, numberedHelp, outFolder, parseCommand } from '../../bench/common/runs/options.ts';
import { table1, table2, table3, table4 } from '../../bench/common/runs/paper.ts';
import { configOf, planRuns } from '../../bench/common/runs/plan.ts';
import { changeTo, type TablePlan } from '../../bench/common/runs/row.ts';
import { baseConfig, comparable, smallness } from '../../bench/common/runs/size.ts';
import { readingsTable } from '../../bench/tables/readings.ts';
import { UsageError } from '../../src/cli/common/options.ts';
import type { JobConfig } from '../../src/train/config.ts';

const available = { train: 50_000, test: 10_000 };
const full = baseConfig({}, available);
const quick = baseConfig({ quick: true }, available);
const imagenet = { train: 1_281_167, test: 50_000 };
const vit = baseConfig({}, imagenet, 'imagenet');
const ours = { recipe: 'astrogpu', targetParams: 0.5 } as const;
const own = changeTo(baseConfig({}, available, 'cifar', ours), full);
const tables: [string, TablePlan, JobConfig][] = [
  ['1', table1('resnet18', own), full],
  ['2', table2('resnet18', { deep: 'resnet34', own }), full],
  ['3', table3('resnet18', own), full],
  ['readings', readingsTable(full, { quick: false }), full],
  ['readings, quick', readingsTable(quick, { quick: true }), quick],
  ['4', table4('vit-b-16'), vit],
  ['4, with ours', table4('vit-b-16', changeTo(baseConfig({}, imagenet, 'imagenet', ours), vit)), vit],
];

/** Dotted names of what differs, with the values of the second. */
function changes(a: object, b: object, path = ''): Record<string, unknown> {
  return Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => {
      const [left, right] = [a, b].map((side) => (side as Record<string, unknown>)[key]);
      if (JSON.stringify(left) === JSON.stringify(right)) return [];
      if (left && right && typeof left === 'object' && !Array.isArray(left))
        return Object.entries(changes(left, right as object, `${path}${key}.`));
      return [[path + key, right]];
    }),
  );
}

describe('rows', () => {
  it.each(tables)('of table %s are told apart, and have their controls', (_, { rows }, base) => {
    const ids = rows.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const labels = rows.map(({ label }) => label);
    expect(new Set(labels).size).toBe(labels.length);
    const runs = rows.map((row) => JSON.stringify([configOf(row, 1, base), row.narrowOf, row.keepsAs]));
    expect(new Set(runs).size).toBe(runs.length);
    for (const { arm, controls, narrowOf, keepsAs = narrowOf } of rows) {
      expect(controls !== undefined).toBe(arm === 'trained');
      for (const control of Object.values(controls ?? {})) expect(ids).toContain(control);
      if (arm === 'narrow' || keepsAs !== undefined) expect(ids).toContain(keepsAs);
    }
  });

  it('that tables share are the same run', () => {
    const seen = new Map<string, string>();
    for (const [, { rows }, base] of tables.slice(0, 4))
      for (const row of rows) {
        const run = JSON.stringify([configOf(row, 1, base), row.narrowOf, row.keepsAs]);
        expect(seen.get(row.id) ?? run).toBe(run);
        seen.set(row.id, run);
      }
    for (const [, { rows }] of tables.slice(1, 4)) expect(rows.map(({ id }) => id)).toContain('resnet18-unet');
  });

  const differences = ({ rows }: TablePlan, base: JobConfig): Record<string, unknown> => {
    const unet = configOf(rows.find(({ id }) => id.endsWith('-unet'))!, 1, base);
    const trained = rows.filter(({ arm, model }) => arm === 'trained' && model === base.model);
    return Object.fromEntries(trained.map((row) => [row.label, changes(unet, configOf(row, 1, base))]));
  };

  it('differ from the default by what they say', () => {
    expect(differences(table1('resnet18'), full)).toEqual({
      'AN-CNN': { an: 'cnn' },
      'AN-FCN': { an: 'fcn' },
      'AN-UNet': {},
    });
    expect(differences(table2('resnet18'), full)).toEqual({
      'λ = 0': { lambda: 0 },
      'λ = 1e-4': { lambda: 1e-4 },
      'λ = 1e-3': {},
      'λ = 1e-2': { lambda: 1e-2 },
      'λ = 1e-1': { lambda: 0.1 },
    });
    expect(differences(table3('resnet18'), full)).toEqual({
      'G average': { g: 'avg' },
      'G largest': { g: 'max' },
      'G mixture': {},
    });
    const skip = { keep: 0.68, absolute: true, logitSkipScale: 1, shift: 2 };
    expect(differences(readingsTable(full, { quick: false }), full)).toEqual({
      baseline: {},
      compound: { mode: 'compound' },
      'gate filter': { gate: 'filter' },
      'gate channel': { gate: 'channel' },
      'shift +2': { shift: 2 },
      'shift +4': { shift: 4 },
      'keep 0.68, shift +2': { keep: 0.68, shift: 2 },
      'keep 0.9, shift +4': { keep: 0.9, shift: 4 },
      'gate filter, keep 0.8': { keep: 0.8, gate: 'filter' },
      'skip of |W|, keep 0.68, shift +2': skip,
      'gate filter, skip of |W|, keep 0.8': {
        keep: 0.8,
        gate: 'filter',
        absolute: true,
        logitSkipScale: 1,
      },
      'skip of |W| from zero, keep 0.68, shift +2': { ...skip, zeroInit: true },
      'axial, skip of |W| from zero, keep 0.68, shift +2': { ...skip, zeroInit: true, an: 'axial' },
      'sees Taylor terms, skip of |W| from zero, keep 0.68, shift +2': { ...skip, zeroInit: true, input: 'taylor' },
      'ranked by layer, skip of |W|, keep 0.68, shift +2': { ...skip, ranking: 'layer' },
      'ranked by P · |W|, skip of |W|, keep 0.68, shift +2': { ...skip, ranking: 'strength' },
      'binary gates, skip of |W|, keep 0.68, shift +2': { ...skip, gateValues: 'binary' },
      'search under the structure, skip of |W|, keep 0.68, shift +2': { ...skip, searchStructure: true },
      'guideEvery 10': { guideEvery: 10 },
      'guideEvery 50': { guideEvery: 50 },
      'held-out 0.1': { heldOut: 0.1 },
      'held-out 0.5': { heldOut: 0.5 },
      'U relu': { u: 'relu' },
      'U hard': { u: 'hard' },
      'temperature 0.5': { temperature: 0.5 },
      'settle 0.5': { settle: 0.5 },
      'sees the scale of the norm, too': { input: 'scale' },
      'sees the gradient, too': { input: 'gradient' },
      'budget 0.1': { sparsityWeight: 0.1 },
      through: { backpropThroughGates: true },
      'three times the search (45 epochs)': { searchEpochs: 45 },
    });
  });

  it('of the recipe of this project keep what the AN-UNet keeps, in every table of the paper', () => {
    for (const [, { rows, notes }, base] of tables.filter(
      ([name]) => !['readings', 'readings, quick', '4'].includes(name),
    )) {
      const found = rows.filter(({ keepsAs }) => keepsAs !== undefined);
      expect(found.map(({ model, keepsAs }) => keepsAs === `${model}-unet`)).toEqual(found.map(() => true));
      expect(new Set(rows.map(({ model }) => model)).size).toBe(found.length);
      expect(notes.some((note) => note.startsWith('The recipe astrogpu is to keep what'))).toBe(true);
      for (const row of found) {
        expect(row).toMatchObject({ label: expect.stringContaining('recipe astrogpu'), beyondPaper: true });
        expect(configOf(row, 1, base)).toMatchObject({
          recipe: 'astrogpu',
          an: 'axial',
          gated: 'inner',
          arms: ['trained'],
        });
      }
    }
  });

  it('of controls differ by their phases alone, and a reading that changes the gates has its own random AN', () => {
    const { rows } = readingsTable(full, { quick: false });
    const of = (id: string): JobConfig => configOf(rows.find((row) => row.id === `resnet18-${id}`)!, 1, full);
    expect(changes(of('unet'), of('plain'))).toEqual({ phase: ['guide'], arms: ['plain'] });
    expect(changes(of('unet'), of('random'))).toEqual({ phase: ['guide'], arms: ['random'] });
    expect(changes(of('keep-68'), of('keep-68-random'))).toEqual({ phase: ['guide'], arms: ['random'] });
    const controls = (id: string) => rows.find((row) => row.id === `resnet18-${id}`)!.controls!;
    expect(controls('held-10').random).toBe('resnet18-random');
    expect(controls('through').random).toBe('resnet18-random');
    expect(controls('budget').random).toBe('resnet18-random');
    expect(controls('search-3').random).toBe('resnet18-random');
    expect(controls('structure-68').random).toBe('resnet18-skip-68-random');
    expect(controls('scale').random).toBe('resnet18-scale-random');
    expect(controls('settle-50').random).toBe('resnet18-settle-50-random');
  });

  it('carry the figures that the paper reports', () => {
    const figures = ({ rows }: TablePlan): string[] =>
      rows.flatMap(({ label, published }) =>
        published
          ? [`${label}: ${published.accuracy}${published.std ? `±${published.std}` : ''} / ${published.parameters}`]
          : [],
      );
    expect(figures(table1('resnet18'))).toEqual([
      'plain NN: 92.8 / 11.17',
      'AN-CNN: 94.21 / 7.9',
      'AN-FCN: 94.31±0.17 / 7.8',
      'AN-UNet: 94.35±0.14 / 7.6',
    ]);
    expect(figures(table2('resnet18', { deep: 'resnet34' }))).toEqual([
      'resnet18, plain NN: 92.8 / 11.17',
      'resnet18, λ = 0: 94.25±0.2 / 7.8',
      'resnet18, λ = 1e-4: 94.33±0.16 / 7.7',
      'resnet18, λ = 1e-3: 94.35±0.14 / 7.6',
      'resnet18, λ = 1e-2: 94.32±0.13 / 7.6',
      'resnet18, λ = 1e-1: 94.27±0.11 / 7.4',
      'resnet34, plain NN: 93.56 / 21.28',
      'resnet34, λ = 0: 94.42±0.19 / 9.9',
      'resnet34, λ = 1e-4: 94.49±0.17 / 9.7',
      'resnet34, λ = 1e-3: 94.51±0.13 / 9.7',
      'resnet34, λ = 1e-2: 94.32±0.14 / 9.5',
      'resnet34, λ = 1e-1: 94.27±0.12 / 9.4',
    ]);
    expect(figures(table3('resnet18'))).toEqual([
      'plain NN: 92.8 / 11.17',
      'G average: 94.32 / 7.6',
      'G largest: 94.31 / 7.8',
      'G mixture: 94.35±0.14 / 7.6',
    ]);
  });

  it('say which baseline they are read against, as it is configured', () => {
    const note = (base: JobConfig): string => readingsTable(base, { quick: false }).notes[0];
    expect(note(full)).toContain(
      'connection gates, replace, U sigmoid, shift 0, threshold 0.5, settle 0.3, held-out 0.2, guideEvery 1, updates at each t',
    );
    expect(note(quick)).toContain('guideEvery 10, updates at t = T');
    const other = { ...full, shift: 2, keep: 0.9 };
    expect(note(other)).toContain('shift 2, keep 0.9, settle 0.3');
  });

  it('name what is beyond the paper', () => {
    const beyond = readingsTable(full, { quick: false }).rows.filter((row) => row.beyondPaper && row.arm === 'trained');
    expect(beyond.map(({ label }) => label)).toEqual([
      ...['gate channel', 'shift +2', 'shift +4', 'keep 0.68, shift +2', 'keep 0.9, shift +4'],
      ...['gate filter, keep 0.8', 'skip of |W|, keep 0.68, shift +2'],
      ...['gate filter, skip of |W|, keep 0.8', 'skip of |W| from zero, keep 0.68, shift +2'],
      'axial, skip of |W| from zero, keep 0.68, shift +2',
      'sees Taylor terms, skip of |W| from zero, keep 0.68, shift +2',
      'ranked by layer, skip of |W|, keep 0.68, shift +2',
      'ranked by P · |W|, skip of |W|, keep 0.68, shift +2',
      'binary gates, skip of |W|, keep 0.68, shift +2',
      'search under the structure, skip of |W|, keep 0.68, shift +2',
      ...['guideEvery 10', 'guideEvery 50', 'temperature 0.5'],
      ...['sees the scale of the norm, too', 'sees the gradient, too', 'budget 0.1'],
    ]);
  });

  it('a small version says how small it is, and is not drawn beside the paper', () => {
    expect(smallness(full)).toEqual([]);
    expect(comparable(full, false)).toBe(true);
    expect(comparable(full, true)).toBe(false);
    expect(smallness(quick).join()).toContain('resnet-small in place of resnet18,1500 of 50000 training images');
    expect(comparable(quick, false)).toBe(false);
    // What the marks call incomparable is not drawn on one scale with the paper either.
    for (const options of [{ epochs: 2 }, { searchEpochs: 1 }, { images: 40_000 }, { testImages: 9_000 }]) {
      const less = baseConfig(options, available);
      expect(smallness(less)).toHaveLength(1);
      expect(comparable(less, false)).toBe(false);
    }
    expect(smallness({ ...full, width: 0.25 })).toEqual(['resnet18 at 0.25 of its width']);
  });
});

describe('planRuns', () => {
  const { rows } = table1('resnet-small');

  it('goes seed by seed, narrow runs after their partners', () => {
    const ids = planRuns(rows, quick, 2).map(({ id }) => id);
    expect(ids).toHaveLength(12);
    expect(ids.slice(0, 2)).toEqual(['resnet-small-plain-seed1', 'resnet-small-random-seed1']);
    expect(ids.indexOf('resnet-small-narrow-seed1')).toBe(5);
    expect(ids.slice(6).every((id) => id.endsWith('seed2'))).toBe(true);
  });

  it('takes rows by name, with the partner of a narrow one', () => {
    const wanted = planRuns(rows, quick, 1, ['resnet-small-narrow']).filter((run) => run.wanted);
    expect(wanted.map(({ id }) => id)).toEqual(['resnet-small-unet-seed1', 'resnet-small-narrow-seed1']);
    const ownWanted = planRuns(table1('resnet-small', own).rows, quick, 1, ['resnet-small-astrogpu']);
    expect(ownWanted.filter((run) => run.wanted).map(({ row, partner }) => [row.id, partner])).toEqual([
      ['resnet-small-unet', undefined],
      ['resnet-small-astrogpu', 'resnet-small-unet-seed1'],
    ]);
    expect(() => planRuns(rows, quick, 1, ['narrow'])).toThrow(UsageError);
    expect(() => planRuns(rows, quick, 1, ['narrow'])).toThrow(
      /^--only narrow: there is no such row; there are resnet-/,
    );
  });

  it('weighs searches', () => {
    const [plain, random, , , unet] = planRuns(rows, quick, 1).map(({ work }) => work);
    expect(plain).toBeLessThan(random!);
    expect(random).toBeLessThan(unet!);
  });
});

describe('the command line', () => {
  const command = {
    ...{ name: 'node bench/tables.js', numbers: [1, 2, 3, 4], about: ['Tables.'], options: COMMON },
    own: { epochs: 3 },
  };
  it('takes one table and its options', () => {
    const { number, options } = parseCommand(command, ['2', '--quick', '--seeds', '4', '--only', 'a,b']);
    expect(number).toBe(2);
    expect(options).toEqual({ quick: true, seeds: 4, only: ['a', 'b'] });
    expect([outFolder(options), outFolder({}), outFolder({ out: 'x' })]).toEqual([
      'runs/tables-quick',
      'runs/tables',
      'x',
    ]);
    expect(parseCommand(command, ['3', '--epochs', '4']).options).toEqual({ epochs: 4 });
    expect(numberedHelp(command)).toMatch(/^ {2}node bench\/tables\.js 1\|2\|3\|4 \[options\]$/m);
  });

  it.each([
    [[], 'takes one of 1, 2, 3, 4'],
    [['5'], 'takes one of 1, 2, 3, 4'],
    [['1', '2'], 'takes one of 1, 2, 3, 4'],
    [['1', '--seeds', '0'], '--seeds 0: takes a whole number from 1'],
    [['1', '--nonsense'], "'--nonsense'"],
    [
      ['1', '--epochs', '4'],
      '--epochs belongs to node bench/tables.js 3 alone, and node bench/tables.js 1 does not take it',
    ],
  ])('%j is refused', (args, why) => {
    expect(() => parseCommand(command, args)).toThrow(UsageError);
    expect(() => parseCommand(command, args)).toThrow(why);
  });
});
