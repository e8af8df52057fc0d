// Batches drawn on the GPU from images that are there already: gathered in the epoch's order, cropped, flipped and normalized by two kernels
// that find their place by a counter in GPU memory, so that a captured step draws the next batch each time it is replayed.
import { needArguments, needFields, params } from '../../gpu/index.ts';
import { empty, keep, type Tensor, zeros } from '../../tensor/index.ts';
import { ImageRangeError } from '../errors.ts';
import type { DeviceData } from './device-data.ts';
import type { ImageBatchSource } from './image-feed.ts';

/** How training images are varied. */
export interface Augmentation {
  /** Black pixels put around an image before a crop of its own size is cut out at random. */
  pad: number;
  /** Mirrors every other image, at random. */
  flip: boolean;
}

/** CIFAR's usual variation. */
export const CIFAR_AUGMENTATION: Augmentation = { pad: 4, flip: true };

/** What a batch is, and how it is augmented. */
export interface BatchOptions {
  /** Images in a batch; what is left of an epoch after the last whole batch is left out. */
  batch: number;
  /** Equal parts that a batch comes in, one after the other, where memory does not hold it at once. Default 1. */
  parts?: number;
  seed: number;
  /** `true` is CIFAR_AUGMENTATION. Default false. */
  augment?: boolean | Augmentation;
  /** How the batch is stored: as the network's `precision`, to save it the conversion. Default f32. */
  dtype?: 'f32' | 'f16';
  /** The images of an epoch, counted from 0, as positions in the set, for seek(); all epochs have as many. Default: all in the set's own order. */
  order?: (epoch: number) => Uint32Array;
}

/** The stream of random numbers that augmentation draws from, under each seed. */
export const AUGMENT_STREAM = 0xa06;

/**
 * Draws batches of a set on the GPU, in an order that is set epoch by epoch and augmented by random crops and flips,
 * all of it from the seed and the
 * number of batches drawn: a captured step that calls next() draws a new batch at each replay, and a resumed run
 * draws as if it had never stopped.
 *
 * @example
 * const stream = new BatchStream(new DeviceData(gpu, train), { batch: 50, seed: 1, augment: true });
 * stream.next(); // fills stream.x [50, 32, 32, 3] and stream.y [50]
 */
export class BatchStream implements ImageBatchSource {
  /** The set that batches are taken of. It goes on being the caller's. */
  readonly data: DeviceData;
  /** f32 or f16 [batch, height, width, channels], or of so many images as a part has; always the same memory. */
  readonly x: Tensor;
  /** u32 [batch], the labels. */
  readonly y: Tensor;
  /** y. */
  readonly labels: Tensor;
  /** u32 [1], batches drawn so far: with seed and order all that a resumed run needs. */
  readonly draws: Tensor;
  /** x and y. */
  readonly batch: { readonly x: Tensor; readonly y: Tensor };
  /** Of a batch. */
  readonly parts: number;
  private readonly size: number;
  private readonly seed: number;
  private readonly augmentation: Augmentation;
  /** Batches in an epoch, then the images. */
  private readonly order: Tensor;
  private readonly plan: Tensor;
  private readonly orderOf: (epoch: number) => Uint32Array;
  /** Batches in an epoch. */
  readonly batches: number;
  /** The epoch whose order is on the GPU, and what the counter stands at, as seek() left them. */
  private epoch?: number;
  private nextDraw?: number;

