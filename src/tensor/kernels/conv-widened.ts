// Convolution in f16 storage through the f32 kernels: operands are converted before and the result after. For adapters whose f16 arithmetic is emulated.
import type { Gpu, Slice } from '../../gpu/index.ts';
import type { ConvGeometry } from './conv-geometry.ts';
import { convert } from './convert.ts';

/** Runs `kernel`, an f32 convolution, on f16 operands. `counts` are the elements of a, b and out; `wide` tells whether out is f32 already. */
export function widened(
  gpu: Gpu,
  g: ConvGeometry,
  counts: readonly number[],
  wide: boolean,
  kernel: (g: ConvGeometry, slices: Slice[]) => void,
  [a, b, out]: Slice[],
): void {
  const made = counts.map((count) => gpu.allocate('conv in f32', count * 4));
  convert(gpu, a, made[0], counts[0], 'f16', 'f32');
  convert(gpu, b, made[1], counts[1], 'f16', 'f32');
  kernel({ ...g, half: false }, [made[0], made[1], wide ? out : made[2]]);
  if (!wide) convert(gpu, made[2], out, counts[2], 'f32', 'f16');
  for (const slice of made) gpu.release(slice);
}
