// What training and evaluation ask of images, wherever these lie: in GPU memory (DeviceData), or on a disk, to be read as they are needed (DiskImages).
import type { Gpu } from '../../gpu/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { BatchSource } from '../arrays/batch-source.ts';
import type { LoaderWaits, OddImages } from './batch-crew.ts';

/** What a batch is, in which order the images come, and whether they are varied. */
export interface FeedOptions {
  /** Images in a batch; what is left of an epoch after the last whole batch is left out. */
  batch: number;
  /** Equal parts that a batch comes in, one after the other, where memory does not hold it at once. Default 1. */
  parts?: number;
  seed: number;
  /** Whether images are varied as the set has it for training. Default false. */
  augment?: boolean;
  /** Whether each epoch has an order of its own, by `seed`. Default false: the set's own order. */
  shuffle?: boolean;
  /** Whether results are counted by image: then what cannot be decoded and is not refused leaves its place empty, where otherwise another image takes it. Default false. */
  counted?: boolean;
  /** How the batch is stored: as the network's `precision`, to save it the conversion. Default f32. */
  dtype?: 'f32' | 'f16';
}

/** Batches of images, one draw after another over all epochs. */
export interface ImageBatchSource extends BatchSource<{ readonly x: Tensor; readonly y: Tensor }> {
  /** f32 or f16 [batch, height, width, channels], or of so many images as a part has; always the same memory. */
  readonly x: Tensor;
  /** u32 [batch], the labels; where images are mixed f32 [batch, classes], their shares. */
  readonly y: Tensor;
  /** u32 [batch]: of a mixed image, the label of its own. y, where nothing is mixed. */
  readonly labels: Tensor;
  /**
   * Makes a draw ready, counted from 0 over all epochs: to be awaited before the step whose next() fills x and y with it, outside of captures. Draws in order cost least.
   * `epoch` is the one whose order it has a place in, by default its own; what lies on a disk has no other.
   */
  seek(draw: number, epoch?: number): void | Promise<void>;
  /** Of batches from a disk: who waited for whom so far. */
  readonly waits?: LoaderWaits;
  /** Of the batch that seek() made ready, from a disk: places that are empty, where images are counted. */
  readonly leftOut?: readonly number[];
  /** Of batches from a disk: what was left out so far. */
  readonly odd?: OddImages;
  /** Gives back x, y and what else it owns; the set stays. */
  release(): void;
}

/** A set of images to take batches of. Owns what it holds of them; release() it. */
export interface ImageFeed {
  /** Where its batches are made. */
  readonly gpu: Gpu;
  /** Images of the set. */
  readonly count: number;
  /** Rows of an image, in pixels, as batches have them. */
  readonly height: number;
  /** Columns of an image, in pixels, as batches have them. */
  readonly width: number;
  /** Values of a pixel: 3 of R, G and B. */
  readonly channels: number;
  /** Throws ImageRangeError for a batch larger than the set. */
  batches(options: FeedOptions): ImageBatchSource;
  /** Some of the images, by their positions, as a set of their own, in this order. The whole set goes on owning them. */
  part(images: Uint32Array): ImageFeed;
  /** Gives back what it holds of the images on the GPU. Of a part that is nothing. */
  release(): void;
}
