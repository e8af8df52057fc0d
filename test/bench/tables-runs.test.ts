// A list of runs: each is done once, and being stopped anywhere changes nothing of what comes out.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  claimFolder,
  type Failed,
  isUnderWay,
  type Outcome,
  readOutcome,
  TableError,
} from '../../bench/common/runs/outcome.ts';
import { planRuns } from '../../bench/common/runs/plan.ts';
import { narrowRow, ownRow, plainRow, type Row, randomRow, trainedRow, unetRow } from '../../bench/common/runs/row.ts';
import { type Bench, runAll } from '../../bench/common/runs/run-list.ts';
import { drawStandIn } from '../../src/data/synthetic/stand-in.ts';
import { ConfigError, OutOfMemoryError } from '../../src/gpu/device/errors.ts';
import { InterruptedError } from '../../src/train/run/job.ts';
import { gpu } from '../support/gpu.ts';
import { config, newFolder, removeFolders } from '../support/jobs.ts';

afterAll(removeFolders);

const MODEL = 'resnet-small';
const base = config({ images: 16, testImages: 10 });
const four: Row[] = [plainRow(MODEL), randomRow(MODEL), unetRow(MODEL, 'AN-UNet'), narrowRow(MODEL)];
/** A bench in a folder; `lines` gathers what it says. */
function benchIn(out: string, change: Partial<Bench> = {}): { bench: Bench; lines: string[] } {
  const lines: string[] = [];
  const data = { ...drawStandIn({ train: 16, test: 10, seed: 9 }), source: 'drawn', standIn: true };
  return { bench: { gpu, data, out, say: (line) => lines.push(line), checkpointEvery: 0, ...change }, lines };
}

/** Is consulted after every step; from the nth time on it acts. */
const signalAfter = (steps: number, act: () => boolean): AbortSignal =>
  ({
    get aborted() {
      return --steps < 0 && act();
    },
  }) as AbortSignal;

/** What of outcomes must not depend on how often they were stopped. */
const results = (outcomes: ReadonlyMap<string, Outcome>): unknown =>
  [...outcomes].map(([id, outcome]) => {
    if ('failed' in outcome) return [id, outcome];
    const { accuracy, parametersKept, updates } = outcome.arm!;
    return [id, accuracy, parametersKept, updates, outcome.e, outcome.config];
  });

