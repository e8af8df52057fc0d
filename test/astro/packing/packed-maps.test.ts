// The image that holds all maps: nothing is lost, maps keep their distance, and each comes out of the network as it would alone.
import { describe, expect, it } from 'vitest';
import { Astrocyte } from '../../../src/astro/astrocyte.ts';
import { GateLayout } from '../../../src/astro/gate-layout.ts';
import { packRectangles } from '../../../src/astro/packing/pack-rectangles.ts';
import { type MapRegion, PackedMaps } from '../../../src/astro/packing/packed-maps.ts';
import { createModel } from '../../../src/models/zoo/registry.ts';
import { sum } from '../../../src/ops/reduce/sum.ts';
import { backward, noGrad } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

function maps(sizes: [height: number, width: number, batch: number][]): MapRegion[] {
  let at = 0;
  return sizes.map(([height, width, batch]) => {
    const length = height * width;
    at += length;
    return { height, width, batch, at: at - length, length };
  });
}

/** Pixels that a map fills. */
const padded = ({ height, width }: MapRegion): number => 64 * Math.ceil(height / 8) * Math.ceil(width / 8);
/** Pixels of the least piece of a map. */
const strip = ({ width }: MapRegion): number => 64 * Math.ceil(width / 8);

const SETS: Record<string, MapRegion[]> = {
  'of one': maps([[13, 10, 0]]),
  'of many sizes': maps([
    [24, 8, 0],
    [10, 3, 1],
    [9, 40, 2],
    [10, 3, 1],
    [1, 1, 3],
    [24, 8, 0],
  ]),
  'of a vector': [{ height: 3, width: 16, batch: 0, at: 0, length: 41 }],
  'of resnet-small': [...new GateLayout(createModel('resnet-small'), 'connection').maps],
};

describe.each(Object.entries(SETS))('packed maps %s', (_, shapes) => {
  const total = shapes.reduce((sum, { length }) => sum + length, 0);

  it.each([undefined, Math.max(...shapes.map(padded)), Math.max(...shapes.map(strip))])(
    'gives back what was packed, and zeros elsewhere: images of at most %s pixels',
    async (most) => {
      const packed = new PackedMaps(gpu, shapes, most);
      const data = values(1, total);
      const images = packed.pack(on(data, [total]));
      expect(images.map(({ shape }) => shape)).toEqual(
        packed.levels[0].images.map(({ height, width }) => [1, height, width, 1]),
      );
      const filled = await Promise.all(
        images.map(async (image) => (await image.floats()).filter((v) => v !== 0).length),
      );
      expect(filled.reduce((sum, count) => sum + count)).toBe(total);
      expect(await packed.unpack(images).floats()).toEqual(data);
      packed.release();
    },
  );

  it('keeps maps apart by a pixel at every resolution', () => {
    for (let level = 0; level < 4; level++) {
      const sizes = shapes.map(({ height, width }) => ({
        height: (8 * Math.ceil(height / 8)) >> level,
        width: (8 * Math.ceil(width / 8)) >> level,
      }));
      const { height, width, offsets } = packRectangles(sizes);
      for (const [i, a] of sizes.entries()) {
        expect(offsets[i].x + a.width).toBeLessThanOrEqual(width);
        expect(offsets[i].y + a.height).toBeLessThanOrEqual(height);
        for (const [j, b] of sizes.slice(0, i).entries()) {
          const beside = offsets[i].x > offsets[j].x + b.width || offsets[j].x > offsets[i].x + a.width;
          const below = offsets[i].y > offsets[j].y + b.height || offsets[j].y > offsets[i].y + a.height;
          expect(beside || below).toBe(true);
        }
      }
    }
  });
});

it('cuts maps into images that hold each batch in one stretch, and says which map is too large for one', () => {
  const shapes = SETS['of many sizes'];
  const packed = new PackedMaps(gpu, shapes, 1000);
  expect(packed.levels[0].images.length).toBeGreaterThan(1);
  for (const { height, width } of packed.levels[0].images) expect(height * width).toBeLessThanOrEqual(1000);
  packed.release();
  expect(() => new PackedMaps(gpu, shapes, 300)).toThrow(
    'gate connection: 8 rows of the 9×40 gates of a layer take 0.039 MiB for a value of the astrocyte, and a buffer of this adapter holds 0.037 MiB: take gate filter, or leave large layers out (noGate)',
  );
  expect(
    () =>
      new PackedMaps(
        gpu,
        maps([
          [400, 8, 0],
          [400, 8, 0],
        ]),
        64,
      ),
  ).toThrow('the 6400 gates of all layers take');
});

