// Batches of pictures with objects: pixels by Pillow's bits, boxes that stay on their objects, padding, groups, the same batches whoever makes them, and what is odd left out or named.
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DetectionImage } from '../../../src/data/coco/training-objects.ts';
import {
  DetectionLoader,
  type DetectionLoaderOptions,
  type LoadedDetections,
} from '../../../src/data/detection/detection-loader.ts';
import { DetectionPlaces } from '../../../src/data/detection/detection-places.ts';
import { ImageDecodeError, ImageRangeError } from '../../../src/data/errors.ts';
import { readRgb } from '../../../src/data/transform/read-rgb.ts';
import { resample } from '../../../src/data/transform/resample.ts';
import { picture } from '../folder/image-files.ts';
import { colorOf, type Drawn, drawn, some } from './pictures.ts';

const training = { short: [24, 32, 40], long: 80 };

function loads(images: readonly DetectionImage[], options: Partial<DetectionLoaderOptions>): DetectionLoader {
  const loader = new DetectionLoader(images, { batch: 2, workers: 1, ...options });
  onTestFinished(() => loader.close());
  return loader;
}

/** Batches whose memory is their own. */
async function take(loader: DetectionLoader, count: number): Promise<LoadedDetections[]> {
  const batches = [];
  for (let i = 0; i < count; i++) {
    const batch = await loader.next();
    batches.push({ ...batch, pixels: batch.pixels.slice() });
  }
  return batches;
}

/** Batches as they are compared: pixels byte by byte would take half a minute. */
const comparable = (batches: readonly LoadedDetections[]): object[] =>
  batches.map(({ pixels, ...rest }) => ({ ...rest, pixels: Buffer.from(pixels).toString('base64') }));

