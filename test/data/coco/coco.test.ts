// COCO's annotations: its three forms of masks, drawn where the picture's pixels go, where its files lie, and every way in which the list can be damaged.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cocoNotes, loadCoco } from '../../../src/data/coco/coco.ts';
import { type CocoMask, rasterizeMask } from '../../../src/data/coco/mask.ts';
import { encodeRuns } from '../../../src/data/coco/runs-text.ts';
import { trainingObjects } from '../../../src/data/coco/training-objects.ts';
import { CocoFormatError, DataNotFoundError } from '../../../src/data/errors.ts';
import { decodeImage } from '../../../src/data/image/decode.ts';
import { centerCrop, type ImageFrame, stretch } from '../../../src/data/image/frame.ts';
import { failure, files, picture } from '../folder/image-files.ts';

/** The mask as rows of '#' and '.'. */
const drawn = (mask: CocoMask, frame: ImageFrame): string[] => {
  const bytes = rasterizeMask(mask, frame);
  return Array.from({ length: frame.height }, (_, y) =>
    [...bytes.subarray(y * frame.width, (y + 1) * frame.width)].map((bit) => (bit ? '#' : '.')).join(''),
  );
};
const square = (x: number, y: number, side: number): number[] => [x, y, x + side, y, x + side, y + side, x, y + side];

describe('masks', () => {
  it('fills an outline', () => {
    expect(drawn({ polygons: [[1, 1, 5, 1, 5, 5]] }, stretch(6, 6))).toEqual([
      '......',
      '.####.',
      '..###.',
      '...##.',
      '....#.',
      '......',
    ]);
  });

  it('fills an outline that runs over itself by the even-odd rule, and joins several', () => {
    // The outer square, then back along a bridge and round the inner one: a hole.
    const ring = [...square(0, 0, 5), 0, 0, ...square(1, 1, 3), 1, 1];
    expect(drawn({ polygons: [ring] }, stretch(5, 5))).toEqual(['#####', '#...#', '#...#', '#...#', '#####']);
    expect(drawn({ polygons: [square(0, 0, 3), square(1, 1, 3)] }, stretch(5, 5))).toEqual([
      '###..',
      '####.',
      '####.',
      '.###.',
      '.....',
    ]);
  });

  it('leaves out what lies beyond the edges', () => {
    expect(drawn({ polygons: [[-4, -4, 2, -4, 2, 9, -4, 9]] }, stretch(4, 3))).toEqual(['##..', '##..', '##..']);
  });

  it('draws runs column by column', () => {
    expect(drawn({ width: 4, height: 3, counts: [1, 2, 3, 4, 2] }, stretch(4, 3))).toEqual(['..##', '#.#.', '#.#.']);
  });

  it('draws outlines and runs alike at every size', () => {
    // Columns 3 to 7, rows 2 to 5 of 12×8.
    const outline: CocoMask = { polygons: [[3, 2, 8, 2, 8, 6, 3, 6]] };
    const counts = [3 * 8 + 2];
    for (let column = 0; column < 5; column++) counts.push(4, column < 4 ? 4 : 2 + 4 * 8);
    const runs: CocoMask = { width: 12, height: 8, counts };
    for (const frame of [
      stretch(12, 8),
      stretch(12, 8, 24, 40),
      stretch(12, 8, 6, 4),
      centerCrop(12, 8, 8),
      centerCrop(12, 8, 16),
      centerCrop(12, 8, 4),
    ])
      expect(drawn(runs, frame)).toEqual(drawn(outline, frame));
    expect(rasterizeMask(outline, centerCrop(12, 8, 16)).reduce((sum, bit) => sum + bit, 0)).toBe(10 * 8);
  });

  it('lies where the pixels of the decoded picture are', async () => {
    const polygon = [30, 10, 90, 20, 70, 55, 45, 50];
    const whole = rasterizeMask({ polygons: [polygon] }, stretch(120, 60));
    const png = await picture(120, 60, (x, y) => (whole[y * 120 + x] ? [255, 255, 255] : [0, 0, 0]))
      .png()
      .toBuffer();
    const { pixels, frame } = await decodeImage(join(await files({ 'a.png': png }), 'a.png'), 30);
    const mask = rasterizeMask({ polygons: [polygon] }, frame);
    expect(mask.reduce((sum, bit) => sum + bit, 0)).toBeGreaterThan(200);
    // Only pixels on the outline, which are neither black nor white, may be drawn otherwise than their half.
    for (const [i, bit] of mask.entries())
      if (Math.abs(pixels[i * 3] - 127.5) > 70) expect(bit).toBe(pixels[i * 3] > 127 ? 1 : 0);
  });
});

