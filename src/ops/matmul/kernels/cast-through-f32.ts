// f16 tensors through f32 kernels: operands are converted before and the result after. For adapters whose f16 arithmetic is emulated.
import type { Gpu, Slice } from '../../../gpu/index.ts';
import { convert } from '../../../tensor/index.ts';

/** Runs `kernel`, which takes f32, on f16 operands a and b. `counts` are the elements of a, b and out; `wide` tells whether out is f32 already. */
export function castThroughF32(
  gpu: Gpu,
  counts: readonly number[],
  wide: boolean,
  kernel: (slices: Slice[]) => void,
  [a, b, out]: Slice[],
): void {
  const made = counts.slice(0, wide ? 2 : 3).map((count) => gpu.allocate('copy in f32', count * 4));
  convert(gpu, a, made[0], counts[0], 'f16', 'f32');
  convert(gpu, b, made[1], counts[1], 'f16', 'f32');
  kernel([made[0], made[1], wide ? out : made[2]]);
  if (!wide) convert(gpu, made[2], out, counts[2], 'f32', 'f16');
  for (const slice of made) gpu.release(slice);
}
