// Focal loss (Lin et al. 2017, equation 4) over softmax probabilities: cross-entropy in which what is already right counts less, by (1 − p)^γ for each class.
import { type Tensor, TensorError } from '../../tensor/index.ts';
import { rowLoss } from './row-loss.ts';

/**
 * The mean over rows, [1] f32, of −Σ q·(1 − p)^γ·log p over the classes, for logits f32 [N, C] and labels u32 [N]: p is their softmax, q the target, which gives
 * 1 − `labelSmoothing` (default 0) to the label and spreads the rest evenly over all classes, as cross-entropy's does. `gamma` (default 2, the paper's best) at 0
 * is cross-entropy. A label of C or more makes the loss and its row's gradient NaN. Throws TensorError for other shapes and dtypes, a smoothing outside 0..1, and
 * a γ that is negative or not finite.
 */
export function focalLoss(logits: Tensor, labels: Tensor, { gamma = 2, labelSmoothing = 0 } = {}): Tensor {
  if (!(gamma >= 0 && Number.isFinite(gamma)))
    throw new TensorError(`focalLoss: gamma is ${gamma}, it must be 0 or more`);
  return rowLoss(logits, labels, {
    op: 'focalLoss',
    shaders: ['loss/focal', 'loss/focal_backward'],
    labelSmoothing,
    scalars: [gamma],
    flops: [20, 15],
  });
}