describe('runAll', () => {
  const straight = newFolder();
  const runs = planRuns(four, base, 1);
  const stamp = (out: string): unknown =>
    runs.map(({ id }) => readdirSync(join(out, id)).map((name) => [name, statSync(join(out, id, name)).mtimeMs]));
  let wanted: unknown;

  it('does every run once, and thins a network to what its partner keeps', async () => {
    const { bench, lines } = benchIn(straight);
    const outcomes = await runAll(bench, runs);
    wanted = results(outcomes);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(
      /^\[1\/4\] plain NN, seed 1: \d+\.\d %, 78,042 parameters kept \(100 %\), .*; about .* left$/,
    );
    const arms = ['unet', 'narrow'].map((id) => {
      const outcome = outcomes.get(`${MODEL}-${id}-seed1`)!;
      if ('failed' in outcome) throw new Error(outcome.failed);
      return outcome.arm!;
    });
    expect(arms[0].parametersKept).toBeLessThan(78_042);
    expect(arms[1].parametersTotal).toBeLessThanOrEqual(arms[0].parametersKept);
    expect(arms[1].parametersTotal).toBeGreaterThan(0.9 * arms[0].parametersKept);
    expect(arms[1].updates).toBe(arms[0].updates);
    for (const { id } of runs) {
      expect(readdirSync(join(straight, id))).toContain('result.json');
      expect(readdirSync(join(straight, id)).filter((name) => name.startsWith('checkpoint'))).toEqual([]);
    }
  });

  it('gives a row the budget that another one has used', async () => {
    const row = ownRow(MODEL, { recipe: 'astrogpu', gated: 'inner', targetParams: 0.5 });
    const outcomes = await runAll(benchIn(straight).bench, planRuns([...four, row], base, 1, [row.id]));
    const [unet, own] = ['unet', 'astrogpu'].map((id) => {
      const outcome = outcomes.get(`${MODEL}-${id}-seed1`)!;
      if ('failed' in outcome) throw new Error(outcome.failed);
      return outcome;
    });
    const part = unet.arm!.parametersKept / 78_042;
    expect(own.config.targetParams).toBeCloseTo(part, 12);
    // Under gates of filters a budget is of what compaction leaves.
    expect(own.arm!.parametersStructural / 78_042).toBeLessThanOrEqual(part);
    expect(own.arm!.parametersStructural / 78_042).toBeGreaterThan(part - 0.01);
  });

  it('never does a finished run again', async () => {
    const before = stamp(straight);
    const { bench, lines } = benchIn(straight);
    expect(results(await runAll(bench, runs))).toEqual(wanted);
    expect(lines.every((line) => line.endsWith('(finished before)'))).toBe(true);
    expect(stamp(straight)).toEqual(before);
  });

  it('stopped between runs and within them, killed and interrupted, comes to the same', async () => {
    const out = newFolder();
    const dies = (): boolean => {
      throw new Error('killed');
    };
    // A run looks at the signal before it begins and after each step. The plain NN dies in its third step of four, and goes on with it.
    await expect(runAll(benchIn(out, { signal: signalAfter(3, dies) }).bench, runs)).rejects.toThrow('killed');
    expect(readOutcome(join(out, runs[0].id))).toBeUndefined();
    expect(isUnderWay(join(out, runs[0].id))).toBe(true);
    const interrupted = benchIn(out, { signal: signalAfter(6, () => true) });
    const error = await runAll(interrupted.bench, runs).catch((error) => error);
    expect(error).toBeInstanceOf(InterruptedError);
    expect(error.message).toBe('interrupted and saved after step 3 of the guide phase (random AN)');
    expect(interrupted.lines).toHaveLength(1);
    const between = benchIn(out, { signal: signalAfter(0, () => true) });
    await expect(runAll(between.bench, runs)).rejects.toThrow('interrupted between two runs');
    let looks = 0;
    const counted = signalAfter(0, () => ++looks < 0);
    expect(results(await runAll(benchIn(out, { signal: counted }).bench, runs))).toEqual(wanted);
    // The random AN's last step, three of the search and four of the guide, four of the narrower NN; and one before each run.
    expect(looks).toBe(1 + 7 + 4 + 3);
  });

  it('lets a row take the astrocyte of another, as if it had searched itself, times what is smaller, and says when each is done', async () => {
    const out = newFolder();
    const search: Row = { id: 'search', label: 'a search', model: MODEL, arm: 'search', change: {} };
    const taken: Row = { ...unetRow(MODEL, 'taken'), id: 'taken', astrocyteOf: 'search' };
    const half: Row = { ...plainRow(MODEL), id: 'half', label: 'half', change: { width: 0.5 } };
    const list = planRuns([taken, search, half], base, 1);
    expect(list.map(({ id }) => id)).toEqual(['search-seed1', 'taken-seed1', 'half-seed1']);
    expect(planRuns([taken, search], base, 1, ['taken']).every((run) => run.wanted)).toBe(true);
    let done = 0;
    const afterEach = async (): Promise<void> => {
      done++;
    };
    const { bench } = benchIn(out, { whole: base, afterEach });
    const outcomes = await runAll(bench, list);
    expect(done).toBe(3);
    const [itself, other] = [readOutcome(join(straight, `${MODEL}-unet-seed1`)), outcomes.get('taken-seed1')];
    if (!itself || 'failed' in itself || !other || 'failed' in other) throw new Error('a run failed');
    expect(other.arm).toMatchObject({ accuracy: itself.arm!.accuracy, parametersKept: itself.arm!.parametersKept });
    expect(other.config.astrocyte).toBe(join('..', 'search-seed1', 'astrocyte.safetensors'));
    expect(other.arm!.compact).toBeDefined();
    expect(outcomes.get('half-seed1')).toMatchObject({ time: { median: expect.any(Number) } });
    expect([...(await runAll(benchIn(out, { whole: base, afterEach }).bench, list)).keys()]).toHaveLength(3);
    expect(done).toBe(3);
  });

  it('refuses a folder of other runs, in one line', async () => {
    const other = planRuns(four, { ...base, epochs: 2 }, 1);
    const error = await runAll(benchIn(straight).bench, other).catch((error) => error);
    expect(error).toBeInstanceOf(TableError);
    expect(error.message).toBe(
      `${join(straight, runs[0].id, 'config.json')} has config.epochs = 1, and this is 2: take another --out, or the options of that run`,
    );
    const { data } = benchIn(straight).bench;
    const real = { data: { ...data, standIn: false } };
    await expect(runAll(benchIn(straight, real).bench, runs)).rejects.toThrow('has standIn = true, and this is false');
  });

  it('goes on after a run that fails, and does not try it again', async () => {
    const out = newFolder();
    const bad = trainedRow(MODEL, 'unet', 'AN-UNet', { anLr: 1e30 });
    const list = planRuns([bad, plainRow(MODEL), narrowRow(MODEL)], base, 1);
    for (const again of [false, true]) {
      const { bench, lines } = benchIn(out);
      const outcomes = await runAll(bench, list);
      expect(outcomes.get(list[0].id)).toMatchObject({
        failed: expect.stringMatching(/^the loss of .* is not finite/),
      });
      expect(lines[0]).toMatch(/^\[1\/3\] AN-UNet, seed 1: FAILED: the loss of/);
      expect(lines[0].endsWith('(finished before)')).toBe(again);
      expect(outcomes.get(`${MODEL}-plain-seed1`)).toHaveProperty('arm');
      const { failed } = outcomes.get(list[0].id) as Failed;
      expect(lines[2]).toBe(
        `[3/3] narrower plain NN, seed 1: left out: ${list[0].id}, which it is narrowed to, failed: ${failed}`,
      );
      expect(existsSync(join(out, `${MODEL}-narrow-seed1`))).toBe(false);
    }
  });

  it('takes what only one row cannot do as the failure of that row', async () => {
    const row: Row = { id: 'half', label: 'half', model: MODEL, arm: 'magnitude', change: { keep: 0.5 } };
    const cannot = new ConfigError('keep', (name) => `${name('keep', 0.5)}: no network is left`);
    /** Of a run that throws in its first step. */
    const throwing = (error: Error, change: Row['change'], common: object = {}) => {
      let thrown = false;
      const once = (): boolean => {
        if (thrown) return false;
        thrown = true;
        throw error;
      };
      const { bench, lines } = benchIn(newFolder(), { signal: signalAfter(1, once) });
      const list = planRuns([{ ...row, change }, plainRow(MODEL)], { ...base, ...common }, 1);
      return { done: runAll(bench, list), lines };
    };
    const { done, lines } = throwing(cannot, row.change);
    const outcomes = await done;
    expect(outcomes.get('half-seed1')).toEqual({ failed: 'keep 0.5: no network is left' });
    expect(lines[0]).toMatch(/^\[1\/2\] half, seed 1: FAILED: keep 0\.5: no network is left/);
    expect(outcomes.get(`${MODEL}-plain-seed1`)).toHaveProperty('arm');
    await expect(throwing(cannot, {}, row.change).done).rejects.toBe(cannot);
    const full = new OutOfMemoryError('there is no room', ['keep']);
    await expect(throwing(full, row.change).done).rejects.toBe(full);
  });

  it('shows what rows have that are not asked for', async () => {
    const outcomes = await runAll(benchIn(straight).bench, planRuns(four, base, 2, [`${MODEL}-plain`]));
    expect([...outcomes.keys()].sort()).toEqual([...runs.map(({ id }) => id), `${MODEL}-plain-seed2`].sort());
  });
});

