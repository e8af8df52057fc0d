// What locations are to find, against its definition, exactly, and against AdelaiDet's own.
import { expect, it } from 'vitest';
import { fcosTargets } from '../../../src/ops/detection/fcos-targets.ts';
import type { FcosLevel } from '../../../src/ops/detection/levels.ts';
import { fcosGolden, fcosLevels, NONE, type PlainTargets, placesOf, targetsOf } from '../../support/fcos.ts';
import { on } from '../../support/gpu.ts';
import { generator, whole } from '../../support/random.ts';

const found = async (...args: Parameters<typeof fcosTargets>): Promise<PlainTargets> => {
  const { labels, objects, regression } = fcosTargets(...args);
  return {
    labels: [...(await labels.data())],
    objects: [...(await objects.data())],
    regression: [...(await regression.floats())],
  };
};

/** Boxes at half pixels, so that f32 holds every distance and area. */
function drawn(
  seed: number,
  images: number,
  room: number,
  [height, width]: readonly [number, number],
  classes: number,
) {
  const next = generator(seed);
  const boxes = Array.from({ length: images * room }, () => {
    const [x, y] = [whole(next, 0, 2 * width - 2), whole(next, 0, 2 * height - 2)];
    return [x, y, x + whole(next, 1, 2 * width - x), y + whole(next, 1, 2 * height - y)].map((v) => v / 2);
  });
  const labels = boxes.map(() => (next() < 0.2 ? NONE : whole(next, 0, classes - 1)));
  return { boxes, labels };
}

const PYRAMID = fcosLevels([
  [20, 24],
  [10, 12],
  [5, 6],
  [3, 3],
  [2, 2],
]);

it.each([
  { images: 3, room: 8, classes: 5, levels: PYRAMID, radius: 1.5 },
  { images: 1, room: 1, classes: 1, levels: PYRAMID.slice(1, 2), radius: 0.5 },
  { images: 2, room: 33, classes: 80, levels: PYRAMID, radius: 100 },
  {
    images: 5,
    room: 3,
    classes: 2,
    levels: fcosLevels(
      [
        [7, 5],
        [4, 3],
      ],
      4,
      [0, 11],
    ),
    radius: 2.5,
  },
])('$room objects in $images images at $levels.length levels', async ({ images, room, classes, levels, radius }) => {
  const [height, width] = [levels[0].height, levels[0].width].map((n) => n * levels[0].stride);
  const { boxes, labels } = drawn(room, images, room, [height, width], classes);
  const actual = await found(on(boxes.flat(), [images, room, 4]), on(labels, [images, room], 'u32'), {
    levels,
    classCount: classes,
    radius,
  });
  const of = (list: unknown[], n: number) => list.slice(n * room, (n + 1) * room);
  const expected = Array.from({ length: images }, (_, n) =>
    targetsOf(of(boxes, n) as number[][], of(labels, n) as number[], levels, classes, radius),
  );
  expect(actual).toEqual({
    labels: expected.flatMap(({ labels }) => labels),
    objects: expected.flatMap(({ objects }) => objects),
    regression: expected.flatMap(({ regression }) => regression),
  });
  expect(actual.objects.some((one) => one !== NONE)).toBe(true);
});

/** One level of 4×4, eight pixels apart. */
const LEVEL: FcosLevel = { height: 4, width: 4, stride: 8, from: 0, to: 64 };
const one = (boxes: number[][], classes: number[], options: { extents?: number[]; level?: Partial<FcosLevel> } = {}) =>
  found(on(boxes.flat(), [1, boxes.length, 4]), on(classes, [1, classes.length], 'u32'), {
    levels: [{ ...LEVEL, ...options.level }],
    classCount: 3,
    extents: options.extents && on(options.extents, [1, 2]),
  });

it('of several boxes the smallest is found, of equal ones the first, and none of another class or without end', async () => {
  const [large, small, square] = [
    [0, 0, 32, 32],
    [0, 0, 24, 31],
    [0, 0, 31, 24],
  ];
  const objectAt = async (boxes: number[][], classes: number[]) => (await one(boxes, classes)).objects[5];
  expect(await objectAt([large, small, square], [0, 1, 2])).toBe(1);
  expect(await objectAt([square, small, large], [0, 1, 2])).toBe(0);
  expect(await objectAt([large, small, square], [0, NONE, 3])).toBe(0);
  for (const odd of [Number.NaN, Number.POSITIVE_INFINITY])
    expect(await objectAt([large, [0, 0, 16, odd], [odd, 0, 24, 24]], [0, 1, 2])).toBe(0);
});