it('takes memory for each gate, not for each gate of each image', async () => {
  // Two batches in turns, so that gates lie in the images in another order than their own.
  const shapes = maps(Array.from({ length: 32 }, (_, i) => [16, 64 - 8 * (i % 2), i % 2]));
  const total = shapes.reduce((sum, { length }) => sum + length, 0);
  const taken = async (most?: number): Promise<{ images: number; held: number; moved: number }> => {
    const { current } = gpu.memory.stats();
    const packed = new PackedMaps(gpu, shapes, most);
    const held = gpu.memory.stats().current - current;
    const data = values(3, total);
    const features = on(data, [total]);
    features.requiresGrad = true;
    gpu.memory.resetPeak();
    const before = gpu.memory.stats().current;
    scope(() => backward(sum(packed.unpack(packed.pack(features)))));
    const moved = gpu.memory.stats().peak - before;
    const images = packed.levels[0].images.length;
    expect(await features.grad!.floats()).toEqual(new Float32Array(total).fill(1));
    for (const owned of [packed, features.grad!, features]) owned.release();
    return { images, held, moved };
  };
  const [whole, cut] = [await taken(), await taken(16 * 64)];
  expect([whole.images, cut.images]).toEqual([1, 32]);
  // Small buffers come in classes, an eighth to a fifth above what is asked; and there are two orders of gates more.
  expect(cut.held).toBeLessThan(1.25 * (whole.held + 8 * total));
  expect(cut.moved).toBeLessThan(1.25 * (whole.moved + 16 * total));
});

it.each(['unet', 'fcn'])('a map that is cut is to the %s as many maps of one batch', async (network) => {
  const astrocyte = new Astrocyte({ network }).to(gpu, 3);
  const data = values(4, 40 * 24);
  const run = async (of: MapRegion[], most?: number): Promise<Float32Array> => {
    const packed = new PackedMaps(gpu, of, most);
    const logits = scope(() => noGrad(() => astrocyte.network.forward(on(data, [data.length]), packed)));
    const read = await logits.floats();
    for (const owned of [logits, packed]) owned.release();
    return read;
  };
  const cut = await run(maps([[40, 24, 0]]), 16 * 24);
  const three = await run(
    maps([
      [16, 24, 0],
      [16, 24, 0],
      [8, 24, 0],
    ]),
  );
  for (const [i, value] of cut.entries()) expect(value).toBeCloseTo(three[i], 4);
  astrocyte.release();
});

it('maps among others give the probabilities that they give alone', async () => {
  const astrocyte = new Astrocyte().to(gpu, 3);
  const shapes = SETS['of many sizes'];
  const total = shapes.reduce((sum, { length }) => sum + length, 0);
  const data = values(2, total);
  const run = async (of: MapRegion[], features: Float32Array): Promise<Float32Array> => {
    const packed = new PackedMaps(gpu, of);
    const p = scope(() => noGrad(() => astrocyte.forward(on(features, [features.length]), packed)));
    const read = await p.floats();
    p.release();
    packed.release();
    return read;
  };
  const together = await run(shapes, data);
  for (let batch = 0; batch < 4; batch++) {
    const members = shapes.filter((map) => map.batch === batch);
    let at = 0;
    const alone = members.map((map) => {
      at += map.length;
      return { ...map, batch: 0, at: at - map.length };
    });
    const features = Float32Array.from(members.flatMap((map) => [...data.subarray(map.at, map.at + map.length)]));
    const p = await run(alone, features);
    const expected = members.flatMap((map) => [...together.subarray(map.at, map.at + map.length)]);
    // The same sums in another order, through seven convolutions and normalizations.
    for (const [i, value] of p.entries()) expect(value).toBeCloseTo(expected[i], 4);
  }
  astrocyte.release();
});

it.each([
  ['resnet18', 0.9],
  ['resnet-small', 0.85],
])('wastes little of the image on %s', (model, least) => {
  const sizes = new GateLayout(createModel(model), 'connection').maps.map(({ height, width }) => ({
    height: 8 * Math.ceil(height / 8),
    width: 8 * Math.ceil(width / 8),
  }));
  const { height, width } = packRectangles(sizes);
  expect(sizes.reduce((sum, size) => sum + size.height * size.width, 0) / (height * width)).toBeGreaterThan(least);
});
