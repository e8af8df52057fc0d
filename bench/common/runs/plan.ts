// From rows to runs: one job for each row and seed, in the order in which they are done.

import { UsageError } from 'astrogpu/cli';
import { describeModel, networkCost } from 'astrogpu/models';
import { astrocytePath, type JobConfig } from 'astrogpu/train';
import type { Row } from './row.ts';

export interface Run {
  /** Of its folder: `resnet18-unet-seed1`. */
  id: string;
  row: Row;
  seed: number;
  /** As planned; a narrow run's width, and a budget that is another row's size, are known only once its partner has run. */
  config: JobConfig;
  /** The run that must have ended before: whose kept parameters a narrow one is narrowed to or another keeps too, or whose astrocyte a trained one takes. */
  partner?: string;
  /** Is it to be done? One that is not still shows what it has. */
  wanted: boolean;
  /** Cost to be expected, in updates of a plain network times its operations for an image. */
  work: number;
}

export const runId = (row: string, seed: number): string => `${row}-seed${seed}`;

/** A row's configuration: one job with one arm. */
export function configOf({ model, arm, change, astrocyteOf }: Row, seed: number, base: JobConfig): JobConfig {
  const searches = arm === 'search' || (arm === 'trained' && astrocyteOf === undefined);
  return {
    ...base,
    model,
    seed,
    phase: arm === 'search' ? ['search'] : searches ? ['search', 'guide'] : ['guide'],
    arms: [arm === 'narrow' ? 'plain' : arm === 'search' ? 'trained' : arm],
    // As its own folder sees it: the runs of a table may be moved together.
    ...(astrocyteOf !== undefined && { astrocyte: astrocytePath(`../${runId(astrocyteOf, seed)}`) }),
    ...change,
  };
}

/** The row that another one needs. */
const needOf = ({ narrowOf, astrocyteOf, keepsAs }: Row): string | undefined => narrowOf ?? astrocyteOf ?? keepsAs;

/**
 * All seeds of all rows; wanted are those of the rows named, and the partners that they need. Seed by seed, so that what is done early can be compared, in
 * the order of the rows, but each after its partner. Throws UsageError for a row that is not there.
 */
export function planRuns(rows: readonly Row[], base: JobConfig, seeds: number, only?: readonly string[]): Run[] {
  const wanted = new Set(only ?? rows.map(({ id }) => id));
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const id of [...wanted]) {
    const row = byId.get(id);
    if (!row) throw new UsageError(`--only ${id}: there is no such row; there are ${[...byId.keys()].join(', ')}`);
    const need = needOf(row);
    if (need !== undefined) wanted.add(need);
  }
  const ordered = new Set<Row>();
  const place = (row: Row): void => {
    const need = needOf(row);
    if (need !== undefined) place(byId.get(need)!);
    ordered.add(row);
  };
  for (const row of rows) place(row);
  return Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) =>
    Array.from(ordered, (row): Run => {
      const config = configOf(row, seed, base);
      const need = needOf(row);
      const partner = need && runId(need, seed);
      return { id: runId(row.id, seed), row, seed, config, partner, wanted: wanted.has(row.id), work: workOf(config) };
    }),
  );
}

/**
 * Updates of the plain network that other work is worth on two cores, by docs/results/software-adapter.md: one update of each network; an iteration of the
 * regulation; a batch in evaluation; starting and compiling.
 */
const PAIR = 2.5;
const ITERATION = 0.15;
const EVALUATION = 0.3;
const START = 15;

function workOf({ model, width, size, images, testImages, phase, arms, batch, T, ...config }: JobConfig): number {
  let work = 0;
  if (phase.includes('search')) {
    const pairs = config.searchEpochs * Math.ceil((images * (1 - config.heldOut)) / batch);
    work += pairs * (config.updates === 'each' ? PAIR * T : PAIR + ITERATION * (T - 1));
  }
  if (phase.includes('guide')) {
    const steps = config.epochs * Math.ceil(images / batch);
    work += steps + (Math.ceil(config.epochs / config.evaluateEvery) * testImages * EVALUATION) / batch;
    if (!arms.includes('plain') && !arms.includes('magnitude'))
      work += (steps * (1 - config.settle) * ITERATION * T) / config.guideEvery;
  }
  return (work + START) * networkCost(describeModel(model, { width, size })).flops;
}
