// Another shape over the same values: no copy, and the gradient goes back the same way.
import {
  axisOf,
  count,
  needTensors,
  record,
  type Shape,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';

/** The values of x in another shape with as many elements; one side may be −1 and is worked out. No copy. Throws TensorError. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  needTensors('reshape', x);
  if (!Array.isArray(shape)) throw new TensorError(`reshape: its shape is ${typeof shape}; a list of sides is wanted`);
  const known = shape.reduce((product, n) => (n === -1 ? product : product * n), 1);
  const full = shape.map((n) => (n === -1 ? x.size / known : n));
  if (
    count(full) !== x.size ||
    full.some((n) => !Number.isInteger(n) || n < 0) ||
    shape.indexOf(-1) !== shape.lastIndexOf(-1)
  )
    throw new TensorError(
      `reshape: ${x.label} ${shapeText(x.shape)} has ${x.size} elements and cannot become ${shapeText(shape)}`,
    );
  return reshaped('reshape', x, full);
}

/**
 * x without its sides of 1, or without those that `axes` name, which must be 1; [1] where none is left. No copy, any dtype. Throws TensorError.
 */
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  needTensors('squeeze', x);
  const { shape } = x;
  const named = axes === undefined ? undefined : [axes].flat().map((axis) => axisOf('squeeze', x, axis as number));
  const wrong = named?.find((axis) => shape[axis] !== 1);
  if (wrong !== undefined)
    throw new TensorError(`squeeze: side ${wrong} of ${x.label} ${shapeText(shape)} is ${shape[wrong]}, it must be 1`);
  const left = shape.filter((n, i) => (named ? !named.includes(i) : n !== 1));
  return reshaped('squeeze', x, left.length > 0 ? left : [1]);
}

/** x with a side of 1 at each of `axes`, which are those of the result and may count from its end. No copy, any dtype. Throws TensorError. */
export function unsqueeze(x: Tensor, axes: number | readonly number[]): Tensor {
  needTensors('unsqueeze', x);
  const list = [axes].flat() as number[];
  const rank = x.shape.length + list.length;
  const places = list.map((axis) => (axis < 0 ? axis + rank : axis));
  if (new Set(places).size < list.length || places.some((at) => !Number.isInteger(at) || at < 0 || at >= rank))
    throw new TensorError(`unsqueeze: ${x.label} ${shapeText(x.shape)} cannot get sides of 1 at [${list}]`);
  const sides = x.shape.values();
  return reshaped(
    'unsqueeze',
    x,
    Array.from({ length: rank }, (_, i) => (places.includes(i) ? 1 : (sides.next().value as number))),
  );
}

/** x with the sides from `first` to `last`, by default all, as one. They may count from the end. No copy, any dtype. Throws TensorError. */
export function flatten(x: Tensor, first = 0, last = -1): Tensor {
  const [begin, end] = [axisOf('flatten', x, first), axisOf('flatten', x, last)];
  const { shape } = x;
  if (begin > end)
    throw new TensorError(`flatten: ${x.label} ${shapeText(shape)} has no sides from ${first} to ${last}`);
  return reshaped('flatten', x, [
    ...shape.slice(0, begin),
    count(shape.slice(begin, end + 1)),
    ...shape.slice(end + 1),
  ]);
}

/** x over the same memory, under the name of the op that asks for it. */
export function reshaped(op: string, x: Tensor, shape: Shape): Tensor {
  return record(op, x.alias(shape, 0, op), [x], (gradient, sink) => sink.forward(0, gradient));
}
