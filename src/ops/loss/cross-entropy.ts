// Cross-entropy of logits against class labels or shares of classes, with label smoothing and class weights, as torch.nn.CrossEntropyLoss defines it: the target gives
// 1 − s to the label and spreads s evenly over all classes, the label included.
import type { Tensor } from '../../tensor/index.ts';
import { type RowLossOptions, rowLoss } from './row-loss.ts';

/**
 * The loss of logits f32 or f16 [..., C], in f32: its mean over all rows, [1], or as `reduction` says, [1] or [...]. Targets are labels, u32 [...], or a share for each
 * class, f32 or f16 [..., C], as soft and mixed labels are; they are constants. A label of C or more makes the loss and its row's gradient NaN; where all
 * labels are ignored the mean is NaN, as torch's. Throws TensorError for shapes, dtypes and options that do not fit.
 */
export const crossEntropy = (logits: Tensor, targets: Tensor, options: RowLossOptions = {}): Tensor =>
  rowLoss(logits, targets, { ...options, op: 'crossEntropy' });
