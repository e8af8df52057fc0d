// Cross-entropy of logits against class labels, with label smoothing, as torch.nn.CrossEntropyLoss defines it: the target gives 1 − s to the
// label and spreads s evenly over all classes, the label included.
import { f32, grid1d, params } from '../../gpu/index.ts';
import { empty, needDType, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { rowLaunch } from '../reduce/kernels/row-lanes.ts';
import { reduceInto } from '../reduce/reduce.ts';

const NAN_BITS = 0x7fc00000;

/** Throws TensorError unless logits are f32 [N, C] and labels u32 [N]. */
export function checkLabels(op: string, logits: Tensor, labels: Tensor): void {
  needDType(op, 'f32', logits);
  needDType(op, 'u32', labels);
  if (logits.shape.length !== 2 || labels.shape.length !== 1 || labels.shape[0] !== logits.shape[0])
    throw new TensorError(
      `${op}: logits ${shapeText(logits.shape)} and labels ${shapeText(labels.shape)}; they must be [N×C] and [N]`,
    );
}

/**
 * The mean over rows, [1], of the loss of logits f32 [N, C] against labels u32 [N]. A label of C or more makes the loss and its row's
 * gradient NaN. Throws TensorError.
 */
export function crossEntropy(logits: Tensor, labels: Tensor, { labelSmoothing = 0 } = {}): Tensor {
  checkLabels('crossEntropy', logits, labels);
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new TensorError(`crossEntropy: labelSmoothing is ${labelSmoothing}, it must be from 0 to 1`);
  const { gpu } = logits;
  const [rows, columns] = logits.shape;
  const scalars = params(rows, columns, f32(labelSmoothing), NAN_BITS);
  const loss = empty(gpu, [1], 'crossEntropy');
  const losses = empty(gpu, [rows], 'losses');
  const stats = empty(gpu, [rows, 2], 'row maxima and totals');
  gpu.run({
    shader: 'loss/cross_entropy',
    bindings: [logits.slice, labels.slice, losses.slice, stats.slice],
    params: scalars,
    cost: { flops: 5 * logits.size, bytes: logits.bytes + 4 * labels.bytes },
    label: 'crossEntropy',
    ...rowLaunch(rows, columns),
  });
  reduceInto(losses, [0], 'sum', loss, { factor: 1 / rows });
  losses.release();
  const pull = (gradient: Tensor, out: Tensor): void =>
    gpu.run({
      shader: 'loss/cross_entropy_backward',
      bindings: [logits.slice, labels.slice, stats.slice, gradient.slice, out.slice],
      params: scalars,
      grid: grid1d(Math.ceil(logits.size / 64)),
      cost: { flops: 5 * logits.size, bytes: 2 * logits.bytes + 3 * labels.bytes },
      label: 'crossEntropy/backward',
    });
  return record('crossEntropy', loss, [logits], (gradient, sink) => sink.write(0, (out) => pull(gradient, out)), [
    stats,
  ]);
}
