// From rows to runs: one job for each row and seed, in the order in which they are done.

import { UsageError } from 'astrogpu/cli';
import { describeModel, networkParameters } from 'astrogpu/models';
import type { JobConfig } from 'astrogpu/train';
import type { Row } from './row.ts';

export interface Run {
  /** Of its folder: `resnet18-unet-seed1`. */
  id: string;
  row: Row;
  seed: number;
  /** As planned; a thin run's width is known only once its partner has run. */
  config: JobConfig;
  /** Whose kept parameters a thin run is thinned to. */
  partner?: string;
  /** Is it to be done? One that is not still shows what it has. */
  wanted: boolean;
  /** Cost to be expected, in updates of a plain network times its parameters. */
  work: number;
}

export const runId = (row: string, seed: number): string => `${row}-seed${seed}`;

/** A row's configuration: one job with one arm. */
export function configOf({ model, arm, change }: Row, seed: number, base: JobConfig): JobConfig {
  const { search, guide, gate } = base;
  const searches = arm === 'trained' || arm === 'search';
  return {
    ...base,
    model,
    seed,
    phases: arm === 'search' ? ['search'] : searches ? ['search', 'guide'] : ['guide'],
    arms: [searches ? 'trained' : arm === 'random' ? 'random' : 'plain'],
    search: { ...search, ...change.search },
    guide: { ...guide, ...change.guide },
    gate: { ...gate, ...change.gate },
  };
}

/**
 * All seeds of all rows; wanted are those of the rows named, and the partners that they need. Seed by seed, so that what is done early can be compared, and
 * thin runs after their partners. Throws UsageError for a row that is not there.
 */
export function planRuns(rows: readonly Row[], base: JobConfig, seeds: number, only?: readonly string[]): Run[] {
  const wanted = new Set(only ?? rows.map(({ id }) => id));
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const id of [...wanted]) {
    const row = byId.get(id);
    if (!row) throw new UsageError(`--only ${id}: there is no such row; there are ${[...byId.keys()].join(', ')}`);
    if (row.thinOf) wanted.add(row.thinOf);
  }
  const ordered = rows.toSorted((a, b) => Number(!!a.thinOf) - Number(!!b.thinOf));
  return Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) =>
    ordered.map((row): Run => {
      const config = configOf(row, seed, base);
      const partner = row.thinOf && runId(row.thinOf, seed);
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

function workOf({ model, images, testImages, phases, arms, recipe: { batch }, search, guide, gate: { T } }: JobConfig) {
  let work = 0;
  if (phases.includes('search')) {
    const pairs = search.epochs * Math.ceil((images * (1 - search.heldOut)) / batch);
    work += pairs * (search.updates === 'each' ? PAIR * T : PAIR + ITERATION * (T - 1));
  }
  if (phases.includes('guide')) {
    const steps = guide.epochs * Math.ceil(images / batch);
    work += steps + (guide.epochs * testImages * EVALUATION) / batch;
    if (!arms.includes('plain')) work += (steps * (1 - guide.settle) * ITERATION * T) / guide.guideEvery;
  }
  return (work + START) * networkParameters(describeModel(model));
}
