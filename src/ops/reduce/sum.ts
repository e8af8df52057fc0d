// Sums and means over axes. Backward repeats the gradient.
import { empty, needFloats, record, type Tensor } from '../../tensor/index.ts';
import { expandInto } from '../elementwise/broadcast.ts';
import { axesOf, reducedShape, reduceInto } from './reduce.ts';

/** One axis or several; −1 is the last. */
export type Axes = number | readonly number[];

/** Σ x over `axes` (default all; negative ones count from the end) of x, f32 or f16, which the result is, too; added up in f32. [1] where no side is left. Throws TensorError. */
export function sum(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  return total('sum', x, axes, keepDims);
}

/** The mean of x over `axes`, as sum(). */
export function mean(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  return total('mean', x, axes, keepDims);
}

function total(op: 'sum' | 'mean', x: Tensor, axes: Axes | undefined, keepDims: boolean): Tensor {
  needFloats(op, x);
  const over = axesOf(op, x, axes);
  const y = empty(x.gpu, reducedShape(x.shape, over, keepDims), op, x.dtype);
  const factor = op === 'mean' ? y.size / x.size : 1;
  reduceInto(x, over, 'sum', y, { factor });
  return record(op, y, [x], (gradient, sink) =>
    sink.write(0, (out) => expandInto(gradient, reducedShape(x.shape, over, true), out, factor)),
  );
}
