// What the folder of a trade-off has for its document: the rows that were asked for, and those of other fractions that earlier calls trained under the same configuration.
import { readdirSync } from 'node:fs';
import { planRuns } from '../../common/runs/plan.ts';
import { type Bench, outcomesIn } from '../../common/runs/run-list.ts';
import { fractionsOf, type TradeoffRow, tradeoffRows, unique, type Whole, wholeParameters } from './rows.ts';
import { pointsOf, type TradeoffPoint } from './summary.ts';

/** The points of `rows`, and of others that have ended. */
export function foundPoints(
  bench: Bench,
  whole: Whole,
  rows: readonly TradeoffRow[],
  { group, seeds }: { group: number; seeds: number },
): TradeoffPoint[] {
  const kept = fractionsOf(readdirSync(bench.out), whole.base.model);
  const every = unique([...rows, ...tradeoffRows(whole, { kept, grouped: kept, group })]);
  const runs = planRuns(every, whole.base, seeds);
  const outcomes = outcomesIn(bench, runs);
  const ended = new Set(runs.flatMap(({ id, row }) => (outcomes.has(id) ? [row.id] : [])));
  const shown = every.filter((row) => rows.includes(row) || ended.has(row.id));
  return pointsOf(shown, outcomes, { seeds, whole: wholeParameters(whole) });
}
