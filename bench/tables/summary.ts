// From outcomes to the numbers of a table: means over seeds, and for each trained row its differences to the three controls.
import { type ArmResult, type Difference, isAbove, pairedDifference, type Summary, summarize } from 'astrogpu/report';
import { type Finished, isFinished, type Outcome } from '../common/runs/outcome.ts';
import { runId } from '../common/runs/plan.ts';
import type { Row } from '../common/runs/row.ts';

export interface RowSummary {
  row: Row;
  /** By seed, of the runs that finished. */
  runs: Map<number, Finished>;
  /** Reasons of the runs that failed, by seed. */
  failures: Map<number, string>;
  /** In %. */
  accuracy: Summary;
  /** Means; absent where no run finished. */
  means?: Record<'total' | 'kept' | 'structural' | 'updates', number>;
  /** In points of accuracy, paired by seed. */
  differences: Partial<Record<Control, Difference>>;
  /** Of a trained row: do the intervals against all three controls lie above 0? Absent where those that there are do, but one is missing. */
  wins?: boolean;
  /** Of a trained row: does it keep more parameters than its narrower plain NN was narrowed to? */
  keepsMore?: boolean;
}

/** Counts as more: rows that differ little are not told apart by what they keep. */
const MORE = 1.01;

export const CONTROLS = ['plain', 'random', 'narrow'] as const;
export type Control = (typeof CONTROLS)[number];

/** In %, by seed. */
export const accuracies = (runs: ReadonlyMap<number, Finished>): Map<number, number> =>
  new Map([...runs].flatMap(([seed, { arm }]) => (arm ? [[seed, arm.accuracy * 100]] : [])));

/** The rows of a table with what their runs came to. */
export function summarizeRows(
  rows: readonly Row[],
  outcomes: ReadonlyMap<string, Outcome>,
  seeds: number,
): RowSummary[] {
  const all = new Map(rows.map((row) => [row.id, gatherRow(row, outcomes, seeds)]));
  for (const summary of all.values()) {
    const { row, runs } = summary;
    const controls: Partial<Record<Control, string>> = row.controls ?? {};
    if (row.arm !== 'plain') controls.plain ??= `${row.model}-plain`;
    for (const control of CONTROLS) {
      const other = all.get(controls[control] ?? '');
      if (!other) continue;
      const difference = pairedDifference(accuracies(runs), accuracies(other.runs));
      if (difference.n > 0) summary.differences[control] = difference;
    }
    const found = CONTROLS.map((control) => summary.differences[control]);
    if (row.arm === 'trained') summary.wins = verdict(found);
    const allowed = all.get(all.get(controls.narrow ?? '')?.row.narrowOf ?? '')?.means?.kept;
    if (summary.means && allowed !== undefined) summary.keepsMore = summary.means.kept > MORE * allowed;
  }
  return [...all.values()];
}

/** One interval that does not lie above 0 is enough for a no. */
function verdict(differences: readonly (Difference | undefined)[]): boolean | undefined {
  const known = differences.filter((difference) => difference?.low !== undefined);
  if (!known.every((difference) => isAbove(difference!))) return false;
  return known.length === differences.length ? true : undefined;
}

/** A row with what its runs came to by themselves. */
export function gatherRow(row: Row, outcomes: ReadonlyMap<string, Outcome>, seeds: number): RowSummary {
  const runs = new Map<number, Finished>();
  const failures = new Map<number, string>();
  for (let seed = 1; seed <= seeds; seed++) {
    const outcome = outcomes.get(runId(row.id, seed));
    if (isFinished(outcome)) runs.set(seed, outcome);
    else if (outcome) failures.set(seed, outcome.failed);
  }
  const arms = [...runs.values()].flatMap(({ arm }) => (arm ? [arm] : []));
  const mean = (pick: (arm: ArmResult) => number): number => summarize(arms.map(pick)).mean;
  return {
    row,
    runs,
    failures,
    accuracy: summarize([...accuracies(runs).values()]),
    means:
      arms.length > 0
        ? {
            total: mean((arm) => arm.parametersTotal),
            kept: mean((arm) => arm.parametersKept),
            structural: mean((arm) => arm.parametersStructural),
            updates: mean((arm) => arm.updates),
          }
        : undefined,
    differences: {},
  };
}
