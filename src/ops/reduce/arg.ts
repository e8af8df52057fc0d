// Where the largest and the smallest values are. The result is a constant: no gradient goes through it.
import { axisOf, empty, needFloats, needWhole, record, type Tensor } from '../../tensor/index.ts';
import { argInto } from './kernels/arg.ts';
import { alongAxis, needValues, reducedShape } from './reduce.ts';

/**
 * The index of the largest x along `axis`, or without one of x in memory order, as NumPy's argmax: u32, without that side or with `keepDims` with a side of 1;
 * [1] where no side is left. The first of equals (0 and −0 are), and the first NaN where there is one. x is f32 or f16. Throws TensorError.
 */
export const argmax = (x: Tensor, axis?: number, keepDims = false): Tensor => arg('max', x, axis, keepDims);

/** The index of the smallest x along `axis`, as argmax(). */
export const argmin = (x: Tensor, axis?: number, keepDims = false): Tensor => arg('min', x, axis, keepDims);

function arg(extreme: 'max' | 'min', x: Tensor, axis: number | undefined, keepDims: boolean): Tensor {
  const op = `arg${extreme}`;
  needFloats(op, x);
  needWhole(op, [x]);
  const over = axis === undefined ? x.shape.map((_, i) => i) : [axisOf(op, x, axis)];
  needValues(op, x, over);
  const index = empty(x.gpu, reducedShape(x.shape, over, keepDims), op, 'u32');
  argInto(x, axis === undefined ? [1, x.size, 1] : alongAxis(x.shape, over[0]), extreme, index);
  return record(op, index, [], () => {});
}
