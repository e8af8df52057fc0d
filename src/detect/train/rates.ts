// The learning rate of each iteration, as Detectron2's WarmupMultiStepLR has it.
import { multiStepDecay } from '../../nn/index.ts';
import type { DetectorConfig } from './config.ts';

/** The part of the rate that the warm-up begins with. */
const START = 1 / 1000;

/** f32, one of each iteration: a straight line from a thousandth up to `lr`, and a tenth of what was from each of the `steps` on. */
export function detectorRates({
  iterations,
  lr,
  warmup,
  steps,
}: Pick<DetectorConfig, 'iterations' | 'lr' | 'warmup' | 'steps'>): Float32Array {
  const rates = multiStepDecay(iterations, lr, { at: steps.map((part) => Math.round(part * iterations)) });
  return rates.map((rate, i) => (i < warmup ? rate * (START + ((1 - START) * i) / warmup) : rate));
}
