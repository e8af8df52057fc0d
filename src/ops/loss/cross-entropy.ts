// Cross-entropy of logits against class labels, with label smoothing, as torch.nn.CrossEntropyLoss defines it: the target gives 1 − s to the
// label and spreads s evenly over all classes, the label included.
import type { Tensor } from '../../tensor/index.ts';
import { rowLoss } from './row-loss.ts';

/**
 * The mean over rows, [1], of the loss of logits f32 [N, C] against labels u32 [N]. A label of C or more makes the loss and its row's
 * gradient NaN. Throws TensorError.
 */
export const crossEntropy = (logits: Tensor, labels: Tensor, { labelSmoothing = 0 } = {}): Tensor =>
  rowLoss(logits, labels, {
    op: 'crossEntropy',
    shaders: ['loss/cross_entropy', 'loss/cross_entropy_backward'],
    labelSmoothing,
    flops: [5, 5],
  });
