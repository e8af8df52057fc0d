// Focal loss (Lin et al. 2017, equation 4) over softmax probabilities: cross-entropy in which what is already right counts less, by (1 − p)^γ for each class.
import { type Tensor, TensorError } from '../../tensor/index.ts';
import { type RowLossOptions, rowLoss } from './row-loss.ts';

/** What the focal loss takes besides. */
export interface FocalLossOptions extends RowLossOptions {
  /** Default 2, the paper's best; at 0 it is cross-entropy. */
  gamma?: number;
}

/**
 * −Σ w·q·(1 − p)^γ·log p over the classes, for logits, targets and options as crossEntropy's: p is the softmax, q the target, w the class weights, the paper's α. The
 * form over sigmoids, for several classes at once, is sigmoidFocalLoss. Throws TensorError for shapes, dtypes and options that do not fit, and a γ that is
 * negative or not finite.
 */
export function focalLoss(logits: Tensor, targets: Tensor, { gamma = 2, ...options }: FocalLossOptions = {}): Tensor {
  if (!(gamma >= 0 && Number.isFinite(gamma)))
    throw new TensorError(`focalLoss: gamma is ${gamma}, it must be 0 or more`);
  return rowLoss(logits, targets, { ...options, gamma, op: 'focalLoss' });
}
