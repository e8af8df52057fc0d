// How far a distribution is from another (Kullback and Leibler 1951).
import type { Tensor } from '../../tensor/index.ts';
import { type ElementLoss, elementLoss } from './element-loss.ts';
import type { Reduction } from './reduction.ts';

/** b·(log b − a), and 0 where b is 0, whatever a is. */
const PLAIN: ElementLoss = {
  value: 'select(b * (log(b) - a), F(0), b == F(0))',
  slopes: ['-g * b', 'g * (log(b) + 1.0 - a)'],
};
const LOGARITHMS: ElementLoss = {
  value: 'select(exp(b) * (b - a), F(0), exp(b) == F(0))',
  slopes: ['-g * exp(b)', 'g * select(exp(b) * (b - a + 1.0), F(0), exp(b) == F(0))'],
};

/** What the KL divergence takes. */
export interface KlDivergenceOptions {
  /** Targets are logarithms, as logSoftmax gives them. Default false: they are probabilities. */
  logTarget?: boolean;
  /** batchMean, the divergence of a mean row, divides the sum by the first side; mean divides by all elements, as torch's default. Default batchMean. */
  reduction?: Reduction | 'batchMean';
}

/**
 * Σ b·(log b − a) for log-probabilities a, as logSoftmax gives them, and probabilities b, f32 or f16 of one shape, in f32: [1], or as `reduction` says. torch's
 * kl_div with reduction batchmean. Both have gradients. A probability of 0 adds nothing. Throws TensorError.
 */
export const klDivergence = (
  logProbabilities: Tensor,
  targets: Tensor,
  { logTarget = false, reduction = 'batchMean' }: KlDivergenceOptions = {},
): Tensor =>
  elementLoss(
    'klDivergence',
    logTarget ? LOGARITHMS : PLAIN,
    [logProbabilities, targets],
    reduction === 'batchMean' ? 'mean' : reduction,
    {},
    reduction === 'batchMean' ? logProbabilities?.shape?.[0] : undefined,
  );
