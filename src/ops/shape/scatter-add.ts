// Values added to what an index names: the way back of a gather as an op of its own.
import {
  axisOf,
  copyInto,
  empty,
  needDType,
  needFloats,
  record,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';
import { cast } from '../elementwise/cast.ts';
import { pick } from './kernels/pick.ts';
import { scatter } from './kernels/scatter.ts';
import { byElements, bySlices } from './picks.ts';

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
  const job = slices ? bySlices(x, indices, along) : byElements('scatterAdd', x, indices, along);
  const y = empty(x.gpu, x.shape, 'scatterAdd', x.dtype);
  copyInto(y, x);
  scatter(values, indices, y, job, true);
  return record('scatterAdd', y, [x, values], (gradient, sink) => {
    sink.write(1, (out) => pick(gradient, indices, out, job, 0));
    sink.forward(0, gradient);
  });
}
