// Conversion between dtypes. A gradient is stored as its tensor is, so backward converts the other way.
import {
  type DType,
  empty,
  evaluate,
  needTensors,
  noGrad,
  record,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';

const TARGETS = ['f32', 'f16', 'u32'] as const;

/**
 * x in another dtype; x itself under another handle if it has that already. From f32 or f16 to u32 the fraction is dropped, what is below 0, and NaN, becomes 0, and what
 * u32 does not hold its largest. From u32 to f32 what has more than 24 bits is rounded. Bytes (u8) become anything, and nothing becomes bytes. Gradients pass between f32
 * and f16. Throws TensorError, also for f16 where the adapter has none.
 */
export function cast(x: Tensor, dtype: (typeof TARGETS)[number]): Tensor {
  needTensors('cast', x);
  const { gpu } = x;
  if (!TARGETS.includes(dtype))
    throw new TensorError(`cast: ${x.label} ${shapeText(x.shape)} becomes ${TARGETS.join(', ')}, not ${dtype}`);
  if (dtype === x.dtype) return record('cast', x.alias(), [x], (gradient, sink) => sink.forward(0, gradient));
  if (dtype === 'f16' && !gpu.capabilities.f16)
    throw new TensorError(
      `cast: ${x.label} cannot become ${dtype}, this adapter has no f16 (feature shader-f16); stay with f32`,
    );
  const y = empty(gpu, x.shape, 'cast', dtype);
  const floats = isFloat(x.dtype) && isFloat(dtype);
  convert(y, x);
  if (!floats) return noGrad(() => record('cast', y, [x], () => {}));
  return record('cast', y, [x], (gradient, sink) => sink.write(0, (out) => convert(out, gradient)));
}

const isFloat = (dtype: DType): boolean => dtype === 'f32' || dtype === 'f16';

/** y ← x. */
function convert(y: Tensor, x: Tensor): void {
  const truncates = y.dtype === 'u32' && isFloat(x.dtype);
  evaluate(`cast/${y.dtype}`, truncates ? 'whole_of(x)' : 'x', { x }, y, {}, truncates ? ['y'] : []);
}
