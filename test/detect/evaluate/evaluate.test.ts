// The evaluation against COCO's own on a drawn set (test/golden/coco.json), and its rules one by one on cases that are worked out by hand.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CocoObject, type CocoResult, readCocoResults, readInstances } from '../../../src/data/index.ts';
import { DetectError, evaluateDetections } from '../../../src/detect/index.ts';
import { files } from '../../data/folder/image-files.ts';
import { cocoGolden } from '../../golden/coco.ts';

describe("COCO's own numbers", () => {
  it.each([
    ['bbox', 'bbox', undefined],
    ['segm', 'segm', undefined],
    ['bboxOfMasks', 'bbox', 'bbox'],
    ['segmAlone', 'segm', 'bbox'],
    ['bboxAlone', 'bbox', 'segmentation'],
  ] as const)('%s', async (golden, kind, without) => {
    const rows = cocoGolden.results.map((row) => Object.entries(row).filter(([field]) => field !== without));
    const dir = await files({
      'instances.json': JSON.stringify(cocoGolden.instances),
      'results.json': JSON.stringify(rows.map((row) => Object.fromEntries(row))),
    });
    const { categories, ...scores } = evaluateDetections(
      await readInstances(join(dir, 'instances.json')),
      await readCocoResults(join(dir, 'results.json')),
      kind,
    );
    const { scores: expected, categories: each } = cocoGolden[golden];
    for (const [i, score] of Object.values(scores).entries()) expect(score).toBeCloseTo(expected[i], 12);
    for (const [i, { ap }] of categories.entries()) expect(ap).toBeCloseTo(each[i], 12);
    expect(categories.map(({ category }) => category.id)).toEqual([2, 3, 7, 11]);
  });
});

const side = (x: number, length = 10): CocoObject['box'] => [x, 0, length, length];
const object = (x: number, more: Partial<CocoObject> = {}): CocoObject => ({
  ...{ id: x, category: 0, box: side(x), area: 100, crowd: false },
  ...more,
});
const found = (x: number, score: number, more: Partial<CocoResult> = {}): CocoResult => ({
  ...{ image: 1, category: 1, score, box: side(x) },
  ...more,
});
/** Of the objects of one image, or of several. */
const measure = (results: readonly CocoResult[], ...images: readonly CocoObject[][]) =>
  evaluateDetections(
    {
      images: images.map((objects, i) => ({ id: i + 1, file: `${i}.png`, width: 2000, height: 100, objects })),
      categories: [
        { id: 1, name: 'one' },
        { id: 5, name: 'two' },
      ],
    },
    results,
    'bbox',
  );

/** A precision of one is a rounding below it. */
const ONE = expect.closeTo(1, 12);

describe('a category', () => {
  it('without objects has no numbers, and one without detections has zeros', () => {
    const scores = measure([], [object(0)]);
    expect(scores).toMatchObject({ ap: 0, ap50: 0, ar100: 0, apSmall: 0, apMedium: -1, arLarge: -1 });
    expect(scores.categories[1]).toMatchObject({ category: { id: 5 }, ap: -1, ar1: -1 });
    expect(measure([found(0, 1)], [])).toMatchObject({ ap: -1, ar100: -1 });
    // What is found of a category that is nowhere counts for no other.
    expect(measure([found(0, 1), found(0, 1, { category: 5 })], [object(0)]).ap).toEqual(ONE);
  });

  it('that is found whole has ones, also beside images without any of it', () => {
    const scores = measure([found(0, 0.5), found(50, 0.4)], [object(0), object(50)], []);
    expect(scores).toMatchObject({ ap: ONE, ap50: ONE, ap75: ONE, ar1: 0.5, ar10: 1, ar100: 1, apSmall: ONE });
  });
});

