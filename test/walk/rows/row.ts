// What a row of the walk says of an op, and what rows share: constants uploaded once, and references in float64.
import * as ops from '../../../src/ops/index.ts';
import { type DType, keep, type Shape, type Tensor } from '../../../src/tensor/index.ts';
import { gpu, on as upload } from '../../support/gpu.ts';
import { boxMasksIn64 } from '../../support/masks.ts';
import { values } from '../../support/random.ts';

export type Values = Float64Array;

export interface Row {
  op: (x: Tensor) => Tensor;
  /** Of x in memory order. */
  reference: (x: Values) => number[];
  /** Takes f16, too. */
  half?: true;
  /** Takes one image only. */
  single?: true;
  /** Has no meaning without values, and nobody asks for it. */
  some?: true;
  /** Has no backward pass, and says so where one is asked for. */
  forwardOnly?: true;
  /** Computes with squares or differences that the largest values take out of f32's range. */
  overflows?: true;
}

export const constants = new Map<string, Tensor>();

/** A constant of a row, uploaded once: a capture may not. */
export function on(values: ArrayLike<number>, shape: Shape, dtype: DType = 'f32'): Tensor {
  const key = `${dtype} ${shape.join()} ${Array.from(values).join()}`;
  const made = constants.get(key) ?? keep(upload(values, shape, dtype));
  constants.set(key, made);
  return made;
}

export const ranges = new Map<number, ops.Ranges>();

/** All elements as one range, made once. */
export function whole(size: number): ops.Ranges {
  const made = ranges.get(size) ?? new ops.Ranges(gpu, [size], 'walk');
  ranges.set(size, made);
  return made;
}

export const rowsOf = (x: Values, length: number): number[][] =>
  Array.from({ length: x.length / length }, (_, i) => [...x.subarray(i * length, i * length + length)]);
/** The values of each image and channel. */
export const byChannel = (x: Values): number[][] =>
  rowsOf(x, 16).flatMap((image) => [0, 1, 2, 3].map((c) => image.filter((_, i) => i % 4 === c)));
export const total = (list: number[]): number => list.reduce((sum, v) => sum + v, 0);
export const largest = (list: number[]): number => list.reduce((p, q) => Math.max(p, q));
export const smallest = (list: number[]): number => list.reduce((p, q) => Math.min(p, q));
/** Where the first NaN is, or the first largest value. */
export const firstLargest = (list: number[]): number => list.findIndex((v) => Number.isNaN(v) || v === largest(list));
export const varianceOf = (row: number[]): number => total(row.map((v) => (v - total(row) / 4) ** 2)) / 3;
export const powersOf = (row: number[]): number[] => row.map((v) => Math.exp(v - largest(row)));
export const softmaxOf = (row: number[]): number[] => powersOf(row).map((p) => p / total(powersOf(row)));
/** An infinity where that is the largest. */
export const logSumExpOf = (row: number[]): number =>
  Math.abs(largest(row)) === Number.POSITIVE_INFINITY ? largest(row) : largest(row) + Math.log(total(powersOf(row)));
/** NaN after everything else. */
export const ascending = (p: number, q: number): number =>
  Number.isNaN(p) || Number.isNaN(q)
    ? Number(Number.isNaN(p)) - Number(Number.isNaN(q))
    : Number(p > q) - Number(p < q);
export const each =
  (f: (v: number) => number) =>
  (x: Values): number[] =>
    Array.from(x, f);
export const matrix = (x: Tensor): Tensor => ops.reshape(x, [-1, 4]);
export const labels = (x: Tensor): Tensor => on(new Array(x.size / 4).fill(1), [x.size / 4], 'u32');
export const ones = (...shape: number[]): Tensor => on(new Array(shape.reduce((a, b) => a * b)).fill(1), shape);
export const identity = (n: number): Tensor =>
  on(
    Array.from({ length: n }, (_, i) => i),
    [n],
    'u32',
  );
export const W = [1, 2, -1, 0.5, 0.25, 3, -2, 1, 1, 4, -3, 2];
/** Each row times a matrix [4, 3]. */
export const times = (x: Values): number[] =>
  rowsOf(x, 4).flatMap((row) => [0, 1, 2].map((j) => total(row.map((v, i) => v * W[i * 3 + j]))));
export const held = (v: number, low: number, high: number): number => Math.min(Math.max(v, low), high);
export const log1pExp = (v: number): number => Math.log1p(Math.exp(-Math.abs(v)));
/** Three keys of four values, of both signs at each place, so that a row with one infinity has no weights. */
export const KEYS = [1, -2, 1, -1, 2, 1, -3, 0.5, -1, 0.5, 2, 2];
export const attention = (x: Values): number[] =>
  rowsOf(x, 4).flatMap((row) => {
    const scores = [0, 1, 2].map((j) => total(row.map((v, i) => v * KEYS[j * 4 + i])) / 2);
    const powers = scores.map((score) => Math.exp(score - largest(scores)));
    return [0, 1].map((c) => total(powers.map((p, j) => (p / total(powers)) * W[j * 2 + c])));
  });
