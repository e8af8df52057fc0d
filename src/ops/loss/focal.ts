// Focal loss (Lin et al. 2017, equation 4) over softmax probabilities: cross-entropy in which what is already right counts less, by (1 − p)^γ for each class.
import { f32, grid1d, params } from '../../gpu/index.ts';
import { empty, record, type Tensor, TensorError } from '../../tensor/index.ts';
import { rowLaunch } from '../reduce/kernels/row-lanes.ts';
import { reduceInto } from '../reduce/reduce.ts';
import { checkLabels } from './cross-entropy.ts';

const NAN_BITS = 0x7fc00000;

/**
 * The mean over rows, [1] f32, of −Σ q·(1 − p)^γ·log p over the classes, for logits f32 [N, C] and labels u32 [N]: p is their softmax, q the target, which gives
 * 1 − `labelSmoothing` (default 0) to the label and spreads the rest evenly over all classes, as cross-entropy's does. `gamma` (default 2, the paper's best) at 0
 * is cross-entropy. A label of C or more makes the loss and its row's gradient NaN. Throws TensorError for other shapes and dtypes, a smoothing outside 0..1, and
 * a γ that is negative or not finite.
 */
export function focalLoss(logits: Tensor, labels: Tensor, { gamma = 2, labelSmoothing = 0 } = {}): Tensor {
  checkLabels('focalLoss', logits, labels);
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new TensorError(`focalLoss: labelSmoothing is ${labelSmoothing}, it must be from 0 to 1`);
  if (!(gamma >= 0 && Number.isFinite(gamma)))
    throw new TensorError(`focalLoss: gamma is ${gamma}, it must be 0 or more`);
  const { gpu } = logits;
  const [rows, columns] = logits.shape;
  const scalars = params(rows, columns, f32(labelSmoothing), f32(gamma), NAN_BITS);
  const loss = empty(gpu, [1], 'focalLoss');
  const losses = empty(gpu, [rows], 'losses');
  const stats = empty(gpu, [rows, 2], 'row totals and slopes');
  gpu.run({
    shader: 'loss/focal',
    bindings: [logits.slice, labels.slice, losses.slice, stats.slice],
    params: scalars,
    cost: { flops: 20 * logits.size, bytes: logits.bytes + 4 * labels.bytes },
    label: 'focalLoss',
    ...rowLaunch(rows, columns),
  });
  reduceInto(losses, [0], 'sum', loss, { factor: 1 / rows });
  losses.release();
  const pull = (gradient: Tensor, out: Tensor): void =>
    gpu.run({
      shader: 'loss/focal_backward',
      bindings: [logits.slice, labels.slice, stats.slice, gradient.slice, out.slice],
      params: scalars,
      grid: grid1d(Math.ceil(logits.size / 64)),
      cost: { flops: 15 * logits.size, bytes: 2 * logits.bytes + 3 * labels.bytes },
      label: 'focalLoss/backward',
    });
  return record('focalLoss', loss, [logits], (gradient, sink) => sink.write(0, (out) => pull(gradient, out)), [stats]);
}
