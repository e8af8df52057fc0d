// A small detector of random weights on pictures of its own: found, drawn, and measured on a list that its own detections were made into.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { areaOfRuns } from '../../../src/data/coco/runs.ts';
import type { CocoImage, CocoObject } from '../../../src/data/index.ts';
import { type Finder, findObjects } from '../../../src/detect/infer/find.ts';
import { againstBox, matchCategories, measureDetector } from '../../../src/detect/infer/measure.ts';
import { BoxInst } from '../../../src/detect/model/box-inst.ts';
import { detectionPicture, truthPicture } from '../../../src/detect/pictures/drawn.ts';
import { smallBackbone } from '../../support/detector.ts';
import { gpu } from '../../support/gpu.ts';
import { generator } from '../../support/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'astrogpu-find-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const third = [0.4, 0.4, 0.4];
const finder: Finder = {
  gpu,
  detector: new BoxInst({
    backbone: smallBackbone(),
    classes: 2,
    channels: 16,
    towers: 1,
    maskChannels: 8,
    maskTowers: 1,
  }).to(gpu, 3),
  preprocessing: { normalization: { mean: third, std: third }, shortSide: 64, longSide: 100 },
};
const categories = [
  { id: 7, name: 'disc' },
  { id: 90, name: 'ring' },
];
/** A network of random weights is sure of nothing. */
const LOW = { threshold: 0.002, most: 6 };

const picture = (width: number, height: number, seed: number) => {
  const next = generator(seed);
  return { data: Uint8Array.from({ length: width * height * 3 }, () => Math.floor(next() * 256)), width, height };
};

it('finds the same objects each time, within the picture, and leaves no memory', async () => {
  const image = picture(90, 70, 1);
  const found = await findObjects(finder, image, LOW);
  expect(found).toHaveLength(6);
  const held = gpu.memory.stats().current;
  expect(await findObjects(finder, image, LOW)).toEqual(found);
  expect(gpu.memory.stats().current).toBe(held);
  for (const { box, mask, score } of found) {
    expect(box.every((place, i) => place >= 0 && place <= [90, 70][i % 2])).toBe(true);
    expect([mask.width, mask.height]).toEqual([90, 70]);
    expect(mask.counts.reduce((sum, run) => sum + run, 0)).toBe(90 * 70);
    expect(score).toBeGreaterThan(0.04);
  }
  expect(await findObjects(finder, image)).toEqual([]);
  expect((await findObjects(finder, picture(400, 30, 2), LOW)).length).toBeGreaterThan(0);
});

it('is drawn, and so is what is there', async () => {
  const image = picture(90, 70, 1);
  const found = await findObjects(finder, image, LOW);
  const png = await detectionPicture(image, found, ['disc', 'ring'], { side: 360 });
  expect((await sharp(png).metadata()).width).toBe(360);
  const object: CocoObject = { id: 1, category: 1, box: [3, 4, 20, 20], area: 400, crowd: true, mask: found[0].mask };
  const truth = await truthPicture(image, [object], categories, { side: 360 });
  expect(truth).not.toEqual(png);
});

it('is measured by what it found itself: all is right, and half where half is missing', async () => {
  const images: CocoImage[] = [];
  for (const [i, [width, height]] of [
    [90, 70],
    [60, 80],
  ].entries()) {
    const image = picture(width, height, i + 1);
    const file = join(folder, `${i}.png`);
    await sharp(image.data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(file);
    const found = await findObjects(finder, image, LOW);
    const objects = found.map(
      ({ class: category, box: [x0, y0, x1, y1], mask }, id): CocoObject => ({
        ...{ id, category, mask, crowd: false, area: areaOfRuns(mask) },
        box: [x0, y0, x1 - x0, y1 - y0],
      }),
    );
    images.push({ id: i, file, width, height, objects });
  }
  const all = { ...finder, categories };
  const told: number[] = [];
  const { box, mask, results, skipped, unlikeBoxes, ...rest } = await measureDetector(
    all,
    { images, categories },
    {
      ...LOW,
      onImage: (_, found) => told.push(found.length),
    },
  );
  expect(box.ap).toBeCloseTo(1, 9);
  expect(mask!.ar100).toBeLessThanOrEqual(1);
  expect(results).toHaveLength(12);
  expect(new Set(results.map(({ category }) => category))).toEqual(
    new Set(images.flatMap(({ objects }) => objects.map(({ category }) => categories[category].id))),
  );
  expect([told, skipped, rest.images]).toEqual([[6, 6], [], 2]);
  expect(unlikeBoxes).toBeNaN();

  const odd = [...images, { ...images[0], id: 5, file: join(folder, 'none.png') }, { ...images[0], id: 6, width: 91 }];
  const measured = await measureDetector(
    all,
    { images: odd, categories: [categories[1], { id: 1, name: 'box' }].reverse() },
    LOW,
  );
  expect(measured.skipped.map(({ message }) => message.slice(folder.length + 1))).toEqual([
    expect.stringMatching(/^none.png: /),
    '0.png: has 90×70 pixels, and the list says 91×70',
  ]);
  expect(measured.images).toBe(2);
  await expect(measureDetector(all, { images: [], categories }, LOW)).rejects.toThrow(
    'there are no pictures to measure on',
  );
  const bare = images.map((image) => ({ ...image, objects: image.objects.map(({ mask: _, ...object }) => object) }));
  expect((await measureDetector(all, { images: bare, categories }, LOW)).mask).toBeUndefined();
});

it('a mask is measured against its filled box', () => {
  const runs = (counts: number[]) => ({ width: 4, height: 4, counts });
  const box = [1, 1, 3, 3] as const;
  expect(againstBox({ mask: runs([5, 2, 2, 2, 5]), box })).toEqual({ unlike: 0, covered: 4 });
  expect(againstBox({ mask: runs([5, 1, 10]), box })).toEqual({ unlike: 3, covered: 4 });
  expect(againstBox({ mask: runs([0, 1, 15]), box })).toEqual({ unlike: 5, covered: 5 });
});

it('classes are matched by name', () => {
  expect(matchCategories(categories, [{ id: 1, name: 'ring' }])).toEqual([undefined, { id: 1, name: 'ring' }]);
  expect(() => matchCategories(categories, [{ id: 1, name: 'cat' }])).toThrow(
    "none of the detector's 2 classes (disc, ring) is among the 1 categories of the pictures (cat)",
  );
});
