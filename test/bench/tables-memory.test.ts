// Tables of networks that no memory holds with their whole batch: one micro-batch for all rows, and a budget that must be known before anything is opened.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { memoryLine } from '../../bench/common/runs/memory-line.ts';
import { tableMicroBatch } from '../../bench/common/runs/micro-batch.ts';
import { readOutcome, TableError } from '../../bench/common/runs/outcome.ts';
import { planRuns } from '../../bench/common/runs/plan.ts';
import { narrowRow, plainRow, randomRow, unetRow } from '../../bench/common/runs/row.ts';
import { type Bench, runAll } from '../../bench/common/runs/run-list.ts';
import { openBench } from '../../bench/common/runs/session.ts';
import { UsageError } from '../../src/cli/common/options.ts';
import { drawStandIn } from '../../src/data/synthetic/stand-in.ts';
import { Gpu } from '../../src/gpu/gpu.ts';
import { openRunFolder, writeConfig } from '../../src/train/run/run-folder.ts';
import { gpu } from '../support/gpu.ts';
import { config, newFolder, removeFolders } from '../support/jobs.ts';

afterAll(removeFolders);

const MODEL = 'resnet-small';
const rows = [plainRow(MODEL), randomRow(MODEL), unetRow(MODEL, 'AN-UNet'), narrowRow(MODEL)];
const base = config({ images: 16, testImages: 10, width: 0.25, microBatch: 'auto' });
const runs = planRuns(rows, base, 2);
const data = { ...drawStandIn({ train: 16, test: 10, seed: 9 }), source: 'drawn', standIn: true };
const benchIn = (out: string): { bench: Bench; lines: string[] } => {
  const lines: string[] = [];
  return { bench: { gpu, data, out, say: (line) => lines.push(line), checkpointEvery: 0 }, lines };
};
/** Runs `fn` with a budget. */
async function within<T>(budget: number, fn: () => Promise<T>): Promise<T> {
  gpu.memory.budget = budget;
  try {
    return await fn();
  } finally {
    gpu.memory.budget = Number.POSITIVE_INFINITY;
  }
}

it('all rows get what the one holds that takes most, each kind of row measured once', async () => {
  const { bench, lines } = benchIn(newFolder());
  const holds = { plain: 4, random: 2, trained: 1 } as const;
  const measured: string[] = [];
  const found = await tableMicroBatch(bench, runs, async ({ config }) => {
    const [arm] = config.arms as (keyof typeof holds)[];
    measured.push(arm);
    return { config: { ...config, microBatch: holds[arm] }, lines: [`what ${arm} takes`] };
  });
  expect(found).toBe(1);
  expect(measured.sort()).toEqual(['plain', 'random', 'trained']);
  expect(lines).toEqual([
    'what trained takes',
    'micro-batches of 1 in every row: what fits of AN-UNet, which takes most',
  ]);
});

it('a row that does not fit is refused before any run, unless nobody asks for it', async () => {
  const { bench } = benchIn(newFolder());
  const refused = within(1000, () => tableMicroBatch(bench, runs.slice(0, 1)));
  await expect(refused).rejects.toThrow(TableError);
  await expect(refused).rejects.toThrow(/^plain NN: not even two images at once fit .* with --memory GIB, take --prec/);
  expect(await within(1000, () => tableMicroBatch(bench, [{ ...runs[0], wanted: false }]))).toBeUndefined();
});

it('is kept: what has begun goes on, and what has not begins, with the same', async () => {
  const out = newFolder();
  const id = runs[1].id;
  mkdirSync(join(out, id));
  writeConfig(join(out, id), { config: { ...runs[1].config, microBatch: 2 } });
  const { bench, lines } = benchIn(out);
  await runAll(bench, planRuns(rows, base, 1, [rows[0].id]));
  expect(lines[0]).toBe(`micro-batches of 2 in every row, as ${id} has`);
  expect(openRunFolder(join(out, runs[0].id)).config).toMatchObject({ microBatch: 2 });
  expect(readOutcome(join(out, runs[0].id))).toMatchObject({ config: { microBatch: 2 }, arm: { updates: 4 } });
});

it('one line says what the row needs that takes most, of what is left and is not measured', () => {
  const out = newFolder();
  const { bench } = benchIn(out);
  const fixed = planRuns(rows, { ...base, microBatch: 2 }, 1);
  expect(memoryLine(bench, fixed)).toMatch(
    /^memory: .* with 2 images at once \(estimated by its shapes\): .*; of all rows random AN-UNet takes most$/,
  );
  expect(memoryLine(bench, fixed.slice(0, 1))).toMatch(/ an image$/);
  expect(memoryLine(bench, runs)).toBeUndefined();
  mkdirSync(join(out, runs[0].id));
  writeConfig(join(out, runs[0].id), { config: { ...runs[0].config, microBatch: 4 } });
  expect(memoryLine(bench, runs)).toMatch(/ with 4 images at once /);
});

it('a budget that nobody knows is asked for before images are opened, unless a run has begun with what fits', async () => {
  const out = join(newFolder(), 'runs');
  const unknown = {
    adapter: { description: 'a GPU', software: false },
    memory: { budget: Number.POSITIVE_INFINITY },
    tuner: { load: async () => {} },
  } as unknown as Gpu;
  const open = vi.spyOn(Gpu, 'open').mockResolvedValue(unknown);
  const images = vi.fn();
  try {
    const refused = openBench({ out }, runs, images);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(/no device says how much memory it has: give --memory in GiB$/);
    expect(images).not.toHaveBeenCalled();
    expect(existsSync(out)).toBe(false);

    mkdirSync(join(out, runs[1].id), { recursive: true });
    writeConfig(join(out, runs[1].id), { config: { ...runs[1].config, microBatch: 2 } });
    images.mockRejectedValue(new Error('asked for'));
    await expect(openBench({ out }, runs, images)).rejects.toThrow('asked for');
  } finally {
    open.mockRestore();
  }
});
