// What the losses of rows of logits against labels share: checks, a kernel that gives each row's loss, their mean, and the kernel of the gradient.
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

interface RowLoss {
  op: string;
  /** Of the rows' losses and two statistics a row, and of the gradient. */
  shaders: readonly [forward: string, backward: string];
  labelSmoothing: number;
  /** Further scalars, which both kernels take behind the smoothing. */
  scalars?: readonly number[];
  /** Operations for a logit, forward and backward. */
  flops: readonly [forward: number, backward: number];
}

/** The mean over rows, [1] f32, of a loss of logits f32 [N, C] against labels u32 [N]. Throws TensorError for other shapes and dtypes, and a smoothing outside 0..1. */
export function rowLoss(
  logits: Tensor,
  labels: Tensor,
  { op, shaders, labelSmoothing, scalars = [], flops }: RowLoss,
): Tensor {
  checkLabels(op, logits, labels);
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new TensorError(`${op}: labelSmoothing is ${labelSmoothing}, it must be from 0 to 1`);
  const { gpu } = logits;
  const [rows, columns] = logits.shape;
  const words = params(rows, columns, ...[labelSmoothing, ...scalars].map(f32), NAN_BITS);
  const loss = empty(gpu, [1], op);
  const losses = empty(gpu, [rows], 'losses');
  const stats = empty(gpu, [rows, 2], 'row statistics');
  gpu.run({
    shader: shaders[0],
    bindings: [logits.slice, labels.slice, losses.slice, stats.slice],
    params: words,
    cost: { flops: flops[0] * logits.size, bytes: logits.bytes + 4 * labels.bytes },
    label: op,
    ...rowLaunch(rows, columns),
  });
  reduceInto(losses, [0], 'sum', loss, { factor: 1 / rows });
  losses.release();
  const pull = (gradient: Tensor, out: Tensor): void =>
    gpu.run({
      shader: shaders[1],
      bindings: [logits.slice, labels.slice, stats.slice, gradient.slice, out.slice],
      params: words,
      grid: grid1d(Math.ceil(logits.size / 64)),
      cost: { flops: flops[1] * logits.size, bytes: 2 * logits.bytes + 3 * labels.bytes },
      label: `${op}/backward`,
    });
  return record(op, loss, [logits], (gradient, sink) => sink.write(0, (out) => pull(gradient, out)), [stats]);
}