const list = () => ({
  images: [
    { id: 7, file_name: 'a.jpg', width: 4, height: 3 },
    { id: 9, file_name: 'b.jpg', width: 5, height: 5 },
    { id: 2, file_name: 'c.jpg', width: 6, height: 6 },
  ] as Record<string, unknown>[],
  annotations: [
    { id: 1, image_id: 9, category_id: 18, bbox: [0, 0, 5, 5], area: 25, segmentation: [square(0, 0, 5)], iscrowd: 0 },
    {
      id: 2,
      image_id: 7,
      category_id: 1,
      bbox: [0, 0, 1, 3],
      area: 2.5,
      segmentation: { size: [3, 4], counts: [0, 3, 9] },
      iscrowd: 1,
    },
    {
      id: 3,
      image_id: 7,
      category_id: 18,
      bbox: [1, 0, 1, 3],
      segmentation: { size: [3, 4], counts: encodeRuns([3, 3, 6]) },
      iscrowd: 0,
    },
  ] as Record<string, unknown>[],
  categories: [
    { id: 18, name: 'dog' },
    { id: 1, name: 'person' },
  ] as Record<string, unknown>[],
});
const sample = (value: unknown, images = ['a.jpg', 'b.jpg', 'c.jpg']): Promise<string> =>
  files({
    'instances.json': typeof value === 'string' ? value : JSON.stringify(value),
    images: undefined,
    ...Object.fromEntries(images.map((name) => [`images/${name}`, ''])),
  });