describe('a picture in a batch', () => {
  it("has Pillow's pixels at the top left, mirrored or not, and black around", async () => {
    const images = await some(9);
    const batches = await take(loads(images, { training, seed: 3, batch: 3 }), 8);
    const flips = new Set<boolean>();
    const shorts = new Set<number>();
    for (const { pixels, width: wide, height: high, pictures } of batches)
      for (const [at, { item, width, height, flipped, own }] of pictures.entries()) {
        flips.add(flipped);
        shorts.add(Math.min(width, height));
        const { file } = images[item];
        const image = await readRgb({ name: file, bytes: readFileSync(file) });
        expect([image.width, image.height]).toEqual([own.width, own.height]);
        const box = { left: 0, top: 0, ...own };
        const wanted = resample(image, { box, width, height, interpolation: 'bilinear', flip: flipped });
        const expected = new Uint8Array(high * wide * 3);
        for (let row = 0; row < height; row++)
          expected.set(wanted.subarray(row * width * 3, (row + 1) * width * 3), row * wide * 3);
        expect(Buffer.compare(pixels.subarray(at * expected.length, (at + 1) * expected.length), expected)).toBe(0);
      }
    expect(flips).toEqual(new Set([false, true]));
    expect(shorts).toEqual(new Set([24, 32, 40]));
  });

  it('has its objects where their boxes are', async () => {
    const boxes = [[4, 6, 20, 14] as const, [30, 24, 24, 30] as const];
    const images = await drawn([{ width: 64, height: 60, boxes }]);
    const loader = loads(images, { training: { short: [120], flip: 0.5 }, batch: 1 });
    const flips = new Set<boolean>();
    for (const { pixels, width, pictures } of await take(loader, 8)) {
      const [{ boxes: placed, classes, flipped }] = pictures;
      flips.add(flipped);
      expect([...classes]).toEqual([0, 1]);
      const at = (x: number, y: number): number[] => [...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
      for (const [k, [x, y, w, h]] of boxes.entries()) {
        const [x0, y0, x1, y1] = placed.subarray(4 * k, 4 * k + 4);
        // Twice as large.
        expect([x0, y0, x1, y1]).toEqual(
          flipped ? [128 - 2 * (x + w), 2 * y, 128 - 2 * x, 2 * (y + h)] : [2 * x, 2 * y, 2 * (x + w), 2 * (y + h)],
        );
        // Interpolated pixels lie around the edge.
        for (const px of [x0 + 1, x1 - 2]) for (const py of [y0 + 1, y1 - 2]) expect(at(px, py)).toEqual(colorOf(k));
        for (const [px, py] of [
          [x0 - 2, y0 + 5],
          [x1 + 1, y0 + 5],
          [x0 + 5, y0 - 2],
          [x0 + 5, y1 + 1],
        ]) {
          const [r, g, b] = at(px, py);
          expect([g, b]).toEqual([r, r]);
        }
      }
    }
    expect(flips).toEqual(new Set([false, true]));
  });
});

describe('a batch', () => {
  it('is padded to multiples, no more than it needs, and of one group', () => {
    const own = Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? [40 + i, 24] : [20, 30 + i]));
    for (const [padTo, grouped] of [
      [32, true],
      [64, true],
      [16, false],
    ] as const) {
      const places = new DetectionPlaces({
        ...{ sides: Uint32Array.from(own.flat()), batch: 3, seed: 5, shuffle: true, grouped, padTo },
        ...{ ...training, flip: 0.5, odd: 'skip' },
      });
      for (let draw = 0; draw < 20; draw++) {
        const { items, epochs, padded } = places.batch(draw);
        const placed = items.map((item, at) => places.place(item, epochs[at], padded));
        const multiple = (side: number): number => Math.ceil(side / padTo) * padTo;
        expect(padded).toEqual({
          width: multiple(Math.max(...placed.map(({ width }) => width))),
          height: multiple(Math.max(...placed.map(({ height }) => height))),
        });
        expect(padded.width * padded.height).toBeLessThanOrEqual(places.most);
        const lying = new Set(items.map((item) => own[item][0] > own[item][1]));
        if (grouped) expect(lying.size).toBe(1);
      }
    }
  });

  it('is the same whatever number of workers made it, and where a run goes on in the middle', async () => {
    const images = await some(11);
    images[4] = { ...images[4], width: images[4].width + 1 };
    const options = { training, seed: 5 };
    const one = loads(images, options);
    const batches = comparable(await take(one, 14));
    expect(one.odd.count).toBe(1);
    expect(comparable(await take(loads(images, { ...options, workers: 3 }), 14))).toEqual(batches);
    const resumed = loads(images, { ...options, draws: 6 });
    expect(comparable(await take(resumed, 8))).toEqual(batches.slice(6));
    await resumed.seek(2);
    expect(comparable(await take(resumed, 2))).toEqual(batches.slice(2, 4));
  });

  it('of evaluation has each picture once, with its one size', async () => {
    const images = await some(10);
    const empty = { ...images[3], objects: [] };
    images[3] = empty;
    const loader = loads(images, { evaluation: { short: 32, long: 60 }, batch: 4 });
    const batches = await take(loader, loader.batches);
    const seen = batches.flatMap(({ pictures, fresh }) => pictures.slice(0, fresh));
    expect(seen.map(({ item }) => item).sort((a, b) => a - b)).toEqual([...images.keys()]);
    expect(seen.every(({ flipped }) => !flipped)).toBe(true);
    for (const { width, height } of seen)
      expect(Math.min(width, height) === 32 || Math.max(width, height) === 60).toBe(true);
    expect(seen.find(({ item }) => item === 3)!.classes.length).toBe(0);
    expect((await loader.next()).epoch).toBe(1);
  });
});

