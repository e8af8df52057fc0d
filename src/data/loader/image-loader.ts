// Batches of images that worker threads read, decode and transform ahead of their use. Which image stands where, and what becomes of it, depends on seed, epoch and place
// alone: not on the number of workers, nor on whether the run was cut in between.
import { needArguments } from '../../gpu/index.ts';
import { ImageRangeError } from '../errors.ts';
import type { ImageSource } from '../sources/image-source.ts';
import type { EvaluationPlan, TrainingPlan } from '../transform/plans.ts';
import { BatchCrew, type CrewOptions, workerFile } from './batch-crew.ts';
import { CrewLoader } from './crew-loader.ts';
import { freshIn, type LoaderPlan } from './loader-plan.ts';
import { LEFT_OUT } from './shared-slots.ts';

/** What batches are, and how they are made. One of `training` and `evaluation` says what becomes of an image. */
export interface ImageLoaderOptions extends CrewOptions {
  /** Images in a batch. */
  batch: number;
  /** Random crops and more, and a new order each epoch; what is left of an epoch behind the last whole batch is left out. */
  training?: TrainingPlan | undefined;
  /** The middle of each image, in the set's own order; the last batch is filled up with the first images, and says how many are its own. */
  evaluation?: EvaluationPlan | undefined;
  /** Of order, crops and all that is random. Default 0. */
  seed?: number | undefined;
  /** Whether each epoch has an order of its own. Default: for training. */
  shuffle?: boolean | undefined;
  /** Copies of each image in a row, each augmented by itself (repeated augmentation); an epoch stays as long as it was. Default 1. */
  repeats?: number | undefined;
  /** What becomes of a file that is no image or a damaged one: `skip` puts another in its place and counts it, `leave` leaves its place empty and says so (`leftOut`), `refuse` is an error that names it. Default: skip for training, refuse for evaluation. */
  odd?: 'skip' | 'leave' | 'refuse' | undefined;
  /** The images to load, by their numbers in the source; in shared memory where they are many, since each thread has them. Default all. */
  items?: Uint32Array | undefined;
}

/** A batch in shared memory, until the next one is asked for. */
export interface LoadedImages {
  /** u8 [batch, size, size, 3]. */
  pixels: Uint8Array;
  /** u32 [batch]. */
  labels: Uint32Array;
  /** Numbers of the images in their source. */
  items: Uint32Array;
  /** Places, in order, that are empty, since their images cannot be decoded: what counts images leaves them out. */
  leftOut: readonly number[];
  /** Images, counted from the batch's beginning, that are not there only to fill up the last batch of an epoch. */
  fresh: number;
  /** From 0. */
  epoch: number;
  /** Of the batch in its epoch, from 0. */
  position: number;
}

/**
 * Loads batches of images with worker threads. Memory: `ahead` + 1 batches of bytes, and the index of the source. close() it.
 *
 * @example
 * const { train } = await openImageSource('imagenet/');
 * const loader = new ImageLoader(train, { batch: 64, training: { size: 224 }, seed: 1 });
 * const { pixels, labels } = await loader.next();
 */
export class ImageLoader extends CrewLoader {
  /** The images. */
  readonly source: ImageSource;
  /** What batches are made of, defaults filled in: what each worker was given. */
  readonly plan: LoaderPlan;
  protected readonly crew: BatchCrew;

  /** Workers start with the first batch. Throws ImageRangeError for a batch that the source cannot fill, and for other numbers that are none of theirs. */
  constructor(source: ImageSource, options: ImageLoaderOptions) {
    super();
    needArguments('ImageLoader', 'an object', { source, options });
    const { training, evaluation, batch, seed = 0, shuffle = training !== undefined, repeats = 1 } = options;
    const { odd = training ? 'skip' : 'refuse', items } = options;
    const count = items?.length ?? source.count;
    if ((training === undefined) === (evaluation === undefined))
      throw new ImageRangeError('a loader takes either training or evaluation: what becomes of images');
    const { size } = training ?? evaluation!;
    for (const [name, value] of Object.entries({ batch, repeats, size }))
      if (!Number.isInteger(value) || value < 1)
        throw new ImageRangeError(`${name} must be a whole number from 1; it is ${value}`);
    if (count < 1 || ((training || shuffle) && batch > count))
      throw new ImageRangeError(`a batch of ${batch} cannot be drawn from ${count} images`);
    const batches = training || shuffle ? Math.floor(count / batch) : Math.ceil(count / batch);
    this.plan = {
      count,
      batch,
      batches,
      seed,
      shuffle,
      repeats,
      size,
      training,
      evaluation,
      items,
      odd,
    };
    this.source = source;
    const file = workerFile('image-worker', import.meta.url);
    const layout = { batch, bytes: size ** 2 * 3 };
    this.crew = new BatchCrew({ file, plan: this.plan, layout, source }, options);
  }

  /** Batches in an epoch. */
  get batches(): number {
    return this.plan.batches;
  }

  /**
   * The next batch; what the last one gave is overwritten. Throws ImageDecodeError naming an image that cannot be decoded, where those are refused or too many; ImageSourceError for
   * one that cannot be read; LoaderError for a worker that ended.
   */
  async next(): Promise<LoadedImages> {
    const { slot, draw } = await this.crew.next();
    const { pixels, labels, items, states } = slot;
    const { batches } = this.plan;
    const leftOut = states.includes(LEFT_OUT) ? [...states.keys()].filter((at) => states[at] === LEFT_OUT) : [];
    const fresh = freshIn(this.plan, draw);
    return { pixels, labels, items, leftOut, fresh, epoch: Math.floor(draw / batches), position: draw % batches };
  }
}
