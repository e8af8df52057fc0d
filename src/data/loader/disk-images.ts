// A set of images on the disk for training and evaluation: read, decoded and varied as they are needed.
import { type Gpu, needArguments, needFields } from '../../gpu/index.ts';
import type { ChannelStats } from '../image/image-set.ts';
import type { ImageSource } from '../sources/image-source.ts';
import type { Erasing } from '../transform/erasing.ts';
import type { Mixing } from '../transform/mixing.ts';
import type { EvaluationPlan, TrainingPlan } from '../transform/plans.ts';
import { ImageBatches } from './image-batches.ts';
import type { FeedOptions, ImageFeed } from './image-feed.ts';
import type { ImageLoaderOptions } from './image-loader.ts';

/** How a set's images become batches. */
export interface DiskImagesOptions extends Pick<ImageLoaderOptions, 'workers' | 'decoder' | 'ahead' | 'repeats'> {
  /** Mean and deviation of pixels in [0, 1], by channel. */
  normalization: ChannelStats;
  /** Of batches that are varied. */
  training: TrainingPlan;
  /** Of those that are not. */
  evaluation: EvaluationPlan;
  erasing?: Erasing | undefined;
  mixing?: Mixing | undefined;
  /** What becomes of an image that cannot be decoded: another takes its place (where images are counted, none), or it is an error. Default skip. */
  odd?: 'skip' | 'refuse' | undefined;
}

/** Images on the disk. Nothing is read before the first batch; batches own their workers. The source goes on being the caller's. */
export class DiskImages implements ImageFeed {
  readonly gpu: Gpu;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels = 3;
  private readonly source: ImageSource;
  private readonly options: DiskImagesOptions;
  private readonly items: Uint32Array | undefined;

  /** `items` are the images by their numbers in the source, by default all. */
  constructor(gpu: Gpu, source: ImageSource, options: DiskImagesOptions, items?: Uint32Array) {
    needArguments('DiskImages', 'a Gpu', { gpu });
    needArguments('DiskImages', 'an object', { source });
    needFields('DiskImages', 'options', options, {
      normalization: 'an object',
      training: 'an object',
      evaluation: 'an object',
    });
    this.gpu = gpu;
    this.source = source;
    this.options = options;
    this.items = items;
    this.count = items?.length ?? source.count;
    [this.height, this.width] = [options.training.size, options.training.size];
  }

  /** Throws ImageRangeError for a batch larger than the set. */
  batches({ augment = false, counted = false, ...asked }: FeedOptions): ImageBatches {
    const { training, evaluation, repeats, odd = 'skip', ...options } = this.options;
    return new ImageBatches(this.gpu, this.source, {
      ...options,
      ...asked,
      ...(augment ? { training, repeats } : { evaluation }),
      items: this.items,
      odd: counted && odd === 'skip' ? 'leave' : odd,
    });
  }

  part(images: Uint32Array): DiskImages {
    const { items } = this;
    const chosen = new Uint32Array(new SharedArrayBuffer(4 * images.length));
    for (const [i, image] of images.entries()) chosen[i] = items?.[image] ?? image;
    return new DiskImages(this.gpu, this.source, this.options, chosen);
  }

  /** The batches own what there is. */
  release(): void {}
}