describe('precision', () => {
  it('is read at 101 recalls', () => {
    // Right, wrong, right: precision 1 to the recall of a half (51 of 101), two thirds beyond.
    const { ap50 } = measure([found(0, 0.9), found(500, 0.8), found(50, 0.7)], [object(0), object(50)]);
    expect(ap50).toBeCloseTo((51 + (50 * 2) / 3) / 101, 12);
  });

  it('goes by thresholds, each reached counting', () => {
    // 8 of 12 columns in common: .67, so right up to .65, which is four thresholds of ten.
    const { ap, ap50, ap75 } = measure([found(2, 1)], [object(0)]);
    expect([ap, ap50, ap75]).toEqual([expect.closeTo(0.4, 12), ONE, 0]);
    // Exactly .5: 10 of 20 columns.
    expect(measure([found(0, 1, { box: [0, 0, 20, 10] })], [object(0)]).ap50).toEqual(ONE);
  });

  it('takes equal scores in the order of the results, and images in the order of their ids', () => {
    const order = (...results: CocoResult[]): number => measure(results, [object(0)], [object(0)]).ap50;
    const [right, wrong] = [found(0, 0.5), found(500, 0.5)];
    expect(order(right, wrong)).toBeCloseTo(51 / 101, 12);
    expect(order(wrong, right)).toBeCloseTo((51 * 0.5) / 101, 12);
    // Of the second image, so behind the first one whatever their order in the file.
    expect(order({ ...wrong, image: 2 }, right)).toBeCloseTo(51 / 101, 12);
  });
});

describe('matching', () => {
  it('gives an object to the best score, and a second detection of it is wrong', () => {
    const { ap50, ar100 } = measure([found(0, 0.5), found(1, 0.9), found(50, 0.4)], [object(0), object(50)]);
    expect(ap50).toBeCloseTo((51 + (50 * 2) / 3) / 101, 12);
    // Where 9 of 11 columns are too few, the second detection finds it after all.
    expect(ar100).toBe(1);
  });

  it('counts no more than the first hundred of an image and category', () => {
    const wrong = Array.from({ length: 100 }, (_, i) => found(500 + 11 * i, 0.9));
    expect(measure([...wrong, found(0, 0.8)], [object(0)]).ar100).toBe(0);
    expect(measure([...wrong.slice(1), found(0, 0.8)], [object(0)])).toMatchObject({ ar100: 1, ar10: 0, ar1: 0 });
  });

  it('leaves out what is found in a crowd, as often as it is', () => {
    const crowd = object(100, { crowd: true, box: side(100, 90) });
    const scores = measure([found(110, 0.9), found(120, 0.8), found(130, 0.7), found(0, 0.6)], [object(0), crowd]);
    expect(scores).toMatchObject({ ap: ONE, ar100: 1 });
    // An object before the crowd that covers it, even where the crowd fits better.
    const covered = object(0, { crowd: true, box: side(0, 90) });
    expect(measure([found(1, 0.9)], [covered, object(0)])).toMatchObject({ ap50: ONE, ar100: 0.7 });
  });

  it('sorts by the area that the annotation says, both ends belonging to a size', () => {
    const edge = measure([found(0, 1)], [object(0, { area: 32 ** 2 })]);
    expect(edge).toMatchObject({ apSmall: ONE, apMedium: ONE, apLarge: -1 });
    // A detection of another size that finds nothing counts for its own size alone.
    const large = found(500, 1, { box: [500, 0, 100, 100] });
    const { apSmall, ap } = measure([large, found(0, 0.5)], [object(0)]);
    expect([apSmall, ap]).toEqual([ONE, expect.closeTo(0.5, 12)]);
  });
});

describe('results', () => {
  const refused =
    (results: CocoResult[], kind: 'bbox' | 'segm' = 'bbox', mask?: CocoObject['mask']) =>
    () =>
      evaluateDetections(
        {
          images: [{ id: 1, file: '1.png', width: 4, height: 3, objects: [object(0, mask && { mask })] }],
          categories: [{ id: 1, name: 'one' }],
        },
        results,
        kind,
      );
  const mask = { polygons: [[0, 0, 2, 0, 2, 2, 0, 2]] };

  it.each<[string, () => unknown, string]>([
    ['an unknown image', refused([found(0, 1), found(0, 1, { image: 4 })]), 'result 1 is of image 4, which'],
    ['an unknown category', refused([found(0, 1, { category: 7 })]), 'result 0 is of category 7, which'],
    ['objects without masks', refused([], 'segm'), 'annotation 0 of image 1 has no mask'],
    ['results without masks', refused([found(0, 1)], 'segm', mask), 'a result of image 1 has no segmentation'],
    [
      'masks of another size',
      refused([found(0, 1, { mask: { size: [4, 3], counts: '<' } })], 'segm', mask),
      'has a mask of 4,3 (height, width) on a picture of 3,4',
    ],
    [
      'damaged masks',
      refused([found(0, 1, { mask: { size: [3, 4], counts: '!' } })], 'segm', mask),
      'a result of image 1 has a damaged mask ("!" is no run length)',
    ],
  ])('are refused by name: %s', (_, run, message) => {
    expect(run).toThrow(DetectError);
    expect(run).toThrow(message);
  });
});
