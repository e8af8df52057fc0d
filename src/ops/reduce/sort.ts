// Order along an axis: all values sorted, or the first few of them. Gradients go back to where the values came from.
import { axisOf, empty, needFloats, noGrad, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { place } from './kernels/place.ts';
import { sortInto } from './kernels/sort.ts';
import { alongAxis } from './reduce.ts';

/** Values in order along an axis, and where each was along it, u32. Both are the caller's. */
export interface Sorted {
  values: Tensor;
  indices: Tensor;
}

/**
 * x sorted along `axis` (default the last), f32 or f16, and where each value was. Stable: equal values (0 and −0 are) keep their order, also when `descending`. NaN counts
 * as the largest value: last as NumPy has it, first when descending as PyTorch has it. Throws TensorError.
 */
export const sort = (x: Tensor, axis = -1, { descending = false } = {}): Sorted => ordered('sort', x, axis, descending);

/** The indices of sort() alone: u32 in the shape of x, a constant. Throws TensorError. */
export function argsort(x: Tensor, axis = -1, { descending = false } = {}): Tensor {
  const { values, indices } = noGrad(() => ordered('argsort', x, axis, descending));
  values.release();
  return indices;
}

/**
 * The `k` largest values of x along `axis` (default the last), largest first, or with `largest` false the smallest, smallest first; f32 or f16. Of equal values the
 * first ones, in their order; NaN counts as largest. `axis` keeps `k` values. Throws TensorError.
 */
export function topK(x: Tensor, k: number, axis = -1, { largest = true } = {}): Sorted {
  const along = axisOf('topK', x, axis);
  const side = x.shape[along];
  if (!Number.isInteger(k) || k < 1 || k > side)
    throw new TensorError(
      `topK: ${x.label} ${shapeText(x.shape)} has ${side} values along axis ${axis}; k is ${k}, it must be a whole number from 1 to ${side}`,
    );
  return ordered('topK', x, axis, largest, k);
}

function ordered(op: string, x: Tensor, axis: number, descending: boolean, k?: number): Sorted {
  needFloats(op, x);
  const { gpu } = x;
  const along = axisOf(op, x, axis);
  const sides = alongAxis(x.shape, along);
  const picks = k ?? sides[1];
  const shape = x.shape.with(along, picks);
  const made = empty(gpu, shape, op, x.dtype);
  const indices = empty(gpu, shape, `indices of ${op}`, 'u32');
  sortInto(x, sides, descending, made, indices);
  const own = indices.detach();
  const values = record(
    op,
    made,
    [x],
    (gradient, sink) =>
      sink.write(0, (out) => {
        if (picks < sides[1]) gpu.fill(out.slice, 0);
        place(own, gradient, out, sides, picks);
      }),
    [own],
  );
  return { values, indices };
}
