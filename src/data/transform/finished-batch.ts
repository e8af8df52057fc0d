// The last part of an image's way, on the GPU: bytes become normalized numbers, boxes are erased, images and labels mixed, in one kernel that reads what is to be done
// from memory, so that a captured step does it for each batch anew.
import { type Gpu, grid1d, needArguments, params } from '../../gpu/index.ts';
import { empty, keep, type Tensor, tensor, zeros } from '../../tensor/index.ts';
import { ImageRangeError } from '../errors.ts';
import type { ChannelStats } from '../image/image-set.ts';
import { normalizationTable } from '../image/normalization.ts';
import type { DrawKey } from './draws.ts';
import { checkErasing, drawErased, type Erasing } from './erasing.ts';
import { checkMixing, drawMix, type Mixing } from './mixing.ts';
import { need } from './need.ts';
import type { Box } from './rgb-image.ts';

/** What batches are, and what is done to them. */
export interface FinishedBatchOptions {
  /** Images in a batch. */
  batch: number;
  /** Equal parts that it comes in. Default 1. */
  parts?: number | undefined;
  /** The images' sides. */
  size: number;
  classes: number;
  normalization: ChannelStats;
  /** How the batch is stored: as the network's `precision`. Default f32. */
  dtype?: 'f32' | 'f16';
  /** Default: nothing is erased. */
  erasing?: Erasing;
  /** Default: nothing is mixed. */
  mixing?: Mixing;
}

/** Words of the plan for the batch, and for each image. */
const ROW = 8;

const words = (box: Box | undefined): number[] =>
  box ? [box.top, box.left, box.top + box.height, box.left + box.width] : [0, 0, 0, 0];

/** A batch of images, erased and mixed. Owns GPU memory; release() it. */
export class FinishedBatch {
  /** f32 or f16 [batch, size, size, 3], or of so many images as a part has; always the same memory. */
  readonly x: Tensor;
  /** u32 [batch], the labels; where batches are mixed f32 [batch, classes], the shares. Both are targets of crossEntropy(), whose `labelSmoothing` smooths them. */
  readonly y: Tensor;
  /** u32 [batch]: of a mixed image, its own. */
  readonly labels: Tensor;
  /** Equal parts that a batch comes in, one after the other; 1 where it comes whole. */
  readonly parts: number;
  private readonly options: FinishedBatchOptions;
  /** Of the whole batch. */
  private readonly allLabels: Tensor;
  private readonly images: Tensor;
  private readonly plan: Tensor;
  private readonly table: Tensor;

  /** Throws ConfigError for options that cannot be, ImageRangeError for parts that are not equal. */
  constructor(gpu: Gpu, options: FinishedBatchOptions) {
    needArguments('FinishedBatch', 'a Gpu', { gpu });
    needArguments('FinishedBatch', 'an object', { options });
    const { batch, parts = 1, size, classes, normalization, dtype = 'f32', erasing, mixing } = options;
    needArguments('FinishedBatch', 'an object', { normalization });
    for (const [field, value] of Object.entries({ batch, size, classes }))
      need(field, value, Number.isInteger(value) && value >= 1, 'a whole number from 1');
    if (erasing) checkErasing(erasing);
    if (mixing) checkMixing(mixing);
    const count = batch / parts;
    if (!Number.isInteger(count))
      throw new ImageRangeError(`a batch of ${batch} does not come in ${parts} equal parts`);
    this.parts = parts;
    this.options = options;
    this.images = keep(zeros(gpu, [batch, size, size, 3], 'images of the batch', 'u8'));
    this.allLabels = keep(zeros(gpu, [batch], 'labels of the batch', 'u32'));
    this.labels = parts === 1 ? this.allLabels : keep(zeros(gpu, [count], 'labels of a part', 'u32'));
    this.plan = keep(zeros(gpu, [1 + batch, ROW], 'plan of the batch', 'u32'));
    this.table = keep(tensor(gpu, normalizationTable(normalization), [3 * 256], 'normalization'));
    this.x = keep(empty(gpu, [count, size, size, 3], 'batch', dtype));
    this.y = mixing ? keep(empty(gpu, [count, classes], 'shares of the batch')) : this.labels;
  }

  /**
   * Uploads the next batch: u8 pixels batch × size × size × 3, labels, and by which numbers each image is erased and all are mixed. Without keys, as for evaluation,
   * nothing is.
   */
  set(pixels: Uint8Array, labels: Uint32Array, keys?: { images: readonly DrawKey[]; step: DrawKey }): void {
    const { batch, size, erasing, mixing } = this.options;
    this.images.set(pixels);
    this.allLabels.set(labels);
    const plan = new Uint32Array((1 + batch) * ROW);
    const mix = keys && mixing ? drawMix(keys.step, size, mixing) : { pixels: 1, labels: 1, box: undefined };
    plan.set(new Uint32Array(Float32Array.of(mix.pixels, mix.labels).buffer));
    plan.set(words(mix.box), 4);
    if (keys && erasing)
      for (const [i, key] of keys.images.entries()) {
        const erased = drawErased(key, size, erasing);
        if (erased) plan.set([...words(erased.box), erasing.mode === 'const' ? 0 : 1, ...erased.noise], (1 + i) * ROW);
      }
    this.plan.set(plan);
  }

  /** Records the kernels that fill x and y with the batch, or with part `i` of it. */
  next(i = 0): void {
    const { images, labels, allLabels, plan, table, x, y } = this;
    const { batch, size, classes } = this.options;
    const { gpu } = x;
    const [count] = x.shape;
    const begin = i * count;
    gpu.run({
      shader: 'data/finish_batch',
      types: { X: x.dtype },
      bindings: [images, plan, table, x].map(({ slice }) => slice),
      params: params(size, size, 3, batch, begin),
      grid: [Math.ceil((size * 3) / 64), Math.ceil(size / 8), count],
      cost: { flops: 0, bytes: x.bytes + images.bytes },
      label: 'finish batch',
    });
    if (labels !== allLabels)
      gpu.run({
        shader: 'data/part_of_labels',
        bindings: [allLabels.slice, labels.slice],
        params: params(begin, count),
        grid: [Math.ceil(count / 64)],
        cost: { flops: 0, bytes: 2 * labels.bytes },
        label: 'labels of a part',
      });
    if (y === labels) return;
    gpu.run({
      shader: 'data/mixed_shares',
      bindings: [allLabels, plan, y].map(({ slice }) => slice),
      params: params(batch, classes, begin, count),
      grid: grid1d(Math.ceil(y.size / 64)),
      cost: { flops: 0, bytes: y.bytes },
      label: 'shares of the batch',
    });
  }

  /** Gives back x, y, the labels and the uploaded bytes. */
  release(): void {
    for (const owned of new Set([this.images, this.labels, this.allLabels, this.plan, this.table, this.x, this.y]))
      owned.release();
  }
}
