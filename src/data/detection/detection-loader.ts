// Batches of pictures with their objects, of sizes that differ from batch to batch: worker threads read, decode and resize them ahead of their use, and boxes go the same way.
// What a batch is depends on seed and number alone: not on the number of workers, nor on whether the run was cut in between.
import { needArguments } from '../../gpu/index.ts';
import { type DetectionImage, trainingObjects } from '../coco/training-objects.ts';
import { ImageRangeError } from '../errors.ts';
import { BatchCrew, type CrewOptions, workerFile } from '../loader/batch-crew.ts';
import { CrewLoader } from '../loader/crew-loader.ts';
import { listedSource } from '../sources/listed-source.ts';
import { need, needShares } from '../transform/need.ts';
import { DetectionPlaces, type DetectionPlan, type PicturePlace } from './detection-places.ts';
import { type Sides, sidesBetween } from './picture-size.ts';
import { type LeftOutObjects, trainingImages } from './training-images.ts';

/** What becomes of pictures that are trained on. */
export interface DetectionTraining {
  /** Short sides, of which each picture draws one. Default 640, 672, …, 800. */
  short?: readonly number[] | undefined;
  /** The long side is no longer. Default 1333. */
  long?: number | undefined;
  /** How likely a picture is mirrored. Default 0.5. */
  flip?: number | undefined;
}

/** What becomes of pictures that are evaluated. */
export interface DetectionEvaluation {
  /** Default 800. */
  short?: number | undefined;
  /** The long side is no longer. Default 1333. */
  long?: number | undefined;
}

/** What batches are, and how they are made. One of `training` and `evaluation` says what becomes of pictures. */
export interface DetectionLoaderOptions extends CrewOptions {
  /** Pictures in a batch. */
  batch: number;
  /** A new order each epoch, sizes drawn, some mirrored; without crowds, boxes of no area and pictures without objects. */
  training?: DetectionTraining | undefined;
  /** All pictures with one short side, lying ones first, each group in its order; the last batch of a group is filled up with its first ones, and says how many are its own. */
  evaluation?: DetectionEvaluation | undefined;
  /** Sides of a batch are multiples of it: the coarser, the fewer sizes there are, and the more is padding. Default 32. */
  padTo?: number | undefined;
  /** Whether lying pictures and others come in batches of their own. Default true. */
  grouped?: boolean | undefined;
  /** Of order, sizes and flips. Default 0. */
  seed?: number | undefined;
  /** What becomes of a file that is no image, or of other sides than its annotations say: `skip` puts another in its place and counts it, `refuse` is an error that names it. Default: skip for training, refuse for evaluation. */
  odd?: 'skip' | 'refuse' | undefined;
}

/** A picture in a batch. */
export interface LoadedPicture extends PicturePlace {
  /** Its number in the list that the loader was given. */
  item: number;
  /** Its sides before it was resized. */
  own: Sides;
  /** f32 [objects, 4]: x0, y0, x1, y1 in pixels of the batch. */
  boxes: Float32Array;
  /** u32 [objects], from 0. */
  classes: Uint32Array;
}

/** A batch in shared memory, until the next one is asked for. */
export interface LoadedDetections {
  /** u8 [batch, height, width, 3], RGB; black where a picture does not reach. */
  pixels: Uint8Array;
  height: number;
  width: number;
  pictures: readonly LoadedPicture[];
  /** Pictures, counted from the batch's beginning, that are not there only to fill it up. */
  fresh: number;
  /** From 0: that of the last picture. */
  epoch: number;
  /** Of the batch, from 0. */
  draw: number;
}

const SHORT = sidesBetween(640, 800, 32);
const LONG = 1333;

/**
 * Loads batches of pictures with their objects with worker threads. Memory: `ahead` + 1 batches of the largest size, and the paths and sides of the pictures. close() it.
 *
 * @example
 * const loader = new DetectionLoader(images, { batch: 2, training: {}, seed: 1 });
 * const { pixels, height, width, pictures } = await loader.next();
 */
export class DetectionLoader extends CrewLoader {
  /** Pictures that are loaded. */
  readonly count: number;
  /** Of training: what is not trained on. */
  readonly leftOut: LeftOutObjects | undefined;
  /** The most pixels that a picture of a batch can have, padding included. */
  readonly mostPixels: number;
  /** The most objects that a picture has. */
  readonly mostObjects: number;
  private readonly images: readonly DetectionImage[];
  /** Numbers of the pictures that are loaded. */
  private readonly items: readonly number[];
  private readonly plan: DetectionPlan;
  private readonly places: DetectionPlaces;
  protected readonly crew: BatchCrew;

