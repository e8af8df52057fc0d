// Launches detection/lab and detection/color_similarity: colors first, each once, then what differs between them.
import { grid1d, params } from '../../../gpu/index.ts';
import type { Tensor } from '../../../tensor/index.ts';

/** About so many operations make a color, and compare two. */
const [COLOR, COMPARISON] = [120, 12];

/** y [n, h, w, 8] ← the similarities in `pixels`, squares of `stride` averaged. */
export function similarities(pixels: Tensor, extents: Tensor, y: Tensor, stride: number): void {
  if (y.size === 0) return;
  const { gpu } = pixels;
  const [, height, width] = pixels.shape;
  const [n, h, w] = y.shape;
  const count = n * h * w;
  const colors = gpu.allocate('colors', count * 16);
  gpu.run({
    shader: 'detection/lab',
    bindings: [pixels.slice, extents.slice, colors],
    params: params(height, width, h, w, stride, count),
    grid: grid1d(Math.ceil(count / 64)),
    cost: { flops: count * (COLOR + 3 * stride ** 2), bytes: pixels.bytes + count * 16 },
    label: 'colors',
  });
  gpu.run({
    shader: 'detection/color_similarity',
    bindings: [colors, y.slice],
    params: params(h, w, count),
    grid: grid1d(Math.ceil(count / 64)),
    cost: { flops: 8 * count * COMPARISON, bytes: count * 16 + y.bytes },
    label: 'colorSimilarity',
  });
  gpu.release(colors);
}
