// Softmax and its logarithm along an axis, with the highest value subtracted first, so that no exponential overflows.
import { axisOf, empty, needFloats, record, type Storage, type Tensor } from '../../tensor/index.ts';
import { softmaxInto } from './kernels/softmax.ts';
import { alongAxis } from './reduce.ts';

/**
 * exp(x) / Σ exp(x) along `axis` (default the last), any rank, f32 or f16 as x, computed in f32. NaN along the whole axis where one of its values is NaN or ∞, or all are
 * −∞. Throws TensorError.
 */
export const softmax = (x: Tensor, axis = -1): Tensor => along('softmax', x, axis, false);

/** x − log Σ exp(x) along `axis`, as softmax(): exact where softmax would round to 0. */
export const logSoftmax = (x: Tensor, axis = -1): Tensor => along('logSoftmax', x, axis, true);

function along(op: string, x: Tensor, axis: number, log: boolean): Tensor {
  needFloats(op, x);
  const { gpu } = x;
  const job = { gpu, sides: alongAxis(x.shape, axisOf(op, x, axis)), log, stored: x.dtype as Storage };
  const y = empty(gpu, x.shape, op, x.dtype);
  softmaxInto({ ...job, backward: false }, [x.slice, y.slice]);
  return record(op, y, [x], (gradient, sink) =>
    sink.write(0, (out) => softmaxInto({ ...job, backward: true }, [y.slice, gradient.slice, out.slice])),
  );
}