describe('a folder from before an option existed', () => {
  const identity = { config: base, adapter: 'an adapter', standIn: true };
  const { precision: _, ...older } = base;
  const folderOf = (name: string): string => {
    const folder = newFolder();
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...identity, config: older }));
    writeFileSync(join(folder, name), '{}');
    return folder;
  };
  const kept = (folder: string): unknown => JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')).config;

  it('is the run of its default, and of no other value', () => {
    const finished = folderOf('result.json');
    claimFolder(finished, identity);
    expect(kept(finished)).toEqual(JSON.parse(JSON.stringify(older)));
    expect(() => claimFolder(finished, { ...identity, config: { ...base, precision: 'f16' } })).toThrow(
      'has config.precision = "f32", and this is "f16"',
    );
  });

  it('of a plain network is told apart by what such a network sees', () => {
    const plain = { ...base, phase: ['guide'], arms: ['plain'] };
    const folder = newFolder();
    claimFolder(folder, { ...identity, config: plain });
    claimFolder(folder, {
      ...identity,
      config: { ...plain, guideEvery: 7, T: 3, recipe: 'astrogpu', evaluateEvery: 9 },
    });
    expect(() => claimFolder(folder, { ...identity, config: { ...plain, lr: 0.3 } })).toThrow('config.lr = 0.05');
    const best = newFolder();
    claimFolder(best, { ...identity, config: { ...plain, patience: 4 } });
    const seldom = { ...identity, config: { ...plain, patience: 4, evaluateEvery: 9 } };
    expect(() => claimFolder(best, seldom)).toThrow('config.evaluateEvery = 1');
    expect(() => claimFolder(folder, { ...identity, config: { ...plain, arms: ['random'] } })).toThrow('config.arms');
  });

  it('of the largest weights is told apart by gates and guide, and not by an astrocyte', () => {
    const rule = { ...base, phase: ['guide'], arms: ['magnitude'] };
    const folder = newFolder();
    claimFolder(folder, { ...identity, config: rule });
    claimFolder(folder, { ...identity, config: { ...rule, an: 'axial', T: 3, searchEpochs: 9, updates: 'last' } });
    for (const [name, value] of Object.entries({ gated: 'inner', settle: 0.45, gate: 'channel' }))
      expect(() => claimFolder(folder, { ...identity, config: { ...rule, [name]: value } })).toThrow(`config.${name}`);
  });

  it('that has not ended begins anew', () => {
    const begun = folderOf('checkpoint-000000004.safetensors');
    claimFolder(begun, identity);
    expect(isUnderWay(begun)).toBe(false);
    expect(kept(begun)).toEqual(JSON.parse(JSON.stringify(base)));
  });
});