describe('what is left out', () => {
  it('of training: crowds, boxes of no area, pictures without objects', async () => {
    const box = [2, 2, 8, 8] as const;
    const images = await drawn([
      { width: 30, height: 20, boxes: [box, [5, 5, 0, 3], [40, 3, 5, 5]] },
      { width: 30, height: 20, boxes: [box], crowd: true },
      { width: 30, height: 20 },
      { width: 30, height: 20, boxes: [[20, 10, 50, 50]] },
    ]);
    const loader = loads(images, { training: { short: [20], flip: 0 } });
    expect(loader.count).toBe(2);
    expect(loader.leftOut).toEqual({ crowds: 1, flat: 2, images: 2 });
    const { pictures } = await loader.next();
    const boxOf = (item: number) => [...pictures.find((one) => one.item === item)!.boxes];
    expect(boxOf(0)).toEqual([2, 2, 10, 10]);
    // Cut off at the picture's edge.
    expect(boxOf(3)).toEqual([20, 10, 30, 20]);
    expect(() => loads(images.slice(1, 3), { training })).toThrow('none of 2 pictures has objects to train on');
    expect(() => loads([], { evaluation: {} })).toThrow(ImageRangeError);
  });

  it('an odd picture is replaced and counted in training, and named in evaluation', async () => {
    const other = await picture(20, 31, () => [1, 2, 3])
      .png()
      .toBuffer();
    const sides: Drawn = { width: 30, height: 20, boxes: [[2, 2, 8, 8]] };
    const upright: Drawn = { ...sides, width: 20, height: 90 };
    const images = await drawn([
      sides,
      { ...sides, bytes: Buffer.from('none') },
      { ...sides, bytes: other },
      upright,
      sides,
    ]);
    const loader = loads(images, { training });
    for (const { pictures, width, height } of await take(loader, 12))
      for (const { item, ...one } of pictures) {
        expect([0, 3, 4]).toContain(item);
        expect(one.width <= width && one.height <= height).toBe(true);
        expect(one.boxes.every((v, i) => v >= 0 && v <= (i % 2 ? one.height : one.width))).toBe(true);
      }
    expect(loader.odd.count).toBe(2);
    const reasons = loader.odd.files.map(({ file, reason }) => `${file}: ${reason}`).sort();
    expect(reasons[0]).toBe(`${images[1].file}: not an image of a format that is known here`);
    expect(reasons[1]).toBe(`${images[2].file}: is 20×31 pixels, where its annotations have 30×20`);
    const refused = loads(images, { evaluation: {}, batch: 1 });
    await refused.next();
    await expect(refused.next()).rejects.toThrow(ImageDecodeError);
  });

  it('options that cannot be', () => {
    const images: DetectionImage[] = [
      { file: 'a.jpg', width: 4, height: 4, objects: [{ box: [0, 0, 2, 2], category: 0, crowd: false }] },
    ];
    const opens = (options: Partial<DetectionLoaderOptions>) => () =>
      new DetectionLoader(images, { batch: 1, ...options });
    expect(opens({})).toThrow('either training or evaluation');
    expect(opens({ training: { short: [] } })).toThrow('a side, or some to draw from');
    expect(opens({ training: { short: [0] } })).toThrow('short 0: it must be a whole number from 1');
    expect(opens({ training, padTo: 6 })).toThrow('padTo 6: it must be a multiple of 4');
    expect(opens({ training: { flip: 2 } })).toThrow('flip 2: it must be from 0 to 1');
  });
});

it('says who waits for whom, and holds the same memory over 600 batches', async () => {
  const images = await some(4);
  // Of 160 pixels a side: if 600 of them stayed, they would take 46 MB, here or in the decoder.
  const loader = loads(images, { training: { short: [100, 160], long: 160 }, batch: 1 });
  const held = (): { here: number; all: number } => {
    const { rss, heapUsed, external } = process.memoryUsage();
    return { here: heapUsed + external, all: rss };
  };
  for (let i = 0; i < 100; i++) await loader.next();
  const before = held();
  for (let i = 0; i < 600; i++) await loader.next();
  const after = held();
  expect(after.here - before.here).toBeLessThan(15e6);
  expect(after.all - before.all).toBeLessThan(25e6);
  expect(loader.waits.work).toBeGreaterThan(0);
  expect(loader.waits.step).toBeGreaterThan(0);
});
