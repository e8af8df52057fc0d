// Elements picked one by one along an axis. Backward adds up, for each element, the gradients of its copies in a fixed order.
import { axisOf, empty, needDType, record, type Tensor } from '../../tensor/index.ts';
import { expand } from './expand.ts';
import { pick } from './kernels/pick.ts';
import { scatter } from './kernels/scatter.ts';
import { needWords } from './kernels/words.ts';
import { byElements } from './picks.ts';

/**
 * y[.., m, ..] = x[.., indices[.., m, ..], ..] along `axis`, where it has as many elements as the indices: numpy.take_along_axis, torch.gather. Indices are u32; x is f32,
 * f16 or u32, of as many sides, and in all but `axis` both repeat as NumPy's do. What x lacks is NaN (f32, f16) or 0xffffffff (u32), and has no gradient. Throws
 * TensorError.
 */
export function takeAlong(x: Tensor, indices: Tensor, axis: number): Tensor {
  needWords('takeAlong', x);
  needDType('takeAlong', 'u32', indices);
  const along = axisOf('takeAlong', x, axis);
  const [from, picks] = [repeated(x, indices, along), repeated(indices, x, along)];
  const job = byElements('takeAlong', from, picks, along);
  const y = empty(x.gpu, picks.shape, 'takeAlong', x.dtype);
  pick(from, picks, y, job);
  return record(
    'takeAlong',
    y,
    [from],
    (gradient, sink) => sink.add(0, (out, adds) => scatter(gradient, picks, out, job, adds)),
    // The tape frees what is on it.
    [from, picks].filter((one) => one !== x && one !== indices && !one.node),
  );
}

/** x repeated along its sides of 1 to those of another tensor, but for one side; as it is where that is nothing to do. */
function repeated(x: Tensor, other: Tensor, along: number): Tensor {
  const repeats = x.shape.map((n, i) => i !== along && n === 1 && other.shape[i] > 1);
  if (x.shape.length !== other.shape.length || !repeats.includes(true)) return x;
  return expand(
    x,
    x.shape.map((n, i) => (repeats[i] ? other.shape[i] : n)),
  );
}
