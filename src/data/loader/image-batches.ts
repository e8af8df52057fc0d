// Batches of images for a training loop: bytes that the loader made are uploaded between steps, and become normalized numbers, erased and mixed, in a step's own commands.
import { type Gpu, needArguments } from '../../gpu/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { ChannelStats } from '../image/image-set.ts';
import type { ImageSource } from '../sources/image-source.ts';
import type { Erasing } from '../transform/erasing.ts';
import { FinishedBatch } from '../transform/finished-batch.ts';
import type { Mixing } from '../transform/mixing.ts';
import type { LoaderWaits, OddImages } from './batch-crew.ts';
import type { ImageBatchSource } from './image-feed.ts';
import { ImageLoader, type ImageLoaderOptions, type LoadedImages } from './image-loader.ts';

/** What batches are, and how the GPU has them. */
export interface ImageBatchOptions extends ImageLoaderOptions {
  /** Mean and deviation of pixels in [0, 1], by channel. */
  normalization: ChannelStats;
  /** Equal parts that a batch comes in. Default 1. */
  parts?: number | undefined;
  /** How x is stored. Default f32. */
  dtype?: 'f32' | 'f16' | undefined;
  /** Boxes to erase in training. Default none. */
  erasing?: Erasing | undefined;
  /** Whether batches are mixed in training. Default not. */
  mixing?: Mixing | undefined;
}

/** What a batch is made of. */
export type CurrentImages = Omit<LoadedImages, 'pixels' | 'labels'>;

/**
 * Batches of a set on the disk, loaded by worker threads: x and y are always the same memory. Owns GPU memory and workers; release() it, which ends them, or await close().
 *
 * @example
 * const { train } = await openImageSource('imagenet/');
 * const batches = new ImageBatches(gpu, train, { batch: 64, training: { size: 224 }, seed: 1, normalization: NORMALIZATIONS.imagenet });
 * await batches.prepare();
 * batches.next(); // batches.x [64, 224, 224, 3], batches.y [64]
 */
export class ImageBatches implements ImageBatchSource {
  /** What reads and decodes the images; it says who waited for whom, and what was left out. */
  readonly loader: ImageLoader;
  /** f32 or f16 [batch, size, size, 3]. */
  readonly x: Tensor;
  /** u32 [batch], the labels; where batches are mixed f32 [batch, classes], the shares. */
  readonly y: Tensor;
  /** u32 [batch]. */
  readonly labels: Tensor;
  /** x and y. */
  readonly batch: { readonly x: Tensor; readonly y: Tensor };
  /** Batches in an epoch. */
  readonly batches: number;
  /** What prepare() brought: its epoch, its place there, and how many images are not there only to fill up the last batch. */
  current: CurrentImages | undefined;
  private readonly finished: FinishedBatch;
  private readonly varied: boolean;

  /** Throws as ImageLoader does. */
  constructor(gpu: Gpu, source: ImageSource, options: ImageBatchOptions) {
    needArguments('ImageBatches', 'a Gpu', { gpu });
    needArguments('ImageBatches', 'an object', { source, options });
    const { normalization, dtype, parts, training, erasing, mixing } = options;
    this.loader = new ImageLoader(source, options);
    const { batch, size } = this.loader.plan;
    this.batches = this.loader.batches;
    this.varied = training !== undefined;
    this.finished = new FinishedBatch(gpu, {
      ...{ batch, parts, size, classes: source.folders.length, normalization, dtype },
      ...(this.varied && { erasing, mixing }),
    });
    const { x, y, labels } = this.finished;
    [this.x, this.y, this.labels, this.batch] = [x, y, labels, { x, y }];
  }

  /** Who waited for whom so far. */
  get waits(): LoaderWaits {
    return this.loader.waits;
  }

  /** Places of the current batch that are empty, since their images cannot be decoded. */
  get leftOut(): readonly number[] {
    return this.current?.leftOut ?? [];
  }

  /** What was left out so far. */
  get odd(): OddImages {
    return this.loader.odd;
  }

  /** Waits for the next batch and uploads it. Throws as ImageLoader.next() does. */
  async prepare(): Promise<void> {
    const { pixels, labels, ...current } = await this.loader.next();
    this.finished.set(pixels, labels, this.varied ? this.keysOf(current) : undefined);
    this.current = current;
  }

  /** prepare() for a batch by its number, counted from 0 over all epochs. What was loaded ahead of another one is given up. */
  async seek(draw: number): Promise<void> {
    await this.loader.seek(draw);
    await this.prepare();
  }

  get parts(): number {
    return this.finished.parts;
  }

  /** Records what makes x and y of the bytes and labels, or of those of a batch's first part. */
  next(): void {
    this.finished.next();
  }

  /** Records what makes x and y of another part. */
  part(i: number): void {
    this.finished.next(i);
  }

  /** Ends the workers; the next batch would start new ones. */
  close(): Promise<void> {
    return this.loader.close();
  }

  release(): void {
    this.finished.release();
    // Nobody waits for their last images.
    void this.close();
  }

  /** What each image, and the batch, draw random numbers by. */
  private keysOf({ items, epoch, position }: CurrentImages) {
    const { seed, batch, repeats } = this.loader.plan;
    const images = Array.from(items, (index, at) => ({
      ...{ seed, epoch, index },
      copy: (position * batch + at) % repeats,
    }));
    return { images, step: { seed, epoch, index: position } };
  }
}
