// Networks at work: the logits of a set of images, normalized as the network's file says, whatever set they are from.

import {
  type ChannelStats,
  ImageLoader,
  type ImageSet,
  isOnDisk,
  normalizationTable,
  type TaskImages,
} from '../../data/index.ts';
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

/** Logits of some images, one after the other, and their labels where they have any. */
export interface Answers {
  /** Images × classes. */
  logits: Float32Array;
  labels: ArrayLike<number>;
}

/** Images in memory, with labels where somebody asks for them. */
type Labelled = Pixels & { labels?: ImageSet['labels'] | Uint32Array };

/** Logits of all images in evaluation mode, some at a time; `batch` are the most at once, fewer where they do not fit. What lies on a disk is read as it is needed. Throws as ImageLoader does. */
export async function* answersOf(
  network: Network,
  gpu: Gpu,
  images: Labelled | TaskImages,
  normalization: ChannelStats,
  batch: number,
): AsyncGenerator<Answers> {
  let size = fittingBatch(gpu, network.graph, batch);
  for await (const part of partsOf(images, size))
    for (let from = 0; from < part.count; ) {
      const answers = await halving(Math.min(size, part.count - from), async (now) => {
        size = Math.min(size, now);
        const to = Math.min(part.count, from + now);
        const logits = noGrad(() =>
          scope(() => keep(network.forward(upload(gpu, part, normalization, from, to), EVAL))),
        );
        const values = await logits.floats();
        logits.release();
        return { logits: values, labels: part.labels?.slice(from, to) ?? [], to };
      });
      from = answers.to;
      yield answers;
    }
}

/** A set in memory as it is, one on a disk batch by batch, without what cannot be decoded where that is not refused. */
async function* partsOf(images: Labelled | TaskImages, batch: number): AsyncGenerator<Labelled> {
  const set = images as TaskImages;
  if (!isOnDisk(set)) {
    yield images as Labelled;
    return;
  }
  const { source, evaluation, items, odd, workers, decoder, count, height, width } = set;
  const how = { evaluation, items, workers, decoder, odd: odd === 'refuse' ? odd : 'leave' } as const;
  const loader = new ImageLoader(source, { batch: Math.min(batch, count), ...how });
  try {
    for (let b = 0; b < loader.batches; b++) {
      const { pixels, labels, fresh, leftOut } = await loader.next();
      const images = { images: pixels, labels, count: fresh, height, width };
      yield leftOut.length > 0 ? without(images, leftOut) : images;
    }
  } finally {
    await loader.close();
  }
}

/** Images closed up where some are left out. */
function without({ images, labels, count, height, width }: Labelled, leftOut: readonly number[]): Labelled {
  const kept = Array.from({ length: count }, (_, at) => at).filter((at) => !leftOut.includes(at));
  const bytes = height * width * 3;
  const own = new Uint8Array(kept.length * bytes);
  for (const [to, at] of kept.entries()) own.set(images.subarray(at * bytes, (at + 1) * bytes), to * bytes);
  return { images: own, labels: Uint32Array.from(kept, (at) => labels![at]), count: kept.length, height, width };
}

/** All of answersOf()'s logits, images × classes. */
export async function logitsOf(...args: Parameters<typeof answersOf>): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for await (const { logits } of answersOf(...args)) parts.push(logits);
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
