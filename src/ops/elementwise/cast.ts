// Conversion between f32 and f16 storage. A gradient is stored as its tensor is, so backward converts the other way.
import { convert, empty, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';

/** x in f16 or f32 storage; x itself under another handle if it is that already. Throws TensorError where the adapter has no f16. */
export function cast(x: Tensor, dtype: 'f16' | 'f32'): Tensor {
  const { gpu } = x;
  if (x.dtype !== 'f16' && x.dtype !== 'f32')
    throw new TensorError(`cast: ${x.label} ${shapeText(x.shape)} is ${x.dtype}, it must be f32 or f16`);
  if (dtype !== 'f16' && dtype !== 'f32')
    throw new TensorError(`cast: ${x.label} ${shapeText(x.shape)} becomes f32 or f16, not ${dtype}`);
  if (dtype === x.dtype) return record('cast', x.alias(), [x], (gradient, sink) => sink.forward(0, gradient));
  if (!gpu.capabilities.f16)
    throw new TensorError(
      `cast: ${x.label} cannot become ${dtype}, this adapter has no f16 (feature shader-f16); stay with f32`,
    );
  const y = empty(gpu, x.shape, 'cast', dtype);
  convert(gpu, x.slice, y.slice, x.size, x.dtype, dtype);
  return record('cast', y, [x], (gradient, sink) => sink.write(0, (out) => castInto(out, gradient)));
}

function castInto(target: Tensor, source: Tensor): void {
  convert(
    target.gpu,
    source.slice,
    target.slice,
    target.size,
    source.dtype as 'f16' | 'f32',
    target.dtype as 'f16' | 'f32',
  );
}
