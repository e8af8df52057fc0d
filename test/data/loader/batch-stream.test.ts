// Batches from the GPU against a CPU implementation, bit for bit: crops, flips, labels, epochs, replays, resuming, and sets in several buffers.
import { describe, expect, it } from 'vitest';
import { ImageRangeError } from '../../../src/data/errors.ts';
import type { ChannelStats, ImageSet } from '../../../src/data/image/image-set.ts';
import {
  AUGMENT_STREAM,
  type Augmentation,
  BatchStream,
  CIFAR_AUGMENTATION,
} from '../../../src/data/loader/batch-stream.ts';
import { CIFAR10_NORMALIZATION, DeviceData } from '../../../src/data/loader/device-data.ts';
import { fromHalf, toHalf } from '../../../src/gpu/device/half.ts';
import { randomWords } from '../../../src/tensor/random.ts';
import { gpu } from '../../support/gpu.ts';
import { generator, whole } from '../../support/random.ts';

function imageSet(count: number, height: number, width: number, channels: number): ImageSet {
  const next = generator(count * 7 + height);
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => whole(next, 0, 255));
  const images = bytes(count * height * width * channels);
  return { name: 'test', images, labels: bytes(count), count, height, width, channels, classes: [] };
}

const GREY: ChannelStats = { mean: [0.5], std: [0.25] };
const OFF: Augmentation = { pad: 0, flip: false };

/** Batch number `draw`, as torch would make it: RandomCrop with black padding, RandomHorizontalFlip, ToTensor, Normalize. */
function expectedBatch(
  set: ImageSet,
  order: ArrayLike<number>,
  batch: number,
  draw: number,
  seed: number,
  { pad, flip }: Augmentation,
  { mean, std }: ChannelStats = CIFAR10_NORMALIZATION,
): { x: Float32Array; y: Uint32Array } {
  const { height, width, channels } = set;
  const x: number[] = [];
  const y: number[] = [];
  const start = (draw % Math.floor(order.length / batch)) * batch;
  for (let b = 0; b < batch; b++) {
    const image = order[start + b];
    y.push(set.labels[image]);
    const words = randomWords(seed, AUGMENT_STREAM, draw, b);
    const [down, right] = words.map((word) => Math.floor((word * (2 * pad + 1)) / 2 ** 32) - pad);
    const mirrored = flip && words[2] >= 2 ** 31;
    for (let r = 0; r < height; r++)
      for (let c = 0; c < width; c++)
        for (let k = 0; k < channels; k++) {
          const [sy, sx] = [r + down, (mirrored ? width - 1 - c : c) + right];
          const inside = sy >= 0 && sy < height && sx >= 0 && sx < width;
          const byte = inside ? set.images[((image * height + sy) * width + sx) * channels + k] : 0;
          x.push((byte / 255 - mean[k]) / std[k]);
        }
  }
  return { x: Float32Array.from(x), y: Uint32Array.from(y) };
}

describe.each([
  {
    count: 20,
    height: 8,
    width: 8,
    channels: 3,
    batch: 6,
    augment: CIFAR_AUGMENTATION,
    normalization: CIFAR10_NORMALIZATION,
  },
  { count: 7, height: 13, width: 5, channels: 1, batch: 7, augment: { pad: 2, flip: false }, normalization: GREY },
  { count: 9, height: 3, width: 7, channels: 1, batch: 2, augment: { pad: 0, flip: true }, normalization: GREY },
  { count: 70, height: 2, width: 3, channels: 3, batch: 65, augment: OFF, normalization: CIFAR10_NORMALIZATION },
])(
  '$count images $height×$width×$channels, batch $batch, $augment',
  ({ count, height, width, channels, batch, augment, normalization }) => {
    it.each([undefined, 3])('images per buffer: %s', async (imagesPerBuffer) => {
      const set = imageSet(count, height, width, channels);
      const data = new DeviceData(gpu, set, { ...normalization, imagesPerBuffer });
      const stream = new BatchStream(data, { batch, seed: 5, augment });
      const order = Uint32Array.from({ length: count }, (_, i) => (i * 3 + 1) % count).reverse();
      stream.setOrder(order);
      for (let draw = 0; draw < 4; draw++) {
        stream.next();
        const expected = expectedBatch(set, order, batch, draw, 5, augment, normalization);
        expect(await stream.x.floats()).toEqual(expected.x);
        expect(await stream.y.data()).toEqual(expected.y);
      }
      expect(await stream.draws.item()).toBe(4);
      stream.release();
      data.release();
    });
  },
);

