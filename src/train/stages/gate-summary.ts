// What gates are at the end of an epoch, in a few numbers: how far an arm is on its way to a smaller network.
import type { NetworkGates } from '../../astro/index.ts';
import { type Histogram, histogramOf } from '../../report/index.ts';
import type { JobConfig } from '../config.ts';

/** The gates of a network at one moment. */
export interface GateSummary {
  mean: number;
  /** The share of the gates that a cut now would leave at 0; once they are cut, that are 0. */
  sparsity: number;
  histogram: Histogram;
}

/** Where gates are cut: below the threshold, unless `keep` says how many stay; which go first, and what those are that stay. */
export interface Cut extends Partial<Pick<JobConfig, 'keep' | 'ranking' | 'gateValues'>> {
  threshold: number;
}

/** Reads the committed gates back. `isCut` says that they are, though not for good. */
export async function summarizeGates(
  { gate, gatesFinal }: NetworkGates,
  { threshold, keep }: Cut,
  isCut = gatesFinal,
): Promise<GateSummary> {
  const values = await gate.floats();
  const histogram = histogramOf([values]);
  const share = (goes: (value: number) => boolean): number =>
    values.reduce((count, value) => count + (goes(value) ? 1 : 0), 0) / values.length;
  const sparsity = isCut
    ? share((value) => value === 0)
    : keep !== undefined
      ? 1 - keep
      : share((value) => value < threshold);
  return { mean: histogram.sum / histogram.count, sparsity, histogram };
}
