// Axes in another order. Backward puts them back.
import { needArguments } from '../../gpu/index.ts';
import { axisOf, empty, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { move, stepsOf } from './kernels/move.ts';
import { needWords } from './kernels/words.ts';
import { reshaped } from './reshape.ts';

/**
 * x with its axes in another order, a copy unless only sides of 1 move: side i of the result is side `order[i]` of x, as numpy.transpose and torch.permute. Axes may count from the end. f32, f16
 * or u32, up to rank 8. Throws TensorError for an order that does not name every axis once.
 *
 * @example
 * const heads = permute(reshape(x, [batch, tokens, 12, 64]), [0, 2, 1, 3]); // [batch, 12, tokens, 64]
 */
export function permute(x: Tensor, order: readonly number[]): Tensor {
  needWords('permute', x);
  needArguments('permute', 'a list', { order });
  const axes = order.map((axis) => axisOf('permute', x, axis));
  if (axes.length !== x.shape.length || new Set(axes).size !== axes.length)
    throw new TensorError(`permute: the order [${order}] must name each axis of ${x.label} ${shapeText(x.shape)} once`);
  return permuted('permute', x, axes);
}

/** x with two axes exchanged, by default the last two; see permute(). Throws TensorError. */
export function transpose(x: Tensor, axisA = -1, axisB = -2): Tensor {
  const [a, b] = [axisOf('transpose', x, axisA), axisOf('transpose', x, axisB)];
  const axes = x.shape.map((_, i) => (i === a ? b : i === b ? a : i));
  return permuted('transpose', x, axes);
}

function permuted(op: string, x: Tensor, axes: readonly number[]): Tensor {
  needWords(op, x);
  const { shape } = x;
  const sides = axes.map((axis) => shape[axis]);
  const moving = axes.filter((axis) => shape[axis] > 1);
  if (moving.every((axis, i) => i === 0 || axis > moving[i - 1])) return reshaped(op, x, sides);
  const steps = stepsOf(shape);
  const back = stepsOf(sides);
  const places = axes.map((axis, i) => ({ n: shape[axis], from: steps[axis], to: back[i] }));
  const y = empty(x.gpu, sides, op, x.dtype);
  move(x, y, { sides: places });
  // The way back in the order of x, so that what is written lies side by side there, too.
  const inverse = shape.map((n, i) => ({ n, from: back[axes.indexOf(i)], to: steps[i] }));
  return record(op, y, [x], (gradient, sink) => sink.write(0, (out) => move(gradient, out, { sides: inverse })));
}
