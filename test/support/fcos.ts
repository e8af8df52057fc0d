// FCOS's targets, losses and choice of instances by their definitions, in float64.
import type { FcosLevel } from '../../src/ops/detection/levels.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { loadGolden } from '../golden/golden.ts';
import { on } from './gpu.ts';

export const NONE = 0xffffffff;

const SIZES = [0, 64, 128, 256, 512];

/** Levels of these heights and widths, each twice as coarse as the one before, for objects between these sizes in turn; the last takes all larger ones. */
export const fcosLevels = (sides: readonly number[][], stride = 8, sizes = SIZES): FcosLevel[] =>
  sides.map(([height, width], i) => ({
    height,
    width,
    stride: stride * 2 ** i,
    from: sizes[i],
    to: i === sides.length - 1 ? Number.POSITIVE_INFINITY : sizes[i + 1],
  }));

/** x and y of each location, and its level. */
export const placesOf = (levels: readonly FcosLevel[]): { x: number; y: number; level: FcosLevel }[] =>
  levels.flatMap((level) =>
    Array.from({ length: level.height * level.width }, (_, i) => ({
      x: (i % level.width) * level.stride + Math.floor(level.stride / 2),
      y: Math.floor(i / level.width) * level.stride + Math.floor(level.stride / 2),
      level,
    })),
  );

export interface PlainTargets {
  labels: number[];
  objects: number[];
  regression: number[];
}

/** Of one image. */
export function targetsOf(
  boxes: readonly number[][],
  classes: readonly number[],
  levels: readonly FcosLevel[],
  classCount: number,
  radius = 1.5,
): PlainTargets {
  const found: PlainTargets = { labels: [], objects: [], regression: [] };
  for (const { x, y, level } of placesOf(levels)) {
    const near = boxes
      .map(([x0, y0, x1, y1], object) => ({
        object,
        sides: [x - x0, y - y0, x1 - x, y1 - y],
        area: (x1 - x0) * (y1 - y0),
        off: [x - (x0 + x1) / 2, y - (y0 + y1) / 2].map(Math.abs),
      }))
      .filter(({ object }) => classes[object] < classCount)
      .filter(({ sides, off }) => sides.every((side) => side > 0) && off.every((d) => d < radius * level.stride))
      .filter(({ sides }) => Math.max(...sides) >= level.from && Math.max(...sides) <= level.to)
      .sort((a, b) => a.area - b.area || a.object - b.object);
    const [best] = near;
    found.labels.push(best ? classes[best.object] : classCount);
    found.objects.push(best?.object ?? NONE);
    found.regression.push(...(best?.sides.map((side) => side / level.stride) ?? [0, 0, 0, 0]));
  }
  return found;
}

const softplus = (v: number): number => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));

/** σ(z)^gamma · −log(1 − σ(z)), z on the wrong answer's side. */
export const focalOf = (z: number, gamma: number): number => Math.exp(-gamma * softplus(-z)) * softplus(z);

export const centernessOf = ([l, t, r, b]: ArrayLike<number> & Iterable<number>): number =>
  Math.sqrt((Math.min(l, r) / Math.max(l, r)) * (Math.min(t, b) / Math.max(t, b)));

function giouLoss(p: ArrayLike<number>, q: ArrayLike<number>): number {
  const area = (v: ArrayLike<number>): number => (v[0] + v[2]) * (v[1] + v[3]);
  const both = area([0, 1, 2, 3].map((i) => Math.min(p[i], q[i])));
  const hull = area([0, 1, 2, 3].map((i) => Math.max(p[i], q[i])));
  const either = area(p) + area(q) - both;
  return 1 - (both + 1) / (either + 1) + (hull - either) / hull;
}

