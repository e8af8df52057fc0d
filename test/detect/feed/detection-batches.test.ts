// A detector's batches on the GPU: what their tensors hold, places for objects, one memory for all sizes, programs that allocate nothing, and resumption to the bit.
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DetectionImage } from '../../../src/data/coco/training-objects.ts';
import { NORMALIZATIONS, normalizationTable } from '../../../src/data/index.ts';
import { DetectionBatches, type DetectionBatchesOptions } from '../../../src/detect/index.ts';
import type { Program } from '../../../src/gpu/index.ts';
import { colorSimilarity, NO_INDEX } from '../../../src/ops/index.ts';
import { scope, type Tensor } from '../../../src/tensor/index.ts';
import { drawn, some } from '../../data/detection/pictures.ts';
import { calls, only } from '../../support/calls.ts';
import { gpu } from '../../support/gpu.ts';
import { memoryHeld } from '../../support/memory.ts';

const training = { short: [24, 32, 40], long: 80 };

function opens(images: readonly DetectionImage[], options: Partial<DetectionBatchesOptions> = {}): DetectionBatches {
  const feed = new DetectionBatches(gpu, images, { batch: 2, workers: 1, training, ...options });
  onTestFinished(async () => {
    await feed.close();
    feed.release();
  });
  return feed;
}

/** All that a batch holds. */
async function contents({ batch }: DetectionBatches): Promise<Record<string, unknown>> {
  const entries = Object.entries(batch).map(async ([name, tensor]: [string, Tensor]) => [
    name,
    [tensor.shape, Buffer.from((await tensor.data()).buffer).toString('base64')],
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

it('normalizes pixels where a picture is, and nothing where it is not', async () => {
  const images = await some(8);
  const table = normalizationTable(NORMALIZATIONS.imagenet);
  for (const dtype of ['f32', 'f16'] as const) {
    if (dtype === 'f16' && !gpu.capabilities.f16) continue;
    const feed = opens(images, { dtype });
    for (let step = 0; step < 2; step++) {
      await feed.prepare();
      feed.next();
      const { images: x, pixels, extents } = feed.batch;
      const [n, height, width] = x.shape;
      expect(pixels.shape).toEqual(x.shape);
      const [bytes, values, sides] = [await pixels.data(), await x.floats(), await extents.data()];
      let wrong = 0;
      for (let i = 0; i < values.length; i++) {
        const [image, row, column] = [
          Math.floor(i / (3 * width * height)),
          Math.floor(i / (3 * width)) % height,
          Math.floor(i / 3) % width,
        ];
        const there = row < sides[2 * image] && column < sides[2 * image + 1];
        const value = there ? table[(i % 3) * 256 + bytes[i]] : 0;
        // f16 has 11 bits.
        if (Math.abs(values[i] - value) > (dtype === 'f16' ? Math.abs(value) * 2 ** -11 : 0)) wrong++;
        if (!there && bytes[i] !== 0) wrong++;
      }
      expect([n, wrong]).toEqual([2, 0]);
    }
  }
});

it('has a place for each object, and the rows whose colors count', async () => {
  const box = (i: number) => [i, 2 * i, 3, 4] as const;
  const of = (count: number) => ({ width: 30, height: 25, boxes: Array.from({ length: count }, (_, i) => box(i)) });
  const images = await drawn([of(1), of(9)]);
  const feed = opens(images, { batch: 1, objects: 4, training: { short: [50], flip: 0 }, seed: 1 });
  for (let step = 0; step < 2; step++) {
    await feed.prepare();
    const count = feed.current!.pictures[0].classes.length;
    const { boxes, classes, extents, colorExtents } = feed.batch;
    const places = count === 1 ? 4 : 16;
    expect([boxes.shape, classes.shape]).toEqual([
      [1, places, 4],
      [1, places],
    ]);
    const wanted = Array.from({ length: places }, (_, i) => (i < count ? i : -1));
    expect([...(await classes.data())]).toEqual(wanted.map((i) => (i < 0 ? NO_INDEX : i)));
    expect([...(await boxes.data())]).toEqual(
      wanted.flatMap((i) => (i < 0 ? [0, 0, 0, 0] : [2 * i, 4 * i, 2 * i + 6, 4 * i + 8])),
    );
    expect([...(await extents.data())]).toEqual([50, 60]);
    // Ten of the picture's own.
    expect([...(await colorExtents.data())]).toEqual([30, 60]);
    const similarity = colorSimilarity(feed.batch.pixels, colorExtents);
    expect(similarity.shape).toEqual([1, 16, 16, 8]);
  }
});

describe('programs for each size', () => {
  it('allocate nothing, submit once and give the bits of a run that was not cut', async () => {
    const images = await some(9);
    const whole = opens(images, { seed: 4 });
    const wanted = [];
    for (let step = 0; step < 12; step++) {
      await whole.prepare();
      scope(() => whole.next());
      wanted.push(await contents(whole));
    }
    expect(new Set(wanted.map(({ images }) => JSON.stringify((images as unknown[])[0]))).size).toBeGreaterThan(1);

    const feed = opens(images, { seed: 4, draws: 3 });
    const programs = new Map<string, Program>();
    const held: number[] = [];
    for (let step = 3; step < 12; step++) {
      await feed.prepare();
      const { size } = feed.current!;
      const program = programs.get(size) ?? gpu.capture('feed', () => feed.next());
      programs.set(size, program);
      expect(await calls(async () => program.replay())).toEqual(only(1));
      expect(await contents(feed)).toEqual(wanted[step]);
      if (step === 3 || step === 11) held.push(await memoryHeld());
    }
    expect(programs.size).toBeGreaterThan(1);
    expect(held[1]).toBe(held[0]);
    await feed.seek(1);
    feed.next();
    expect(await contents(feed)).toEqual(wanted[1]);
    for (const program of programs.values()) program.dispose();
  });
});

it('says what is left out, and what it does not take', async () => {
  const images = await some(3);
  const feed = opens([...images, { ...images[0], objects: [] }]);
  expect([feed.count, feed.leftOut]).toEqual([3, { crowds: 0, flat: 0, images: 1 }]);
  expect(() => feed.batch).toThrow('await prepare() first');
  expect(() => opens(images, { objects: 6 })).toThrow('objects 6: it must be a power of two');
});
