// How an astrocyte learns: by Adam, at one rate.
import type { Astrocyte } from '../../astro/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import { Adam, type AdamOptions, type Precision } from '../../nn/index.ts';
import { RunningMetrics } from './running-metrics.ts';
import type { Learner } from './updates.ts';

/** The optimizer of an astrocyte; its gradients pass through the network backwards, in the network's precision. */
export function anLearner(
  gpu: Gpu,
  { arena }: Astrocyte,
  options: Pick<AdamOptions, 'lr' | 'weightDecay'>,
  precision: Precision,
): Required<Learner> & { optimizer: Adam; release(): void } {
  const metrics = new RunningMetrics(gpu);
  const { foundNonFinite } = metrics;
  const optimizer = new Adam(arena, { ...options, foundNonFinite, lossScaling: precision === 'f16' });
  const release = (): void => {
    for (const part of [optimizer, metrics]) part.release();
  };
  return { metrics, optimizer, release };
}
