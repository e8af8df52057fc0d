// What training and evaluation ask of images, wherever these lie: in GPU memory (DeviceData), or on a disk, to be read as they are needed.
import type { Gpu } from '../../gpu/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { BatchSource } from '../arrays/batch-source.ts';
import type { Augmentation } from './batch-stream.ts';

/** What a batch is, in which order the images come, and how they are varied. */
export interface FeedOptions {
  /** Images in a batch; what is left of an epoch after the last whole batch is left out. */
  batch: number;
  seed: number;
  /** `true` is how the images are usually varied in training. Default false. */
  augment?: boolean | Augmentation;
  /** How the batch is stored: as the network's `precision`, to save it the conversion. Default f32. */
  dtype?: 'f32' | 'f16';
  /** The images of an epoch, counted from 0, as positions in the set; all epochs have as many. Default: all in the set's own order. */
  order?: (epoch: number) => Uint32Array;
}

/** Batches of images, one draw after another over all epochs. */
export interface ImageBatchSource extends BatchSource<{ readonly x: Tensor; readonly y: Tensor }> {
  /** f32 or f16 [batch, height, width, channels], always the same memory. */
  readonly x: Tensor;
  /** u32 [batch], the labels. */
  readonly y: Tensor;
  /**
   * Makes a draw ready, counted from 0 over all epochs: to be awaited before the step whose next() fills x and y with it, outside of captures. Draws in order cost least.
   * `epoch` is the one whose order it has a place in, draw mod batches: by default the one that it belongs to.
   */
  seek(draw: number, epoch?: number): void | Promise<void>;
  release(): void;
}

/** A set of images to take batches of. Owns what it holds of them; release() it. */
export interface ImageFeed {
  readonly gpu: Gpu;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Throws ImageRangeError for a batch larger than the set. */
  batches(options: FeedOptions): ImageBatchSource;
  release(): void;
}

/** Some images of a set, by their positions in it, as a set of their own; the set goes on owning them. */
export function partOf(feed: ImageFeed, images: Uint32Array): ImageFeed {
  const { gpu, height, width, channels } = feed;
  return {
    ...{ gpu, height, width, channels },
    count: images.length,
    batches: ({ order, ...options }) =>
      feed.batches({ ...options, order: (epoch) => order?.(epoch).map((image) => images[image]) ?? images }),
    release() {},
  };
}
