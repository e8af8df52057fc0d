// The logarithm of a sum of powers over axes, with the highest value subtracted first, so that no exponential overflows.
import { empty, evaluate, needFloats, record, type Tensor } from '../../tensor/index.ts';
import { axesOf, reducedShape, reduceInto } from './reduce.ts';

/**
 * log Σ exp(x) over `axes` (default all), f32 or f16 as x, computed in f32; [1] where no side is left. −∞ where all values are, with a gradient of 0.
 * Throws TensorError.
 */
export function logSumExp(x: Tensor, axes?: number | readonly number[], keepDims = false): Tensor {
  needFloats('logSumExp', x);
  const { gpu } = x;
  const over = axesOf('logSumExp', x, axes);
  const kept = reducedShape(x.shape, over, true);
  const highest = empty(gpu, kept, 'highest values');
  reduceInto(x, over, 'max', highest);
  // In f32 also of f16, for the gradient's exponents.
  const total = empty(gpu, kept, 'logSumExp');
  reduceInto(x, over, 'powers', total, { last: 'log' }, highest);
  highest.release();
  const shape = reducedShape(x.shape, over, keepDims);
  const y = x.dtype === 'f32' ? total.alias(shape) : empty(gpu, shape, 'logSumExp', x.dtype);
  if (x.dtype !== 'f32') evaluate('cast', 'x', { x: total }, y, { x: shape });
  const slope = 'g * exp(x - select(t, F(0), t < F(-0x1.fffffep+127f)))';
  return record(
    'logSumExp',
    y,
    [x],
    (g, sink) => sink.write(0, (out) => evaluate('logSumExp/backward', slope, { x, g, t: total }, out, { g: kept })),
    [total],
  );
}
