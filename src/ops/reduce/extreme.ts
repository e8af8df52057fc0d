// The largest and the smallest over axes. The gradient goes to the first of several equal ones, in memory order, which is looked up again in backward.
import { empty, needFloats, record, type Shape, type Tensor } from '../../tensor/index.ts';
import { argInto } from './kernels/arg.ts';
import type { Sides } from './kernels/passes.ts';
import { place } from './kernels/place.ts';
import { axesOf, needValues, reducedShape, reduceInto, steps } from './reduce.ts';

/**
 * The largest x over `axes` (default all), f32 or f16 as x; [1] where no side is left. NaN where one is among the values. The gradient goes to the first of equals
 * (PyTorch's amax shares it out). Throws TensorError.
 */
export const max = (x: Tensor, axes?: number | readonly number[], keepDims = false): Tensor =>
  extreme('max', x, axes, keepDims);

/** The smallest x over `axes`, as max(). */
export const min = (x: Tensor, axes?: number | readonly number[], keepDims = false): Tensor =>
  extreme('min', x, axes, keepDims);

type Extreme = 'max' | 'min';

function extreme(op: Extreme, x: Tensor, axes: number | readonly number[] | undefined, keepDims: boolean): Tensor {
  needFloats(op, x);
  const over = axesOf(op, x, axes);
  needValues(op, x, over);
  const shape = reducedShape(x.shape, over, keepDims);
  // Last axes first, so that "first" within each step is first in memory altogether.
  return steps(x.shape, over).reduce((from, sides, i, all) => {
    const y = step(op, from, sides, i === all.length - 1 ? shape : [sides[0] * sides[2]]);
    if (from !== x && !y.node) from.release();
    return y;
  }, x);
}

function step(op: Extreme, x: Tensor, sides: Sides, shape: Shape): Tensor {
  const y = empty(x.gpu, shape, op, x.dtype);
  const seen = x.alias(sides);
  reduceInto(seen, [1], op, y);
  seen.release();
  return record(op, y, [x], (gradient, sink) =>
    sink.write(0, (out) => {
      const index = empty(x.gpu, y.shape, `indices of ${op}`, 'u32');
      argInto(x, sides, op, index);
      x.gpu.fill(out.slice, 0);
      place(index, gradient, out, sides, 1);
      index.release();
    }),
  );
}
