// Some images of a set in GPU memory as a set of their own, which takes no memory but for the orders of its batches.
import { permutation } from '../../tensor/index.ts';
import { BatchStream } from './batch-stream.ts';
import type { DeviceData } from './device-data.ts';
import type { FeedOptions, ImageFeed } from './image-feed.ts';

/** Added to the seed, so that shuffling never shares its numbers with initialization. */
const SHUFFLE_STREAM = 0x5481ff1e;

/** Batches of some images, or of all. */
export function deviceBatches(
  data: DeviceData,
  images: Uint32Array | undefined,
  { shuffle = false, counted: _all, ...options }: FeedOptions,
): BatchStream {
  const count = images?.length ?? data.count;
  const shuffled = (epoch: number): Uint32Array => permutation(count, options.seed, (SHUFFLE_STREAM + epoch) >>> 0);
  const chosen = (order: Uint32Array): Uint32Array => (images ? order.map((place) => images[place]) : order);
  const order = shuffle ? (epoch: number) => chosen(shuffled(epoch)) : images && (() => images);
  return new BatchStream(data, { ...options, ...(order && { order }) });
}

/** Some images of a set in GPU memory, which goes on owning them. */
export class DevicePart implements ImageFeed {
  private readonly data: DeviceData;
  private readonly images: Uint32Array;
  readonly gpu: ImageFeed['gpu'];
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;

  constructor(data: DeviceData, images: Uint32Array) {
    this.data = data;
    this.images = images;
    this.count = images.length;
    ({ gpu: this.gpu, height: this.height, width: this.width, channels: this.channels } = data);
  }

  /** Throws ImageRangeError for a batch larger than the part. */
  batches(options: FeedOptions): BatchStream {
    return deviceBatches(this.data, this.images, options);
  }

  /** Positions are those in this part. */
  part(images: Uint32Array): DevicePart {
    return new DevicePart(
      this.data,
      images.map((image) => this.images[image]),
    );
  }

  /** There is nothing of its own. */
  release(): void {}
}