it.skipIf(!gpu.capabilities.f16).each([
  { width: 6, channels: 3 },
  { width: 5, channels: 1 },
])('in f16 it is the same batch, rounded ($width wide, $channels channels)', async ({ width, channels }) => {
  const normalization = channels === 1 ? GREY : CIFAR10_NORMALIZATION;
  const set = imageSet(7, 5, width, channels);
  const data = new DeviceData(gpu, set, { ...normalization, imagesPerBuffer: 4 });
  const stream = new BatchStream(data, { batch: 5, seed: 2, augment: true, dtype: 'f16' });
  stream.next();
  const order = Uint32Array.from({ length: 7 }, (_, i) => i);
  const { x, y } = expectedBatch(set, order, 5, 0, 2, CIFAR_AUGMENTATION, normalization);
  expect(await stream.x.floats()).toEqual(fromHalf(toHalf(x)));
  expect(await stream.y.data()).toEqual(y);
  stream.release();
  data.release();
});

it('replays draw on, through epochs with orders of their own, and resume from the counter', async () => {
  const set = imageSet(11, 6, 6, 3);
  const data = new DeviceData(gpu, set);
  const stream = new BatchStream(data, { batch: 4, seed: 9, augment: true });
  const program = gpu.capture('draw', () => stream.next());
  const identity = Uint32Array.from({ length: 11 }, (_, i) => i);
  program.replay();
  expect(await stream.x.floats()).toEqual(expectedBatch(set, identity, 4, 1, 9, CIFAR_AUGMENTATION).x);
  const order = Uint32Array.of(10, 8, 6, 4, 2, 0, 1, 3);
  stream.setOrder(order);
  program.replay();
  expect(await stream.x.floats()).toEqual(expectedBatch(set, order, 4, 2, 9, CIFAR_AUGMENTATION).x);
  stream.draws.set([77]);
  program.replay();
  expect(await stream.x.floats()).toEqual(expectedBatch(set, order, 4, 77, 9, CIFAR_AUGMENTATION).x);
  expect(await stream.draws.item()).toBe(78);
  program.dispose();
});

it('crops and flips evenly', () => {
  const seen = new Map<string, number>();
  for (let draw = 0; draw < 4000; draw++) {
    const words = randomWords(1, AUGMENT_STREAM, draw, draw % 128);
    const key = [Math.floor((words[0] * 9) / 2 ** 32), Math.floor((words[1] * 9) / 2 ** 32), words[2] >>> 31].join();
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  // 162 kinds, some 25 of each: a deviation is 5.
  expect(seen.size).toBe(162);
  expect(Math.max(...seen.values())).toBeLessThan(25 + 25);
});

it('names what does not fit', () => {
  const set = imageSet(5, 2, 2, 3);
  expect(() => new DeviceData(gpu, set, GREY)).toThrow(/3 channels/);
  const data = new DeviceData(gpu, set);
  expect(() => new BatchStream(data, { batch: 6, seed: 1 })).toThrow(ImageRangeError);
  const stream = new BatchStream(data, { batch: 2, seed: 1 });
  expect(() => stream.setOrder(Uint32Array.of(1, 5))).toThrow(/entry 1/);
  expect(() => stream.setOrder(Uint32Array.of(1))).toThrow(/an order of 1 images/);
});

it('comes in parts as it comes whole, as often as wanted', async () => {
  const data = new DeviceData(gpu, imageSet(14, 6, 5, 3));
  const options = { batch: 6, seed: 3, augment: true };
  const [whole, parted] = [1, 3].map((parts) => new BatchStream(data, { ...options, parts }));
  for (let draw = 0; draw < 3; draw++) {
    whole.next();
    parted.next();
    for (const i of [0, 2, 1, 0]) {
      parted.part(i);
      for (const name of ['x', 'y'] as const) {
        const [all, part] = await Promise.all([whole[name].data(), parted[name].data()]);
        expect(part).toEqual(all.slice((i * all.length) / 3, ((i + 1) * all.length) / 3));
      }
    }
    expect(await parted.draws.item()).toBe(draw + 1);
  }
  expect(() => new BatchStream(data, { ...options, parts: 4 })).toThrow('a batch of 6 does not come in 4 equal parts');
  for (const made of [whole, parted, data]) made.release();
});