  /** Workers start with the first batch. Throws ConfigError for options that cannot be, ImageRangeError without pictures. */
  constructor(images: readonly DetectionImage[], options: DetectionLoaderOptions) {
    super();
    needArguments('DetectionLoader', 'a list', { images });
    needArguments('DetectionLoader', 'an object', { options });
    const { batch, training, evaluation, padTo = 32, grouped = true, seed = 0 } = options;
    const { odd = training ? 'skip' : 'refuse' } = options;
    if ((training === undefined) === (evaluation === undefined))
      throw new ImageRangeError('a loader takes either training or evaluation: what becomes of pictures');
    const { short = training ? SHORT : 800, long = LONG } = training ?? evaluation!;
    const flip = training ? (training.flip ?? 0.5) : 0;
    const shorts = typeof short === 'number' ? [short] : short;
    need('short', short, shorts.length > 0, 'a side, or some to draw from');
    for (const [field, value] of [
      ['batch', batch],
      ['padTo', padTo],
      ['long', long],
      ...shorts.map((side) => ['short', side] as const),
    ] as const)
      need(field, value, Number.isInteger(value) && value >= 1, 'a whole number from 1');
    need('padTo', padTo, padTo % 4 === 0, 'a multiple of 4');
    needShares({ flip });

    const trained = training && trainingImages(images);
    this.images = images;
    this.items = trained?.items ?? [...images.keys()];
    this.leftOut = trained?.leftOut;
    this.count = this.items.length;
    if (this.count === 0)
      throw new ImageRangeError(
        `none of ${images.length} pictures ${training ? 'has objects to train on' : 'is there'}`,
      );
    const sides = new Uint32Array(new SharedArrayBuffer(8 * this.count));
    for (const [i, item] of this.items.entries()) sides.set([images[item].width, images[item].height], 2 * i);
    this.plan = {
      ...{ sides, batch, seed, shuffle: training !== undefined, grouped, short: shorts, long, flip, padTo },
      odd,
    };
    this.places = new DetectionPlaces(this.plan);
    this.mostPixels = this.places.most;
    this.mostObjects = this.items.reduce((most, item) => Math.max(most, trainingObjects(images[item]).length), 0);
    const file = workerFile('detection-worker', import.meta.url);
    const source = listedSource(this.items.map((item) => images[item].file));
    this.crew = new BatchCrew(
      { file, plan: this.plan, layout: { batch, bytes: this.mostPixels * 3 }, source },
      options,
    );
  }

  /** Batches in an epoch: of evaluation, all; of training those of the first, of which later ones may have one more of each group. */
  get batches(): number {
    return this.places.batches;
  }

  /** Pictures in a batch. */
  get batch(): number {
    return this.plan.batch;
  }

  /**
   * The next batch; what the last one gave is overwritten. Throws ImageDecodeError naming a picture that cannot be decoded, where those are refused or too many; ImageSourceError for
   * one that cannot be read; LoaderError for a worker that ended.
   */
  async next(): Promise<LoadedDetections> {
    const { slot, draw } = await this.crew.next();
    const { padded, epochs, fresh, epoch } = this.places.batch(draw);
    const { width, height } = padded;
    return {
      pixels: slot.pixels.subarray(0, this.plan.batch * height * width * 3),
      ...{ height, width, fresh, epoch, draw },
      pictures: Array.from(slot.items, (item, at) => this.picture(item, epochs[at], padded)),
    };
  }

  private picture(i: number, epoch: number, padded: Sides): LoadedPicture {
    const item = this.items[i];
    const place = this.places.place(i, epoch, padded);
    const own = this.places.own(i);
    const objects = trainingObjects(this.images[item]);
    const [byWidth, byHeight] = [place.width / own.width, place.height / own.height];
    const boxes = objects.flatMap(({ box: [x0, y0, x1, y1] }) => {
      const [left, right] = [x0 * byWidth, x1 * byWidth];
      const across = place.flipped ? [place.width - right, place.width - left] : [left, right];
      return [across[0], y0 * byHeight, across[1], y1 * byHeight];
    });
    const classes = Uint32Array.from(objects, ({ category }) => category);
    return { item, ...place, own, boxes: Float32Array.from(boxes), classes };
  }
}
