// Values added to what an index names: the way back of a gather as an op of its own, and elements picked one by one, whose way back it is.
import {
  axisOf,
  copyInto,
  count,
  empty,
  needDType,
  needFloats,
  record,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';
import { cast } from '../elementwise/cast.ts';
import { type Picks, pick } from './kernels/pick.ts';
import { scatter } from './kernels/scatter.ts';
import { needWords } from './kernels/words.ts';

/**
 * y of the indices' shape with y[.., m, ..] = x[.., indices[.., m, ..], ..] along `axis`: numpy.take_along_axis, torch.gather. Indices are u32 and agree with x in every
 * other side; x is f32, f16 or u32. What x lacks is NaN (f32, f16) or 0xffffffff (u32), and has no gradient. Throws TensorError.
 */
export function takeAlong(x: Tensor, indices: Tensor, axis: number): Tensor {
  needWords('takeAlong', x);
  const job = elementwise('takeAlong', x, indices, axis);
  const y = empty(x.gpu, indices.shape, 'takeAlong', x.dtype);
  pick(x, indices, y, job);
  return record('takeAlong', y, [x], (gradient, sink) =>
    sink.add(0, (out, adds) => scatter(gradient, indices, out, job, adds)),
  );
}

/**
 * x plus values at the places along `axis` (default 0) that indices u32 name, as often as they do. Indices [M]: each names the place of a whole slice of values, which has M in
 * place of that side of x (torch.index_add). Indices of the values' shape: each names the place of one value (torch.scatter_add). Values for a place that x lacks go
 * nowhere. f32 or f16, the result f16 if either is; summed in f32 in a fixed order. Throws TensorError.
 */
export function scatterAdd(x: Tensor, indices: Tensor, values: Tensor, axis = 0): Tensor {
  needFloats('scatterAdd', x);
  needFloats('scatterAdd', values);
  if (x.dtype !== values.dtype) return cast(scatterAdd(cast(x, 'f32'), indices, cast(values, 'f32'), axis), 'f16');
  const along = axisOf('scatterAdd', x, axis);
  const slices = indices.shape.length === 1;
  const wanted = x.shape.with(along, slices ? indices.size : (indices.shape[along] ?? 0));
  if (shapeText(values.shape) !== shapeText(wanted))
    throw new TensorError(
      `scatterAdd: values ${values.label} ${shapeText(values.shape)} for indices ${shapeText(indices.shape)} along axis ${along} of ${x.label} ` +
        `${shapeText(x.shape)} must be ${shapeText(wanted)}`,
    );
  needDType('scatterAdd', 'u32', indices);
  const job = slices ? bySlices(x, indices, along) : elementwise('scatterAdd', x, indices, axis);
  const y = empty(x.gpu, x.shape, 'scatterAdd', x.dtype);
  copyInto(y, x);
  scatter(values, indices, y, job, true);
  return record('scatterAdd', y, [x, values], (gradient, sink) => {
    sink.write(1, (out) => pick(gradient, indices, out, job, 0));
    sink.forward(0, gradient);
  });
}

const bySlices = ({ shape }: Tensor, index: Tensor, along: number): Picks => ({
  outer: count(shape.slice(0, along)),
  rows: shape[along],
  picks: index.size,
  width: count(shape.slice(along + 1)),
  each: false,
});

function elementwise(op: string, x: Tensor, indices: Tensor, axis: number): Picks {
  needDType(op, 'u32', indices);
  const along = axisOf(op, x, axis);
  const { shape } = x;
  if (indices.shape.length !== shape.length || shape.some((n, i) => i !== along && n !== indices.shape[i]))
    throw new TensorError(
      `${op}: the indices ${indices.label} ${shapeText(indices.shape)} do not go with ${x.label} ${shapeText(shape)} along axis ${along}`,
    );
  return { ...bySlices(x, indices, along), picks: indices.shape[along], each: true };
}
