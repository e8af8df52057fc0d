// Batches of images for a training loop: bytes that the loader made are uploaded between steps, and become normalized floats in a step's own commands.
import type { Gpu } from '../../gpu/index.ts';
import { empty, keep, type Tensor, tensor, zeros } from '../../tensor/index.ts';
import type { BatchSource } from '../arrays/batch-source.ts';
import { StoredArray } from '../arrays/stored-array.ts';
import type { ChannelStats } from '../image/image-set.ts';
import type { ImageSource } from '../sources/image-source.ts';
import { ImageLoader, type ImageLoaderOptions, type LoadedImages } from './image-loader.ts';

/** What batches are, and how the GPU has them. */
export interface ImageBatchOptions extends ImageLoaderOptions {
  /** Mean and deviation of pixels in [0, 1], by channel. */
  normalize: ChannelStats;
  /** How x is stored. Default f32. */
  dtype?: 'f32' | 'f16' | undefined;
}

/**
 * Batches of a set on the disk, loaded by worker threads: x and y are always the same memory. Owns GPU memory and workers; release() and close() it.
 *
 * @example
 * const { train } = await openImageSource('imagenet/');
 * const batches = await ImageBatches.open(gpu, train, { batch: 64, training: { size: 224 }, seed: 1, normalize: IMAGENET_NORMALIZATION });
 * await batches.prepare();
 * batches.next(); // batches.x [64, 224, 224, 3], batches.y [64]
 */
export class ImageBatches implements BatchSource<{ readonly x: Tensor; readonly y: Tensor }> {
  readonly loader: ImageLoader;
  /** f32 or f16 [batch, size, size, 3]. */
  readonly x: Tensor;
  /** u32 [batch], the labels. */
  readonly y: Tensor;
  /** x and y. */
  readonly batch: { readonly x: Tensor; readonly y: Tensor };
  /** Batches in an epoch. */
  readonly batches: number;
  /** What prepare() brought: its epoch, its place there, and how many images are not there only to fill up the last batch. */
  current: Omit<LoadedImages, 'pixels' | 'labels'> | undefined;
  private readonly bytes: StoredArray;
  /** Position in a batch of its own images: 0, 1, 2, … */
  private readonly plan: Tensor;
  private readonly counter: Tensor;

  /** Throws as ImageLoader.open() does. */
  static async open(gpu: Gpu, source: ImageSource, options: ImageBatchOptions): Promise<ImageBatches> {
    return new ImageBatches(gpu, await ImageLoader.open(source, options), options);
  }

  private constructor(gpu: Gpu, loader: ImageLoader, { normalize, dtype = 'f32' }: ImageBatchOptions) {
    const { batch, size, batches } = loader.plan;
    const shape = [size, size, 3];
    const values = new Uint8Array(batch * size * size * 3);
    this.loader = loader;
    this.batches = batches;
    this.x = keep(empty(gpu, [batch, ...shape], 'batch', dtype));
    this.y = keep(empty(gpu, [batch], 'labels of the batch', 'u32'));
    this.batch = { x: this.x, y: this.y };
    this.bytes = new StoredArray(gpu, 'images', { values, stored: 'u8', as: dtype, normalize }, shape, batch);
    const places = Uint32Array.from({ length: batch }, (_, i) => i);
    this.plan = keep(tensor(gpu, places, [batch], 'plan of the batch', 'u32'));
    this.counter = keep(zeros(gpu, [1], 'draws', 'u32'));
  }

  /** Waits for the next batch and uploads it. Throws as ImageLoader.next() does. */
  async prepare(): Promise<void> {
    const { pixels, labels, ...current } = await this.loader.next();
    this.bytes.set(pixels);
    this.y.set(labels);
    this.current = current;
  }

  /** Records what makes x of the bytes. */
  next(): void {
    this.bytes.gather(this.x, { items: this.plan, draws: this.counter, advance: false });
  }

  /** Ends the workers. */
  close(): Promise<void> {
    return this.loader.close();
  }

  release(): void {
    for (const owned of [this.x, this.y, this.bytes, this.plan, this.counter]) owned.release();
  }
}
