// Conversion between f32 and f16 storage. Gradients are f32 whatever the storage, so backward hands them on as they are.
import { record } from '../autograd.ts';
import { empty, shapeText, type Tensor, TensorError } from '../tensor.ts';
import { strided } from './elementwise.ts';

/** x in f16 or f32 storage; x itself under another handle if it is that already. Throws TensorError where the adapter has no f16. */
export function cast(x: Tensor, dtype: 'f16' | 'f32'): Tensor {
  const { gpu } = x;
  if (x.dtype !== 'f16' && x.dtype !== 'f32')
    throw new TensorError(`cast: ${x.label} ${shapeText(x.shape)} is ${x.dtype}, it must be f32 or f16`);
  if (dtype === x.dtype) return record('cast', x.alias(), [x], (gradient, sink) => sink.give(0, gradient));
  if (!gpu.capabilities.f16)
    throw new TensorError(
      `cast: ${x.label} cannot become ${dtype}, this adapter has no f16 (feature shader-f16); stay with f32`,
    );
  const y = empty(gpu, x.shape, 'cast', dtype);
  const vector = { f16: 'vec4h', f32: 'vec4f' };
  gpu.run({
    shader: 'cast',
    types: { From: vector[x.dtype], To: vector[dtype] },
    bindings: [x.slice, y.slice],
    grid: strided(gpu, Math.ceil(x.size / 4)).grid,
    cost: { flops: 0, bytes: x.bytes + y.bytes },
  });
  return record('cast', y, [x], (gradient, sink) => sink.give(0, gradient));
}