describe('loadCoco', () => {
  it('gives each picture its objects', async () => {
    const dir = await sample(list());
    const { images, categories, missing, source } = await loadCoco(dir);
    expect(categories).toEqual([
      { id: 1, name: 'person' },
      { id: 18, name: 'dog' },
    ]);
    expect(missing).toEqual([]);
    expect(source).toBe(`3 pictures with 3 objects from ${dir} (COCO)`);
    expect(images.map(({ id, file, width, height }) => [id, file, width, height])).toEqual([
      [7, join(dir, 'images', 'a.jpg'), 4, 3],
      [9, join(dir, 'images', 'b.jpg'), 5, 5],
      [2, join(dir, 'images', 'c.jpg'), 6, 6],
    ]);
    expect(images[0].objects.map(({ id, category, box, area, crowd }) => [id, category, box, area, crowd])).toEqual([
      [2, 0, [0, 0, 1, 3], 2.5, true],
      [3, 1, [1, 0, 1, 3], 3, false],
    ]);
    expect(images[2].objects).toEqual([]);
    const [people, dog] = images[0].objects.map(({ mask }) => drawn(mask!, stretch(4, 3)));
    expect([people, dog]).toEqual([Array(3).fill('#...'), Array(3).fill('.#..')]);
    expect(drawn(images[1].objects[0].mask!, stretch(5, 5, 2, 2))).toEqual(['##', '##']);
  });

  it('reads the folders that COCO comes in, part by part', async () => {
    const whole = { ...list(), images: [{ id: 1, file_name: 'a.jpg', width: 4, height: 3 }], annotations: [] };
    const dir = await files({
      'annotations/instances_train2017.json': JSON.stringify(whole),
      'annotations/instances_val2017.json': JSON.stringify({ ...whole, images: [{ ...whole.images[0], id: 5 }] }),
      'annotations/captions_val2017.json': '{}',
      'train2017/a.jpg': '',
      'images/val2017/a.jpg': '',
    });
    expect((await loadCoco(dir, { part: 'train' })).images).toMatchObject([
      { id: 1, file: join(dir, 'train2017', 'a.jpg') },
    ]);
    expect((await loadCoco(dir)).images).toMatchObject([{ id: 5, file: join(dir, 'images', 'val2017', 'a.jpg') }]);
  });

  it('says which file or folder is missing', async () => {
    const message = async (content: Parameters<typeof files>[0]) =>
      (await failure(loadCoco(await files(content)))).message;
    expect(await message({ 'other.json': '{}' })).toMatch(
      /instances\.json: no such file; a COCO folder holds annotations\/instances_val2017\.json and val2017\/, or/,
    );
    expect(await message({ 'instances.json': '{}' })).toMatch(/images: no such folder/);
    expect(await message({ 'annotations/instances_val2017.json': '{}' })).toMatch(/val2017: no such folder/);
    expect(await message({ 'annotations/instances_train2017.json': '{}' })).toMatch(
      /annotations: holds instances_train2017\.json and none for "val"/,
    );
    expect(
      await message({ 'annotations/instances_val2014.json': '{}', 'annotations/instances_val2017.json': '{}' }),
    ).toMatch(/holds instances_val2014\.json and instances_val2017\.json; leave the one/);
    expect(await message({ 'instances.json': '{}', images: 'no folder' })).toMatch(/images: is no folder/);
  });

  it('leaves out pictures that are not there', async () => {
    const { images, missing } = await loadCoco(await sample(list(), ['b.jpg']));
    expect([images.length, missing]).toEqual([1, ['a.jpg', 'c.jpg']]);
    const error = await failure(loadCoco(await sample(list(), [])));
    expect(error).toBeInstanceOf(DataNotFoundError);
    expect(error.message).toContain('none of the 3 pictures');
  });

  it('names what is odd, a line for each kind', async () => {
    const odd = list();
    odd.annotations[0].bbox = [5, 0, 3, 5];
    odd.annotations[2].category_id = 4;
    const dir = await sample(odd, ['a.jpg', 'b.jpg']);
    expect(cocoNotes(await loadCoco(dir))).toEqual([
      'missing pictures, left out: 1 of 3 (c.jpg)',
      'odd entries, left out: 1 (annotation 3 is of category 4, which is not listed)',
      'boxes without area, which teach nothing: 1 (annotation 1 of image 9)',
    ]);
    expect(cocoNotes(await loadCoco(await sample(list())))).toEqual([]);
    odd.categories.push(...Array.from({ length: 7 }, () => ({})));
    expect(cocoNotes(await loadCoco(await sample(odd)))[0]).toMatch(/^odd entries, left out: 8 \(.*; and 3 more\)$/);
  });

  it('keeps no masks where none are asked for, and needs none', async () => {
    const bare = list();
    delete bare.annotations[0].segmentation;
    bare.annotations[1].segmentation = [];
    delete bare.annotations[2].area;
    const dir = await sample(bare);
    const objects = async (masks: boolean) => (await loadCoco(dir, { masks })).images.flatMap(({ objects }) => objects);
    expect((await objects(true)).map(({ id, mask }) => [id, mask !== undefined])).toEqual([
      [2, false],
      [3, true],
      [1, false],
    ]);
    expect((await objects(false)).map(({ mask, area }) => [mask, area])).toEqual([
      [undefined, 2.5],
      [undefined, 3],
      [undefined, 25],
    ]);
  });

  it('gives training what lies on the picture', async () => {
    const beyond = list();
    beyond.annotations[0].bbox = [-2, 1.5, 4, 99];
    beyond.annotations.push({ ...beyond.annotations[0], id: 4, bbox: [1, 1, 0, 3] });
    const { images } = await loadCoco(await sample(beyond));
    expect(images.map(trainingObjects)).toEqual([
      [{ box: [1, 0, 2, 3], category: 1 }],
      [{ box: [0, 1.5, 2, 5], category: 1 }],
      [],
    ]);
  });

  it.each<[string, unknown, RegExp]>([
    ['a cut file', JSON.stringify(list()).slice(0, 200), /is not JSON, or cut short/],
    ['another file', [1, 2], /has no list "images"/],
    ['nothing', 'null', /has no list "images"/],
    ['no categories', { ...list(), categories: undefined }, /has no list "categories"/],
    [
      'entries of another kind alone',
      { ...list(), annotations: [null] },
      /none of its 1 annotations can be used: annotation at position 0 is of image undefined/,
    ],
    ['a pointer', 'version https://git-lfs.github.com/spec/v1\n', /this is a Git LFS pointer/],
  ])('%s', async (_, value, message) => {
    const dir = await sample(value);
    const error = await failure(loadCoco(dir));
    expect(error).toBeInstanceOf(CocoFormatError);
    expect(error.message.startsWith(`${join(dir, 'instances.json')}: `)).toBe(true);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
  });

  it.each<[string, (l: ReturnType<typeof list>) => void, string]>([
    ['a picture without a width', (l) => delete l.images[1].width, 'image 9 has no id, file name, width or height'],
    ['a category without a name', (l) => delete l.categories[0].name, 'category 18 has no id or no name'],
    ['an unknown picture', (l) => (l.annotations[0].image_id = 4), 'annotation 1 is of image 4, which is not listed'],
    [
      'an unknown category',
      (l) => (l.annotations[1].category_id = 4),
      'annotation 2 is of category 4, which is not listed',
    ],
    ['a short box', (l) => (l.annotations[2].bbox = [1, 2, 3]), 'annotation 3 has no box'],
    ['an odd outline', (l) => (l.annotations[0].segmentation = [[1, 2, 3, 4, 5, 6, 7]]), 'annotation 1 has an outline'],
    [
      'a mask of another form',
      (l) => (l.annotations[0].segmentation = 'all'),
      'annotation 1 has a mask that is neither',
    ],
    [
      'an outline without end',
      (l) => (l.annotations[0].segmentation = [[0, 0, 1e300, 0, 5, 5]]),
      'annotation 1 has an outline',
    ],
    ['a picture twice', (l) => (l.images[1].id = '7'), 'image 7 is listed twice'],
    ['a category twice', (l) => (l.categories[1].id = 18), 'category 18 is listed twice'],
    [
      'a mask of another picture',
      (l) => (l.annotations[1].segmentation = { size: [4, 3], counts: [12] }),
      'annotation 2 has a mask of 4,3 (height, width) on a picture of 3,4',
    ],
    [
      'runs that do not fill it',
      (l) => (l.annotations[1].segmentation = { size: [3, 4], counts: [1, 2] }),
      'annotation 2 has a damaged mask (its runs cover 3 pixels of 12)',
    ],
    [
      'runs that go back',
      (l) => (l.annotations[1].segmentation = { size: [3, 4], counts: [16, -4] }),
      'annotation 2 has a damaged mask',
    ],
    [
      'a damaged text',
      (l) => (l.annotations[2].segmentation = { size: [3, 4], counts: '3Q' }),
      'annotation 3 has a damaged mask',
    ],
    ['an empty outline', (l) => (l.annotations[0].segmentation = [[]]), 'annotation 1 has an outline'],
    [
      'a path that leads out',
      (l) => (l.images[0].file_name = '../../etc/passwd'),
      'image 7 has the file name "../../etc/passwd", which leads out',
    ],
    ['more pixels than are decoded', (l) => (l.images[0].width = 59_652_324), 'image 7 has 59652324×3 pixels'],
    ['an id that is none', (l) => (l.annotations[0].image_id = {}), 'annotation 1 is of image no number and no text'],
  ])('leaves out and tells %s, and takes the others', async (_, damage, message) => {
    const damaged = list();
    damage(damaged);
    const dir = await sample(damaged);
    const { images, leftOut, source } = await loadCoco(dir);
    expect(leftOut.join('; ')).toContain(message);
    expect(images.length).toBeGreaterThan(0);
    expect(source).toMatch(/\(COCO, \d odd entries left out\)$/);
  });

  it('reads lists as other tools write them', async () => {
    const other = list();
    other.images[0].file_name = 'sub\\folder\\a.jpg';
    other.images[1].file_name = './b.jpg';
    other.images[1].width = '5';
    other.annotations[0].image_id = '9';
    other.annotations[1].iscrowd = true;
    other.annotations[2].category_id = '18';
    const dir = await sample(`\ufeff${JSON.stringify(other)}`, ['sub/folder/a.jpg', 'b.jpg']);
    const { images, leftOut } = await loadCoco(dir);
    expect(leftOut).toEqual([]);
    expect(images.map(({ file, objects }) => [file, objects.length])).toEqual([
      [join(dir, 'images/sub/folder/a.jpg'), 2],
      [join(dir, 'images/b.jpg'), 1],
    ]);
    expect(images[0].objects[0].crowd).toBe(true);
  });
});