it('an outcome that is damaged is named with the place in it, and the folder to remove', () => {
  const folder = newFolder();
  const arm = { arm: 'plain NN', accuracy: 0.5, parametersTotal: 9, parametersKept: 9, parametersStructural: 9 };
  const finished = { config: base, arm: { ...arm, updates: 4, seconds: 1 }, e: {}, seconds: 1, date: 'today' };
  const refusal = (content: unknown): string => {
    writeFileSync(join(folder, 'result.json'), typeof content === 'string' ? content : JSON.stringify(content));
    try {
      readOutcome(folder);
    } catch (error) {
      expect(error).toBeInstanceOf(TableError);
      return (error as Error).message.replace(folder, '');
    }
    return 'none';
  };
  expect(refusal(finished)).toBe('none');
  expect(refusal({ failed: 'the loss is not finite' })).toBe('none');
  expect(refusal({ ...finished, arm: { ...finished.arm, accuracy: '50 %' } })).toBe(
    '/result.json: arm.accuracy is "50 %"; a number is wanted; remove that folder to run it again',
  );
  expect(refusal({ ...finished, e: { search: [1, 'x'] } })).toMatch(
    /^\/result\.json: e\.search\[1\] is "x"; a number .*/,
  );
  expect(refusal({ ...finished, arm: null })).toMatch(/^\/result\.json: arm is null; an object is wanted/);
  expect(refusal({ failed: {} })).toMatch(/^\/result\.json: failed is an object; a text is wanted/);
  expect(refusal('[]')).toMatch(/its content is an empty list; an object is wanted/);
  expect(refusal('{')).toMatch(/it is not JSON, or cut short/);
});
