// A set of images on the GPU, as the bytes they are: training reads nothing else from the CPU but an order of images for each epoch.
import { type Gpu, needArguments, needFields } from '../../gpu/index.ts';
import { keep, type Tensor, tensor } from '../../tensor/index.ts';
import { ImageRangeError } from '../errors.ts';
import type { ChannelStats, ImageSet } from '../image/image-set.ts';
import { normalizationTable } from '../image/normalization.ts';
import type { BatchStream } from './batch-stream.ts';
import { DevicePart, deviceBatches } from './device-part.ts';
import type { FeedOptions, ImageFeed } from './image-feed.ts';

/** Mean and deviation of CIFAR-10's training images. */
export const CIFAR10_NORMALIZATION: ChannelStats = {
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
};

/** Mean and standard deviation by channel in place of the set's own, and the size of buffers. */
export interface DeviceDataOptions extends Partial<ChannelStats> {
  /** Images that share a buffer. Default: as many as the device allows. */
  imagesPerBuffer?: number;
}

/**
 * A set of images in GPU memory: u8 pixels, u32 labels, and a table that normalizes a byte. Owns GPU memory;
 * release() it.
 */
export class DeviceData implements ImageFeed {
  readonly gpu: Gpu;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** u8 [images, height, width, channels] each; image `first` of the set is the first of its part. */
  readonly parts: readonly { images: Tensor; first: number }[];
  /** u32 [count], the form in which batches and losses take them. */
  readonly labels: Tensor;
  /** normalizationTable() of its images. */
  readonly table: Tensor;

  /** Uploads a set. Normalized as the options say, else as the set says, else as CIFAR-10. Throws ImageRangeError for an empty set or other numbers of channels. */
  constructor(gpu: Gpu, set: ImageSet, options: DeviceDataOptions = {}) {
    needArguments('DeviceData', 'a Gpu', { gpu });
    needFields('DeviceData', 'set', set, {
      images: 'a list',
      labels: 'a list',
      count: 'a whole number',
      height: 'a whole number',
      width: 'a whole number',
      channels: 'a whole number',
    });
    const { mean, std } = { ...(set.normalization ?? CIFAR10_NORMALIZATION), ...options };
    const { count, height, width, channels } = set;
    if (count < 1) throw new ImageRangeError(`${set.name} holds no images`);
    if (mean.length !== channels || std.length !== channels)
      throw new ImageRangeError(
        `${set.name} has ${channels} channels, mean and std are given for ${mean.length} and ${std.length}`,
      );
    this.gpu = gpu;
    [this.count, this.height, this.width, this.channels] = [count, height, width, channels];
    const bytes = height * width * channels;
    const limit = Math.min(gpu.device.limits.maxStorageBufferBindingSize, gpu.device.limits.maxBufferSize);
    const each = Math.min(count, options.imagesPerBuffer ?? Math.floor(limit / bytes));
    this.parts = Array.from({ length: Math.ceil(count / each) }, (_, i) => {
      const first = i * each;
      const part = set.images.subarray(first * bytes, Math.min(count, first + each) * bytes);
      const shape = [part.length / bytes, height, width, channels];
      return { images: keep(tensor(gpu, part, shape, `images of ${set.name}`, 'u8')), first };
    });
    this.labels = keep(tensor(gpu, set.labels.subarray(0, count), [count], `labels of ${set.name}`, 'u32'));
    this.table = keep(tensor(gpu, normalizationTable({ mean, std }), [channels * 256], 'normalization'));
  }

  /** Throws ImageRangeError for a batch larger than the set. */
  batches(options: FeedOptions): BatchStream {
    return deviceBatches(this, undefined, options);
  }

  part(images: Uint32Array): DevicePart {
    return new DevicePart(this, images);
  }

  release(): void {
    for (const { images } of this.parts) images.release();
    this.labels.release();
    this.table.release();
  }
}
