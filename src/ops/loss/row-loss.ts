// What the losses of rows of logits share: checks, a kernel that gives each row's loss, what becomes of these, and the kernel of the gradient.
import { f32, grid1d, params } from '../../gpu/index.ts';
import {
  count,
  empty,
  evaluate,
  needChannels,
  needDType,
  needFloats,
  needTensors,
  record,
  type Shape,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';
import { rowLaunch } from '../reduce/kernels/row-lanes.ts';
import { reduceInto } from '../reduce/reduce.ts';
import { checkReduction, type Reduction } from './reduction.ts';

const NAN_BITS = 0x7fc00000;

/** What the losses of rows against targets take. */
export interface RowLossOptions {
  /** How much of the target is spread evenly over all classes, the label included, from 0 to 1. Default 0. */
  labelSmoothing?: number;
  /** f32 [C], how much each class counts; a mean is then by the weights of the labels, as torch's. Default: all count 1. */
  weight?: Tensor;
  /** Rows with this label add nothing, and count nothing in a mean; torch's −100 is 2³² − 100 as a label. Default: none. */
  ignoreIndex?: number;
  /** Default mean. */
  reduction?: Reduction;
}

/** What is left of the logits' shape without the classes. */
const rowShape = ({ shape }: Tensor): Shape => (shape.length > 1 ? shape.slice(0, -1) : [1]);

/** How many classes logits are of. Throws TensorError for none. */
export function classesOf(op: string, { label, shape }: Tensor): number {
  const classes = shape[shape.length - 1] ?? 0;
  if (classes === 0) throw new TensorError(`${op}: ${label} ${shapeText(shape)} has no classes`);
  return classes;
}

/** Throws TensorError unless logits are f32 or f16 [..., C] and labels u32 [...]. */
export function checkLabels(op: string, logits: Tensor, labels: Tensor): void {
  needFloats(op, logits);
  needDType(op, 'u32', labels);
  if (shapeText(labels.shape) !== shapeText(rowShape(logits)))
    throw new TensorError(
      `${op}: logits ${shapeText(logits.shape)} and labels ${shapeText(labels.shape)}; they must be [...×C] and [...]`,
    );
}

interface RowLoss extends RowLossOptions {
  op: string;
  /** The exponent of the focal loss. */
  gamma?: number;
}

/** A loss of logits f32 or f16 [..., C] against labels u32 [...] or shares of the logits' shape, in f32: [1], or [...] without reduction. */
export function rowLoss(logits: Tensor, targets: Tensor, options: RowLoss): Tensor {
  const { op, gamma, labelSmoothing = 0, weight, ignoreIndex, reduction = 'mean' } = options;
  needTensors(op, logits, targets);
  const soft = targets.dtype !== 'u32';
  if (soft) checkShares(op, logits, targets);
  else checkLabels(op, logits, targets);
  checkReduction(op, reduction);
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new TensorError(`${op}: labelSmoothing is ${labelSmoothing}, it must be from 0 to 1`);
  const { gpu } = logits;
  const columns = classesOf(op, logits);
  if (weight) needChannels(op, columns, weight);
  if (ignoreIndex !== undefined && (!Number.isInteger(ignoreIndex) || soft))
    throw new TensorError(
      `${op}: ignoreIndex is ${ignoreIndex}${soft ? ', and targets are shares of classes, not labels' : ', it must be a whole number'}`,
    );
  const rows = count(rowShape(logits));
  const normed = reduction === 'mean' && !soft && (weight !== undefined || ignoreIndex !== undefined);
  const scalars = [labelSmoothing, gamma ?? 0].map(f32);
  const ignored = [ignoreIndex === undefined ? 0 : 1, (ignoreIndex ?? 0) >>> 0];
  const words = params(rows, columns, ...scalars, NAN_BITS, ...ignored, f32(reduction === 'mean' ? rows : 1));
  const constants = { SOFT: soft, WEIGHTED: weight !== undefined, FOCAL: gamma !== undefined };
  const types = { X: logits.dtype, T: targets.dtype };
  const inputs = [logits, targets, weight ?? logits];
  const losses = empty(gpu, rowShape(logits), reduction === 'none' ? op : 'losses');
  const stats = empty(gpu, [rows, 4], 'row statistics');
  const flops = gamma === undefined && !soft ? 5 : 20;
  const { constants: lanes, grid } = rowLaunch(rows, columns);
  gpu.run({
    shader: 'loss/row_loss',
    constants: { ...lanes, ...constants },
    types,
    bindings: [...inputs, losses, stats].map(({ slice }) => slice),
    params: words,
    grid,
    cost: { flops: flops * logits.size, bytes: logits.bytes + targets.bytes + losses.bytes + stats.bytes },
    label: op,
  });
  let loss = losses;
  /** What all rows count together, first. */
  let sums = stats;
  if (normed) {
    sums = empty(gpu, [4], 'sums of row statistics');
    reduceInto(stats, [0], 'sum', sums);
  }
  if (reduction !== 'none') {
    loss = empty(gpu, [1], op);
    const factor = reduction === 'mean' && !normed ? 1 / rows : 1;
    reduceInto(
      losses,
      losses.shape.map((_, i) => i),
      'sum',
      loss,
      { factor },
    );
    losses.release();
    if (normed) {
      const counted = sums.alias([1]);
      evaluate(op, 'loss / counted', { loss, counted }, loss);
      counted.release();
    }
  }
  const pull = (gradient: Tensor, out: Tensor): void =>
    gpu.run({
      shader: 'loss/row_loss_backward',
      constants: { ...constants, PER_ROW: reduction === 'none', NORMED: normed },
      types,
      bindings: [...inputs, stats, sums, gradient, out].map(({ slice }) => slice),
      params: words,
      grid: grid1d(Math.ceil(logits.size / 64)),
      cost: { flops: flops * logits.size, bytes: 2 * logits.bytes + targets.bytes + stats.bytes },
      label: `${op}/backward`,
    });
  const saved = normed ? [stats, sums] : [stats];
  return record(op, loss, [logits], (gradient, sink) => sink.write(0, (out) => pull(gradient, out)), saved);
}

/** Throws TensorError unless both are floats [..., C]. */
function checkShares(op: string, logits: Tensor, shares: Tensor): void {
  needFloats(op, logits);
  if (shares.dtype === 'u8') needFloats(op, shares);
  if (shapeText(shares.shape) !== shapeText(logits.shape))
    throw new TensorError(
      `${op}: logits ${shapeText(logits.shape)} and targets ${shapeText(shares.shape)} ${shares.dtype}; ` +
        'targets are labels, u32 [...], or shares of classes, floats [...×C]',
    );
}
