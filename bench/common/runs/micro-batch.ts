// One micro-batch for all rows of a table that take what fits: batch norm normalizes by it, so rows with micro-batches of their own would differ in more than their arms.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { plannedMemory } from 'astrogpu/cli';
import { ConfigError, isRecord, OutOfMemoryError } from 'astrogpu/gpu';
import { openRunFolder } from 'astrogpu/train';
import { TableError } from './outcome.ts';
import type { Run } from './plan.ts';
import type { Bench } from './run-list.ts';

/**
 * The smallest micro-batch that any of the runs needs, whether it is asked for now or later: the one that a run in the table's folder has begun with, else measured. Undefined where none is to be found.
 * `plan` says what a run takes. Throws TableError for a row that is asked for and of which not even two images fit.
 */
export async function tableMicroBatch(
  bench: Bench,
  runs: readonly Run[],
  plan = plannedMemory,
): Promise<number | undefined> {
  const { out, say } = bench;
  const open = runs.filter(({ config }) => config.microBatch === 'auto');
  if (open.length === 0) return undefined;
  const begun = begunMicroBatch(out, open);
  if (begun) {
    say(`micro-batches of ${begun.microBatch} in every row, as ${begun.id} has`);
    return begun.microBatch;
  }
  // What differs by its seed alone needs the same, and a narrower network less than the whole one. Of runs that are alike one that is asked for stands for all.
  const askedLast = open.toSorted((a, b) => Number(a.wanted) - Number(b.wanted));
  const distinct = new Map(askedLast.map((run) => [JSON.stringify({ ...run.config, seed: 0 }), run]));
  let least: { microBatch: number; label: string; lines: string[] } | undefined;
  for (const run of distinct.values()) {
    const planned = await measured(bench, run, plan);
    if (planned === undefined) continue;
    const microBatch = planned.config.microBatch as number;
    if (least === undefined || microBatch < least.microBatch)
      least = { microBatch, label: run.row.label, lines: planned.lines };
  }
  if (least === undefined) return undefined;
  for (const line of least.lines) say(line);
  say(`micro-batches of ${least.microBatch} in every row: what fits of ${least.label}, which takes most`);
  return least.microBatch;
}

/** The first run that takes what fits and has begun, and what fitted. */
export function begunMicroBatch(out: string, runs: readonly Run[]): { id: string; microBatch: number } | undefined {
  for (const { id, config } of runs) {
    const microBatch = config.microBatch === 'auto' ? begunWith(join(out, id)) : undefined;
    if (microBatch !== undefined) return { id, microBatch };
  }
  return undefined;
}

/** The micro-batch of a run that has begun. */
function begunWith(folder: string): number | undefined {
  if (!existsSync(join(folder, 'config.json'))) return undefined;
  const { config } = openRunFolder(folder);
  return isRecord(config) && typeof config.microBatch === 'number' ? config.microBatch : undefined;
}

/** What a run takes; undefined for one that is not asked for and does not fit. */
async function measured(
  { gpu, data }: Bench,
  { row, config, wanted }: Run,
  plan: typeof plannedMemory,
): Promise<Awaited<ReturnType<typeof plannedMemory>> | undefined> {
  try {
    return await plan({ gpu, config, train: data.train, test: data.test });
  } catch (error) {
    if (!(error instanceof ConfigError && (error instanceof OutOfMemoryError || error.field === 'microBatch')))
      throw error;
    if (!wanted) return undefined;
    const more = Number.isFinite(gpu.memory.budget) ? 'give more with --memory GIB' : 'the machine has too little';
    throw new TableError(
      `${row.label}: not even two images at once fit into memory: ${more}, take --precision f16, or name the other rows with --only`,
    );
  }
}
