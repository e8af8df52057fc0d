// Variance and standard deviation over axes, in two passes: the mean, then the squares of the distances from it, so that nothing cancels.
import { empty, evaluate, needFloats, record, type Tensor, TensorError } from '../../tensor/index.ts';
import { axesOf, reducedShape, reduceInto } from './reduce.ts';

/** What variance() and std() take beside axes. */
export interface VarianceOptions {
  /** What the number of values is lessened by before the sum of squares is divided by it: 1 (the default) for a sample, as torch has it, 0 for all there is, as NumPy has it. */
  correction?: number;
}

/**
 * Σ (x − mean)² / (n − correction) over `axes` (default all), f32 or f16 as x, computed in f32; [1] where no side is left. NaN of one value with a correction of 1.
 * Throws TensorError.
 */
export const variance = (
  x: Tensor,
  axes?: number | readonly number[],
  keepDims = false,
  options: VarianceOptions = {},
): Tensor => spread('variance', x, axes, keepDims, options);

/** The standard deviation √variance(), with its arguments. The gradient is taken as 0 where the deviation is 0. Throws TensorError. */
export const std = (
  x: Tensor,
  axes?: number | readonly number[],
  keepDims = false,
  options: VarianceOptions = {},
): Tensor => spread('std', x, axes, keepDims, options);

/** What the gradient g is made into. */
const SLOPE = {
  variance: '2.0 * factor * g * (x - m)',
  std: 'select(factor * (g / y) * (x - m), F(0), y == F(0))',
};

function spread(
  op: 'variance' | 'std',
  x: Tensor,
  axes: number | readonly number[] | undefined,
  keepDims: boolean,
  { correction = 1 }: VarianceOptions,
): Tensor {
  needFloats(op, x);
  if (!(correction >= 0 && Number.isFinite(correction)))
    throw new TensorError(`${op}: correction is ${correction}, it must be a number from 0`);
  const over = axesOf(op, x, axes);
  const kept = reducedShape(x.shape, over, true);
  const y = empty(x.gpu, reducedShape(x.shape, over, keepDims), op, x.dtype);
  const n = x.size / y.size;
  const factor = 1 / Math.max(0, n - correction);
  const m = empty(x.gpu, kept, 'mean');
  reduceInto(x, over, 'sum', m, { factor: 1 / n });
  reduceInto(x, over, 'deviations', y, { factor, last: op === 'std' ? 'root' : undefined }, m);
  const shapes = { g: kept, y: kept };
  return record(
    op,
    y,
    [x],
    (g, sink) => sink.write(0, (out) => evaluate(`${op}/backward`, SLOPE[op], { x, m, g, y, factor }, out, shapes)),
    [m],
  );
}