export const atLeast = (v: number): number => (v < 0 ? 0 : v);
export const losses = (x: Values, loss: (p: number, logP: number) => number): number[] => {
  const rows = rowsOf(x, 4).map((row) => {
    const high = largest(row);
    const logP = row[1] - high - Math.log(total(row.map((v) => Math.exp(v - high))));
    return loss(Math.exp(logP), logP);
  });
  return [total(rows) / rows.length];
};
export const like = (x: Tensor, value: number): Tensor => on(new Float32Array(x.size).fill(value), x.shape);
export const none = { reduction: 'none' } as const;
/** −log σ(v). */
export const missedYes = (v: number): number => Math.max(-v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
/** Of each row with [1, 2, 0, −1]. */
export const cosines = (x: Values): number[] =>
  rowsOf(x, 4).map((r) => (r[0] + 2 * r[1] - r[3] + 0 * r[2]) / Math.sqrt(6 * total(r.map((v) => v * v))));
export const direction = (x: Tensor): Tensor =>
  on(
    Float32Array.from({ length: x.size }, (_, i) => [1, 2, 0, -1][i % 4]),
    [x.size / 4, 4],
  );
/** One image of 2×2 that becomes one pixel. */
export const downsampling: ops.Downsampling = {
  fine: { height: 2, width: 2 },
  coarse: { height: 1, width: 1 },
  childIndex: on([0], [1], 'u32'),
  parentIndex: identity(4),
  upsampleIndex: { sources: identity(4), targets: identity(4) },
};
export const segments = new ops.Segments(gpu, 4, [[0, 1, 2, 3]], 'walk');
export const fixed = { mean: on([0.5, 0, 0.25, -1], [4]), variance: on([2, 1, 0.5, 4], [4]) };
/** Each list standardized. */
export const standardized = (list: number[]): number[] => {
  const mean = total(list) / list.length;
  const deviation = Math.sqrt(total(list.map((v) => (v - mean) ** 2)) / list.length + 1e-5);
  return list.map((v) => (v - mean) / deviation);
};
/** Of a side of two, for each place of a side of four: the element before, the one behind, and how far beyond the first it lies. */
export const ALIGNED = [
  [0, 1, 0],
  [0, 1, 0],
  [0, 1, 0.5],
  [1, 1, 0],
];
/** Images of 2×2 pixels as ones of 4×4, the first pixel's middle on the middles of the first four. */
export const twiceAligned = (x: Values): number[] => {
  const y: number[] = [];
  for (let image = 0; image < x.length; image += 16)
    for (const [a, b, t] of ALIGNED)
      for (const [c, d, s] of ALIGNED)
        for (let at = image; at < image + 4; at++)
          y.push(
            (1 - t) * ((1 - s) * x[at + a * 8 + c * 4] + s * x[at + a * 8 + d * 4]) +
              t * ((1 - s) * x[at + b * 8 + c * 4] + s * x[at + b * 8 + d * 4]),
          );
  return y;
};
export const taps = (x: Values, c: number): number[] => [...x].filter((_, i) => i % 8 === c);

/** One constant for every image. */
export const forEach = (x: Tensor, numbers: ArrayLike<number>, shape: Shape): Tensor =>
  ops.expand(on(numbers, [1, ...shape]), [x.shape[0], ...shape]);
export const HEAD = { n: 1, k: 1, h: 1, w: 1, stride: 8, centers: [9, 70], sizes: [64] };
export const PARAMETERS = values(9, 233);
/** Each image as the logits of an instance's mask of 4×4, with a box. */
export const BOX = [3, 0, 11, 8];
export const maskMaps = (x: Values) => ({ n: x.length / 16, k: 1, h: 4, w: 4, boxes: 1, stride: 4 });
export const masksOf = (x: Values) => {
  const n = x.length / 16;
  const corners = Array.from({ length: 4 * n }, (_, i) => BOX[i % 4]);
  return boxMasksIn64(maskMaps(x), new Uint32Array(n), corners);
};
export const masks = (x: Tensor): [logits: Tensor, objects: Tensor, boxes: Tensor] => {
  const n = x.shape[0];
  return [ops.reshape(x, [n, 1, 4, 4]), on(new Uint32Array(n), [n, 1], 'u32'), forEach(x, BOX, [1, 4])];
};
export const ALIKE = values(10, 128);

/** Rows by op. */
export type Rows = Partial<Record<keyof typeof ops, Row>>;
