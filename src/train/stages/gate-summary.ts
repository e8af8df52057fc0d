// What gates are at the end of an epoch, in a few numbers: how far an arm is on its way to a smaller network.
import type { NetworkGates } from '../../astro/index.ts';
import { type Histogram, histogramOf } from '../../report/index.ts';
import type { JobConfig } from '../config.ts';
import type { Budget } from './budget.ts';

/** The gates of a network at one moment. */
export interface GateSummary {
  mean: number;
  /** The share of the gates (of their costs, where they have some) that a cut now would leave at 0, as far as that is known; once they are cut, of the gates that are 0. */
  sparsity: number;
  histogram: Histogram;
}

/** Where gates are cut: below the threshold, unless a budget says how many stay; which go first, and what those are that stay. */
export interface Cut extends Partial<Pick<JobConfig, 'ranking' | 'gateValues'>> {
  threshold: number;
  budget?: Budget;
}

/** Reads the committed gates back. `isCut` says that they are, though not for good. */
export async function summarizeGates(
  { gate, gatesFinal }: NetworkGates,
  { threshold, budget }: Cut,
  isCut = gatesFinal,
): Promise<GateSummary> {
  const values = await gate.floats();
  const histogram = histogramOf([values]);
  const share = (goes: (value: number) => boolean): number =>
    values.reduce((count, value) => count + (goes(value) ? 1 : 0), 0) / values.length;
  const sparsity = isCut
    ? share((value) => value === 0)
    : budget
      ? 1 - (budget.part ?? 1)
      : share((value) => value < threshold);
  return { mean: histogram.sum / histogram.count, sparsity, histogram };
}