/** Classification, location and centerness, for labels and targets of all locations of a batch. */
export function lossesOf(
  [logits, regression, centerness]: readonly ArrayLike<number>[],
  { labels, regression: wanted }: Pick<PlainTargets, 'labels' | 'regression'>,
  classes: number,
  { alpha = 0.25, gamma = 2 } = {},
): [number, number, number] {
  const four = (list: ArrayLike<number>, row: number): number[] => [0, 1, 2, 3].map((i) => list[4 * row + i]);
  let [focal, central, boxes, centers, objects] = [0, 0, 0, 0, 0];
  for (const [row, label] of labels.entries()) {
    if (label > classes) continue;
    for (let c = 0; c < classes; c++) {
      const x = logits[row * classes + c];
      focal += c === label ? alpha * focalOf(-x, gamma) : (1 - alpha) * focalOf(x, gamma);
    }
    if (label === classes) continue;
    const weight = centernessOf(four(wanted, row));
    objects++;
    central += weight;
    boxes += weight * giouLoss(four(regression, row), four(wanted, row));
    centers += weight * softplus(-centerness[row]) + (1 - weight) * softplus(centerness[row]);
  }
  const by = Math.max(objects, 1);
  return [focal / by, boxes / Math.max(central, 1e-6), centers / by];
}

/** Of one image: locations with scores, highest first, by turns of its objects. */
export function chosenOf(
  objects: readonly number[],
  scores: readonly number[],
  room: number,
): { location: number; object: number }[] {
  const lists = new Map<number, { location: number; object: number; score: number; turn: number }[]>();
  for (const [location, object] of objects.entries())
    if (object !== NONE)
      lists.set(object, [...(lists.get(object) ?? []), { location, object, score: scores[location], turn: 0 }]);
  const each = Math.max(Math.floor(room / lists.size), 1);
  const best = (a: { score: number; location: number }, b: { score: number; location: number }): number =>
    b.score - a.score || a.location - b.location;
  return [...lists.values()]
    .flatMap((list) =>
      list
        .sort(best)
        .slice(0, each)
        .map((one, turn) => ({ ...one, turn })),
    )
    .sort((a, b) => a.turn - b.turn || best(a, b))
    .slice(0, room);
}

interface Original {
  boxes: Tensor;
  classes: Tensor;
  levels: FcosLevel[];
  classCount: number;
  /** As FcosGolden has them. */
  positives: [image: number, location: number, label: number, object: number][];
  wanted: Float32Array;
  losses: [number, number, number];
  /** logits, regression and centerness; where these are not known, what adds nothing to a loss. */
  outputs: { shape: number[]; values: Float32Array }[];
  /** Places in these of what is known, and the gradients there. */
  known: { at: number[]; gradient: Float32Array }[];
}

/** What AdelaiDet makes of two images. */
export function fcosGolden(): Original {
  const golden = loadGolden('fcos');
  const floats = (text: string): Float32Array => {
    const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
    return new Float32Array(bytes.buffer);
  };
  const levels = fcosLevels(golden.sides);
  const room = Math.max(...golden.boxes.map((list) => list.length));
  const filled = <T>(lists: T[][], nothing: T): T[] =>
    lists.flatMap((list) => [...list, ...new Array<T>(room - list.length).fill(nothing)]);
  const [images, locations] = [golden.boxes.length, placesOf(levels).length];
  const known = [golden.gradLogits, golden.gradRegression, golden.gradCenterness].map((text) => {
    const gradient = floats(text);
    const width = gradient.length / golden.places.length;
    const at = golden.places.flatMap(([image, location]) =>
      Array.from({ length: width }, (_, i) => (image * locations + location) * width + i),
    );
    return { at, gradient };
  });
  const outputs = [golden.logits, golden.regression, golden.centerness].map((text, i) => {
    const given = floats(text);
    const width = given.length / golden.places.length;
    const values = new Float32Array(images * locations * width).fill(i === 0 ? -100 : 1);
    for (const [j, at] of known[i].at.entries()) values[at] = given[j];
    return { shape: [images, locations, ...(width > 1 ? [width] : [])], values };
  });
  return {
    boxes: on(filled(golden.boxes, [0, 0, 0, 0]).flat(), [images, room, 4]),
    classes: on(filled(golden.labels, NONE), [images, room], 'u32'),
    levels,
    classCount: golden.classes,
    positives: golden.positives,
    wanted: floats(golden.wanted),
    losses: golden.losses,
    outputs,
    known,
  };
}
