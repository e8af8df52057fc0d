// From outcomes to the points of the trade-off: how accurate each network is over seeds, what it keeps, how fast it is, and its paired differences to the others of its size.
import { type Difference, pairedDifference, type Spread, summarize } from 'astrogpu/report';
import type { Finished, Outcome } from '../../common/runs/outcome.ts';
import { accuracies, gatherRow, type RowSummary } from '../summary.ts';
import type { TradeoffRow } from './rows.ts';

export interface TradeoffPoint extends Omit<RowSummary, 'row'> {
  row: TradeoffRow;
  /** Parameters in parts of the whole network's: those that are kept, of channels those that are left when cut ones are taken out. Means over seeds. */
  share?: number;
  /** Time for an image (of a software adapter processor time) in parts of the whole network's: the mean of the seeds' medians, and the least and the largest end of their intervals. */
  time?: Spread;
}

/** From large to small: those of one fraction together, others by what they keep. */
export const bySize = (a: TradeoffPoint, b: TradeoffPoint): number =>
  (b.row.kept ?? b.share ?? 0) - (a.row.kept ?? a.share ?? 0);

/** The points of the rows that train a network to be compared; `whole` is the number of parameters that shares are of. */
export const pointsOf = (
  rows: readonly TradeoffRow[],
  outcomes: ReadonlyMap<string, Outcome>,
  { seeds, whole }: { seeds: number; whole: number },
): TradeoffPoint[] =>
  rows
    .filter(({ arm }) => arm !== 'search')
    .map((row) => {
      const summary = gatherRow(row, outcomes, seeds);
      const times = [...summary.runs.values()].flatMap((run) => timeOf(run, row) ?? []);
      return {
        ...summary,
        row,
        share: summary.means && summary.means[row.change.gate === 'channel' ? 'structural' : 'kept'] / whole,
        time: times.length > 0 ? together(times) : undefined,
      };
    });

/** Of the whole network 1: it is what others are timed beside. Undefined where nothing was timed. */
function timeOf({ arm, time }: Finished, { kept }: TradeoffRow): Spread | undefined {
  if (kept === 1) return { median: 1, low: 1, high: 1 };
  const compact = arm?.compact;
  return time ?? (compact && 'time' in compact ? (compact.processorTime ?? compact.time) : undefined);
}

const together = (times: readonly Spread[]): Spread => ({
  median: summarize(times.map(({ median }) => median)).mean,
  low: Math.min(...times.map(({ low }) => low)),
  high: Math.max(...times.map(({ high }) => high)),
});

/** How much more accurate `a` is than `b`, in points, paired by seed; undefined where they have no seed in common. */
export function differenceOf(a: TradeoffPoint | undefined, b: TradeoffPoint | undefined): Difference | undefined {
  if (!a || !b) return undefined;
  const difference = pairedDifference(accuracies(a.runs), accuracies(b.runs));
  return difference.n > 0 ? difference : undefined;
}
