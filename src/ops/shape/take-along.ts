// Elements picked one by one along an axis. Backward adds up, for each element, the gradients of its copies in a fixed order.
import { axisOf, empty, record, type Tensor } from '../../tensor/index.ts';
import { pick } from './kernels/pick.ts';
import { scatter } from './kernels/scatter.ts';
import { needWords } from './kernels/words.ts';
import { byElements } from './picks.ts';

/**
 * y of the indices' shape with y[.., m, ..] = x[.., indices[.., m, ..], ..] along `axis`: numpy.take_along_axis, torch.gather. Indices are u32 and agree with x in every
 * other side; x is f32, f16 or u32. What x lacks is NaN (f32, f16) or 0xffffffff (u32), and has no gradient. Throws TensorError.
 */
export function takeAlong(x: Tensor, indices: Tensor, axis: number): Tensor {
  needWords('takeAlong', x);
  const job = byElements('takeAlong', x, indices, axisOf('takeAlong', x, axis));
  const y = empty(x.gpu, indices.shape, 'takeAlong', x.dtype);
  pick(x, indices, y, job);
  return record('takeAlong', y, [x], (gradient, sink) =>
    sink.add(0, (out, adds) => scatter(gradient, indices, out, job, adds)),
  );
}
