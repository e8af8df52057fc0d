// Cumulative sums along an axis. The gradient is the cumulative sum of gradients the other way round.
import { axisOf, empty, needFloats, record, type Storage, type Tensor } from '../../tensor/index.ts';
import { scanInto } from './kernels/scan.ts';
import { alongAxis } from './reduce.ts';

/** What cumsum() takes beside an axis. */
export interface CumsumOptions {
  /** Leave each element out of its own sum, so that the first one is 0. Default false. */
  exclusive?: boolean;
  /** Add up from the last element to the first. Default false. */
  reverse?: boolean;
}

/** The sum of each element of x and those before it along `axis` (default the last), in the shape of x, f32 or f16, added up in f32. Throws TensorError. */
export function cumsum(x: Tensor, axis = -1, { exclusive = false, reverse = false }: CumsumOptions = {}): Tensor {
  needFloats('cumsum', x);
  const { gpu } = x;
  const job = { gpu, sides: alongAxis(x.shape, axisOf('cumsum', x, axis)), exclusive, stored: x.dtype as Storage };
  const y = empty(gpu, x.shape, 'cumsum', x.dtype);
  scanInto({ ...job, reverse }, x.slice, y.slice);
  return record('cumsum', y, [x], (gradient, sink) =>
    sink.write(0, (out) => scanInto({ ...job, reverse: !reverse }, gradient.slice, out.slice)),
  );
}