  /** Starts in the set's own order, unless one is given. Throws ImageRangeError for a batch larger than the set. */
  constructor(data: DeviceData, options: BatchOptions) {
    needArguments('BatchStream', 'an object', { data });
    needFields('BatchStream', 'options', options, { seed: 'a whole number' });
    const { batch, parts = 1, seed, augment = false, dtype = 'f32', order } = options;
    const { gpu, count, height, width, channels } = data;
    if (!Number.isInteger(batch) || batch < 1 || batch > count)
      throw new ImageRangeError(`a batch of ${batch} cannot be drawn from ${count} images`);
    const size = batch / parts;
    if (!Number.isInteger(size)) throw new ImageRangeError(`a batch of ${batch} does not come in ${parts} equal parts`);
    this.data = data;
    this.size = batch;
    this.parts = parts;
    this.seed = seed;
    this.augmentation = typeof augment === 'object' ? augment : augment ? CIFAR_AUGMENTATION : { pad: 0, flip: false };
    this.x = keep(empty(gpu, [size, height, width, channels], 'batch', dtype));
    this.y = keep(empty(gpu, [size], 'labels of the batch', 'u32'));
    this.labels = this.y;
    this.batch = { x: this.x, y: this.y };
    this.draws = keep(zeros(gpu, [1], 'draws', 'u32'));
    this.plan = keep(empty(gpu, [size, 4], 'plan of the batch', 'u32'));
    this.order = keep(empty(gpu, [1 + count], 'order', 'u32'));
    const all = Uint32Array.from({ length: count }, (_, i) => i);
    this.orderOf = order ?? (() => all);
    const first = this.orderOf(0);
    this.batches = Math.floor(first.length / batch);
    this.setOrder(first);
  }

  /** Makes a draw the next one, counted from 0 over all epochs, in the order of `epoch`, by default the draw's own. Nothing is uploaded where draws follow each other in an epoch. */
  seek(draw: number, epoch = Math.floor(draw / this.batches)): void {
    if (epoch !== this.epoch) this.setOrder(this.orderOf(epoch));
    this.epoch = epoch;
    if (draw !== this.nextDraw) this.draws.set([draw]);
    this.nextDraw = draw + 1;
  }

  /**
   * The images of the epochs to come, as positions in the set: batch `draws mod (length / batch)` is next. Throws ImageRangeError for one
   * that the set does not hold, and for fewer than a batch or more than the set.
   */
  setOrder(order: Uint32Array): void {
    const { count } = this.data;
    if (order.length < this.size || order.length > count)
      throw new ImageRangeError(
        `an order of ${order.length} images: it takes ${this.size} (a batch) to ${count} (the set)`,
      );
    const bad = order.findIndex((image) => image >= count);
    if (bad >= 0) throw new ImageRangeError(`image ${order[bad]} (entry ${bad} of the order): the set holds ${count}`);
    const words = new Uint32Array(1 + count);
    words[0] = Math.floor(order.length / this.size);
    words.set(order, 1);
    this.order.set(words);
  }

  /** Fills x and y with the next batch, or with the first of its parts. */
  next(): void {
    this.fill(0, true);
  }

  /** Fills x and y with another part, counted from 0, of the batch that next() has begun. */
  part(i: number): void {
    this.fill(i, false);
  }

  private fill(part: number, advances: boolean): void {
    const { data, x, y, draws, plan, order, size: batch } = this;
    const { gpu, height, width, channels, parts, labels, table } = data;
    const { pad, flip } = this.augmentation;
    const [size] = x.shape;
    gpu.run({
      shader: 'data/batch_plan',
      bindings: [order.slice, draws.slice, labels.slice, plan.slice, y.slice],
      params: params(batch, this.seed, AUGMENT_STREAM, pad, flip ? 1 : 0, part * size, size, advances ? 0 : 1),
      grid: [Math.ceil(size / 64)],
      cost: { flops: 0, bytes: size * 28 },
      label: 'batch plan',
    });
    for (const { images, first } of parts)
      gpu.run({
        shader: 'data/augment',
        types: { X: x.dtype },
        bindings: [images.slice, plan.slice, table.slice, draws.slice, x.slice],
        params: params(height, width, channels, pad, first, images.shape[0], advances && first === 0 ? 1 : 0),
        grid: [Math.ceil((width * channels) / 64), Math.ceil(height / 8), size],
        cost: { flops: 0, bytes: first === 0 ? x.bytes + x.size : 0 },
        label: 'augment',
      });
  }

  release(): void {
    for (const owned of [this.x, this.y, this.draws, this.plan, this.order]) owned.release();
  }
}