it('boxes without an area, and places on an edge, have none', async () => {
  const { labels } = await one(
    [
      [12, 4, 12, 28],
      [4, 4, 20, 4],
    ],
    [0, 1],
  );
  expect(labels).toEqual(new Array(16).fill(3));
  // Locations 4, 12, 20 and 28: only those between are inside.
  expect((await one([[4, 4, 28, 28]], [1])).labels.map((label) => label === 1)).toEqual(
    placesOf([LEVEL]).map(({ x, y }) => x > 4 && x < 28 && y > 4 && y < 28),
  );
});

it('both ends of a range belong to it', async () => {
  const box = [[4, 4, 28, 28]]; // 16 at most to a side from two of its places, 8 at least
  const { labels } = await one(box, [0]);
  const places = placesOf([LEVEL]);
  const farthest = places.map(({ x, y }) => Math.max(x - 4, y - 4, 28 - x, 28 - y));
  for (const [from, to] of [
    [16, 16],
    [16, 20],
    [0, 16],
    [0, 15.5],
    [16.5, 20],
  ]) {
    const actual = await one(box, [0], { level: { from, to } });
    expect(actual.labels).toEqual(labels.map((label, i) => (farthest[i] >= from && farthest[i] <= to ? label : 3)));
  }
});

it('what lies beyond an extent has neither a class nor none', async () => {
  const { labels, objects, regression } = await one([[0, 0, 32, 32]], [2], { extents: [20, 13] });
  const inside = placesOf([LEVEL]).map(({ x, y }) => x < 13 && y < 20);
  const whole = await one([[0, 0, 32, 32]], [2]);
  expect(labels).toEqual(whole.labels.map((label, i) => (inside[i] ? label : NONE)));
  expect(objects).toEqual(whole.objects.map((object, i) => (inside[i] ? object : NONE)));
  expect(regression).toEqual(whole.regression.map((side, i) => (inside[i >> 2] ? side : 0)));
  expect(labels.filter((label) => label === NONE)).toHaveLength(12);
});

it('equals the original', async () => {
  const { boxes, classes, levels, classCount, positives, wanted } = fcosGolden();
  const { labels, objects, regression } = await found(boxes, classes, { levels, classCount });
  const locations = placesOf(levels).length;
  const expected = {
    labels: new Array<number>(2 * locations).fill(classCount),
    objects: new Array<number>(2 * locations).fill(NONE),
  };
  for (const [i, [image, location, label, object]] of positives.entries()) {
    const at = image * locations + location;
    expected.labels[at] = label;
    expected.objects[at] = object;
    expect(regression.slice(4 * at, 4 * at + 4)).toEqual([...wanted.slice(4 * i, 4 * i + 4)]);
  }
  expect({ labels, objects }).toEqual(expected);
});

it('what does not fit is refused by name', () => {
  const [boxes, classes] = [on(new Array(8).fill(0), [1, 2, 4]), on([0, 1], [1, 2], 'u32')];
  const options = { levels: [LEVEL], classCount: 3 };
  expect(() => fcosTargets(boxes, on([0, 1, 2], [1, 3], 'u32'), options)).toThrow(
    'fcosTargets: input [1×2×4] must be boxes [N×M×4], [1×3×4] here',
  );
  expect(() => fcosTargets(boxes, on([0, 1], [1, 2]), options)).toThrow(
    'fcosTargets: input [1×2] is f32, it must be u32',
  );
  expect(() => fcosTargets(boxes, classes, { ...options, levels: [] })).toThrow('fcosTargets: there are no levels');
  expect(() => fcosTargets(boxes, classes, { ...options, levels: [{ ...LEVEL, from: 70 }] })).toThrow(
    'fcosTargets: a level takes objects from 70 to 64; that is no range',
  );
  expect(() => fcosTargets(boxes, classes, { ...options, extents: on([1], [1]) })).toThrow(
    'fcosTargets: input [1] must be extents [N×2], [1×2] here',
  );
});
