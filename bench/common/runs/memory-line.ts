// What memory the runs of a table will need, as one line before the first of them: that of the row that takes most.
import { join } from 'node:path';
import { neededMemory } from 'astrogpu/cli';
import { gateCosts } from 'astrogpu/train';
import { begunMicroBatch } from './micro-batch.ts';
import { readOutcome } from './outcome.ts';
import type { Run } from './plan.ts';
import { type Bench, withSearch } from './run-list.ts';

/** Undefined where nothing is left to do, and of rows for which it is measured. */
export function memoryLine({ gpu, data, out }: Bench, runs: readonly Run[]): string | undefined {
  const fitted = begunMicroBatch(out, runs)?.microBatch;
  const left = runs.filter(
    ({ id, wanted, config }) =>
      wanted && !readOutcome(join(out, id)) && (config.microBatch !== 'auto' || fitted !== undefined),
  );
  const rows = new Map(left.map((run) => [run.row.id, run]));
  const needs = [...rows.values()].map((run) => {
    const whole = withSearch(run);
    const config = whole.microBatch === 'auto' ? { ...whole, microBatch: fitted } : whole;
    const costs = gateCosts(gpu, config, data.train.classes.length);
    return { label: run.row.label, ...neededMemory(config, data.train, costs) };
  });
  const [most] = needs.toSorted((a, b) => b.bytes - a.bytes);
  return most && `${most.line}${needs.length > 1 ? `; of all rows ${most.label} takes most` : ''}`;
}
