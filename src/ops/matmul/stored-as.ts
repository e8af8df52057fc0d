// Operands of one product that are stored differently: the f32 one enters as f16.
import { convert, empty, type Tensor } from '../../tensor/index.ts';

/** x as `dtype` stores it: itself, its f16 copy, or one made here, which `made` then holds. */
export function storedAs(x: Tensor, dtype: Tensor['dtype']): { stored: Tensor; made: Tensor[] } {
  if (x.dtype === dtype) return { stored: x, made: [] };
  if (x.half) return { stored: x.half, made: [] };
  const copy = empty(x.gpu, x.shape, `${x.label} in f16`, 'f16');
  convert(x.gpu, x.slice, copy.slice, x.size, 'f32', 'f16');
  return { stored: copy, made: [copy] };
}
