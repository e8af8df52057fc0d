// Networks at work: the logits of a set of images, normalized as the network's file says, whatever set they are from.

import type { ChannelStats, ImageSet } from '../../data/index.ts';
import { normalizationTable } from '../../data/index.ts';
import { type Gpu, halving } from '../../gpu/index.ts';
import { fittingBatch, type Network } from '../../models/index.ts';
import { EVAL } from '../../nn/index.ts';
import { keep, noGrad, scope, type Tensor, tensor, uniformArray } from '../../tensor/index.ts';

/** Bytes of square images with three channels. */
export type Pixels = Pick<ImageSet, 'images' | 'count' | 'height' | 'width'>;

/** Images that are worked on at a time where nothing was said. */
export const defaultBatch = (size: number): number => (size >= 128 ? 16 : 100);

/** Images `from` to `to` on the GPU, f32 [N×H×W×3]. */
export function upload(
  gpu: Gpu,
  { images, height, width }: Pixels,
  normalization: ChannelStats,
  from: number,
  to: number,
): Tensor {
  const table = normalizationTable(normalization);
  const bytes = height * width * 3;
  const part = images.subarray(from * bytes, to * bytes);
  const values = Float32Array.from(part, (byte, i) => table[(i % 3) * 256 + byte]);
  return tensor(gpu, values, [to - from, height, width, 3], 'images');
}

/** Logits of all images in evaluation mode, images × classes; `batch` are the most at once, fewer where they do not fit. */
export async function logitsOf(
  network: Network,
  gpu: Gpu,
  images: Pixels,
  normalization: ChannelStats,
  batch: number,
): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  let size = fittingBatch(gpu, network.graph, batch);
  for (let from = 0; from < images.count; from += size)
    parts.push(
      await halving(Math.min(size, images.count - from), async (now) => {
        size = Math.min(size, now);
        const to = Math.min(images.count, from + now);
        const logits = noGrad(() =>
          scope(() => keep(network.forward(upload(gpu, images, normalization, from, to), EVAL))),
        );
        const values = await logits.floats();
        logits.release();
        return values;
      }),
    );
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Noise for a network that has no images at hand. */
export function noise(count: number, size: number): ImageSet {
  const images = Uint8Array.from(uniformArray(count * size * size * 3, 1, 0), (value) => Math.floor(256 * value));
  const labels = new Uint8Array(count);
  return { name: 'noise', images, labels, count, height: size, width: size, channels: 3, classes: [] };
}
