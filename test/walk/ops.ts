// Every op on one tensor [n, 2, 2, 4], with what it gives by IEEE arithmetic in float64: what the walk of ops.test.ts goes through. A new op gets a row here.
import * as ops from '../../src/ops/index.ts';
import { type DType, empty, keep, type Shape, type Tensor, uniformArray } from '../../src/tensor/index.ts';
import { erf, normal } from '../support/erf.ts';
import { gpu, on as upload } from '../support/gpu.ts';
import { boxMasksIn64, maskHeadOf, pairwiseOf, projectionOf } from '../support/masks.ts';
import { values } from '../support/random.ts';

type Values = Float64Array;

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

const constants = new Map<string, Tensor>();

/** A constant of a row, uploaded once: a capture may not. */
function on(values: ArrayLike<number>, shape: Shape, dtype: DType = 'f32'): Tensor {
  const key = `${dtype} ${shape.join()} ${Array.from(values).join()}`;
  const made = constants.get(key) ?? keep(upload(values, shape, dtype));
  constants.set(key, made);
  return made;
}

const ranges = new Map<number, ops.Ranges>();

/** All elements as one range, made once. */
function whole(size: number): ops.Ranges {
  const made = ranges.get(size) ?? new ops.Ranges(gpu, [size], 'walk');
  ranges.set(size, made);
  return made;
}

const rowsOf = (x: Values, length: number): number[][] =>
  Array.from({ length: x.length / length }, (_, i) => [...x.subarray(i * length, i * length + length)]);
/** The values of each image and channel. */
const byChannel = (x: Values): number[][] =>
  rowsOf(x, 16).flatMap((image) => [0, 1, 2, 3].map((c) => image.filter((_, i) => i % 4 === c)));
const total = (list: number[]): number => list.reduce((sum, v) => sum + v, 0);
const largest = (list: number[]): number => list.reduce((p, q) => Math.max(p, q));
const smallest = (list: number[]): number => list.reduce((p, q) => Math.min(p, q));
/** Where the first NaN is, or the first largest value. */
const firstLargest = (list: number[]): number => list.findIndex((v) => Number.isNaN(v) || v === largest(list));
const varianceOf = (row: number[]): number => total(row.map((v) => (v - total(row) / 4) ** 2)) / 3;
const powersOf = (row: number[]): number[] => row.map((v) => Math.exp(v - largest(row)));
const softmaxOf = (row: number[]): number[] => powersOf(row).map((p) => p / total(powersOf(row)));
/** An infinity where that is the largest. */
const logSumExpOf = (row: number[]): number =>
  Math.abs(largest(row)) === Number.POSITIVE_INFINITY ? largest(row) : largest(row) + Math.log(total(powersOf(row)));
/** NaN after everything else. */
const ascending = (p: number, q: number): number =>
  Number.isNaN(p) || Number.isNaN(q)
    ? Number(Number.isNaN(p)) - Number(Number.isNaN(q))
    : Number(p > q) - Number(p < q);
const each =
  (f: (v: number) => number) =>
  (x: Values): number[] =>
    Array.from(x, f);
const matrix = (x: Tensor): Tensor => ops.reshape(x, [-1, 4]);
const labels = (x: Tensor): Tensor => on(new Array(x.size / 4).fill(1), [x.size / 4], 'u32');
const ones = (...shape: number[]): Tensor => on(new Array(shape.reduce((a, b) => a * b)).fill(1), shape);
const identity = (n: number): Tensor =>
  on(
    Array.from({ length: n }, (_, i) => i),
    [n],
    'u32',
  );
const W = [1, 2, -1, 0.5, 0.25, 3, -2, 1, 1, 4, -3, 2];
/** Each row times a matrix [4, 3]. */
const times = (x: Values): number[] =>
  rowsOf(x, 4).flatMap((row) => [0, 1, 2].map((j) => total(row.map((v, i) => v * W[i * 3 + j]))));
const held = (v: number, low: number, high: number): number => Math.min(Math.max(v, low), high);
const log1pExp = (v: number): number => Math.log1p(Math.exp(-Math.abs(v)));
/** Three keys of four values, of both signs at each place, so that a row with one infinity has no weights. */
const KEYS = [1, -2, 1, -1, 2, 1, -3, 0.5, -1, 0.5, 2, 2];
const attention = (x: Values): number[] =>
  rowsOf(x, 4).flatMap((row) => {
    const scores = [0, 1, 2].map((j) => total(row.map((v, i) => v * KEYS[j * 4 + i])) / 2);
    const powers = scores.map((score) => Math.exp(score - largest(scores)));
    return [0, 1].map((c) => total(powers.map((p, j) => (p / total(powers)) * W[j * 2 + c])));
  });
const atLeast = (v: number): number => (v < 0 ? 0 : v);
const losses = (x: Values, loss: (p: number, logP: number) => number): number[] => {
  const rows = rowsOf(x, 4).map((row) => {
    const high = largest(row);
    const logP = row[1] - high - Math.log(total(row.map((v) => Math.exp(v - high))));
    return loss(Math.exp(logP), logP);
  });
  return [total(rows) / rows.length];
};
const like = (x: Tensor, value: number): Tensor => on(new Float32Array(x.size).fill(value), x.shape);
const none = { reduction: 'none' } as const;
/** −log σ(v). */
const missedYes = (v: number): number => Math.max(-v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
/** Of each row with [1, 2, 0, −1]. */
const cosines = (x: Values): number[] =>
  rowsOf(x, 4).map((r) => (r[0] + 2 * r[1] - r[3] + 0 * r[2]) / Math.sqrt(6 * total(r.map((v) => v * v))));
const direction = (x: Tensor): Tensor =>
  on(
    Float32Array.from({ length: x.size }, (_, i) => [1, 2, 0, -1][i % 4]),
    [x.size / 4, 4],
  );
/** One image of 2×2 that becomes one pixel. */
const downsampling: ops.Downsampling = {
  fine: { height: 2, width: 2 },
  coarse: { height: 1, width: 1 },
  childIndex: on([0], [1], 'u32'),
  parentIndex: identity(4),
  upsampleIndex: { sources: identity(4), targets: identity(4) },
};
const segments = new ops.Segments(gpu, 4, [[0, 1, 2, 3]], 'walk');
const fixed = { mean: on([0.5, 0, 0.25, -1], [4]), variance: on([2, 1, 0.5, 4], [4]) };
/** Each list standardized. */
const standardized = (list: number[]): number[] => {
  const mean = total(list) / list.length;
  const deviation = Math.sqrt(total(list.map((v) => (v - mean) ** 2)) / list.length + 1e-5);
  return list.map((v) => (v - mean) / deviation);
};
/** Of a side of two, for each place of a side of four: the element before, the one behind, and how far beyond the first it lies. */
const ALIGNED = [
  [0, 1, 0],
  [0, 1, 0],
  [0, 1, 0.5],
  [1, 1, 0],
];
/** Images of 2×2 pixels as ones of 4×4, the first pixel's middle on the middles of the first four. */
const twiceAligned = (x: Values): number[] => {
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
const taps = (x: Values, c: number): number[] => [...x].filter((_, i) => i % 8 === c);

/** One constant for every image. */
const forEach = (x: Tensor, numbers: ArrayLike<number>, shape: Shape): Tensor =>
  ops.expand(on(numbers, [1, ...shape]), [x.shape[0], ...shape]);
const HEAD = { n: 1, k: 1, h: 1, w: 1, stride: 8, centers: [9, 70], sizes: [64] };
const PARAMETERS = values(9, 233);
/** Each image as the logits of an instance's mask of 4×4, with a box. */
const BOX = [3, 0, 11, 8];
const maskMaps = (x: Values) => ({ n: x.length / 16, k: 1, h: 4, w: 4, boxes: 1, stride: 4 });
const masksOf = (x: Values) => {
  const n = x.length / 16;
  const corners = Array.from({ length: 4 * n }, (_, i) => BOX[i % 4]);
  return boxMasksIn64(maskMaps(x), new Uint32Array(n), corners);
};
const masks = (x: Tensor): [logits: Tensor, objects: Tensor, boxes: Tensor] => {
  const n = x.shape[0];
  return [ops.reshape(x, [n, 1, 4, 4]), on(new Uint32Array(n), [n, 1], 'u32'), forEach(x, BOX, [1, 4])];
};
const ALIKE = values(10, 128);

export const ROWS: Partial<Record<keyof typeof ops, Row>> = {
  relu: { op: ops.relu, reference: each(atLeast), half: true },
  sigmoid: { op: ops.sigmoid, reference: each((v) => 1 / (1 + Math.exp(-v))), half: true },
  abs: { op: ops.abs, reference: each(Math.abs), half: true },
  exp: { op: ops.exp, reference: each(Math.exp), half: true },
  expm1: { op: ops.expm1, reference: each(Math.expm1), half: true },
  log: { op: ops.log, reference: each(Math.log), half: true },
  log1p: { op: ops.log1p, reference: each(Math.log1p), half: true },
  sqrt: { op: ops.sqrt, reference: each(Math.sqrt), half: true },
  rsqrt: { op: ops.rsqrt, reference: each((v) => 1 / Math.sqrt(v)), half: true },
  square: { op: ops.square, reference: each((v) => v * v), half: true },
  reciprocal: { op: ops.reciprocal, reference: each((v) => 1 / v), half: true },
  neg: { op: ops.neg, reference: each((v) => -v), half: true },
  sign: { op: ops.sign, reference: each(Math.sign), half: true },
  sin: { op: ops.sin, reference: each(Math.sin), half: true },
  cos: { op: ops.cos, reference: each(Math.cos), half: true },
  tanh: { op: ops.tanh, reference: each(Math.tanh), half: true },
  erf: { op: ops.erf, reference: each(erf), half: true },
  floor: { op: ops.floor, reference: each(Math.floor), half: true },
  ceil: { op: ops.ceil, reference: each(Math.ceil), half: true },
  round: { op: ops.round, reference: each((v) => (Math.abs(v) === 0.5 ? 0 : Math.round(v))), half: true },
  isFinite: { op: ops.isFinite, reference: each((v) => (Number.isFinite(v) ? 1 : 0)), half: true },
  clip: { op: (x) => ops.clip(x, -0.5, 0.25), reference: each((v) => held(v, -0.5, 0.25)), half: true },
  relu6: { op: ops.relu6, reference: each((v) => held(v, 0, 6)), half: true },
  leakyRelu: { op: (x) => ops.leakyRelu(x), reference: each((v) => (v > 0 ? v : 0.01 * v)), half: true },
  elu: { op: (x) => ops.elu(x), reference: each((v) => (v > 0 ? v : Math.expm1(v))), half: true },
  logSigmoid: { op: ops.logSigmoid, reference: each((v) => Math.min(v, 0) - log1pExp(v)), half: true },
  softplus: { op: (x) => ops.softplus(x), reference: each((v) => Math.max(v, 0) + log1pExp(v)), half: true },
  silu: { op: ops.silu, reference: each((v) => v / (1 + Math.exp(-v))), half: true },
  gelu: { op: (x) => ops.gelu(x), reference: each((v) => v * normal(v)), half: true },
  mish: { op: ops.mish, reference: each((v) => v * Math.tanh(Math.max(v, 0) + log1pExp(v))), half: true },
  hardSigmoid: { op: ops.hardSigmoid, reference: each((v) => held(v + 3, 0, 6) / 6), half: true },
  hardSwish: { op: ops.hardSwish, reference: each((v) => v * (held(v + 3, 0, 6) / 6)), half: true },
  scale: { op: (x) => ops.scale(x, 2), reference: each((v) => 2 * v), half: true },
  binarizeSTE: {
    op: (x) => ops.binarizeSTE(x, 0.5),
    reference: each((v) => (Number.isNaN(v) ? v : v >= 0.5 ? 1 : 0)),
    half: true,
  },
  hardThreshold: {
    op: (x) => ops.hardThreshold(x, 0.5),
    reference: each((v) => (Number.isNaN(v) || v >= 0.5 ? v : 0)),
    half: true,
  },
  add: { op: (x) => ops.add(x, x), reference: each((v) => v + v), half: true },
  sub: { op: (x) => ops.sub(x, x), reference: each((v) => v - v), half: true },
  mul: { op: (x) => ops.mul(x, x), reference: each((v) => v * v), half: true },
  div: { op: (x) => ops.div(0.5, x), reference: each((v) => 0.5 / v), half: true },
  pow: { op: (x) => ops.pow(x, x), reference: each((v) => v ** v), half: true },
  maximum: { op: (x) => ops.maximum(x, 0.25), reference: each((v) => Math.max(v, 0.25)), half: true },
  minimum: { op: (x) => ops.minimum(x, 0.25), reference: each((v) => Math.min(v, 0.25)), half: true },
  equal: { op: (x) => ops.equal(x, x), reference: each((v) => Number(!Number.isNaN(v))), half: true },
  notEqual: { op: (x) => ops.notEqual(x, 0), reference: each((v) => Number(v !== 0)), half: true },
  less: { op: (x) => ops.less(0, x), reference: each((v) => Number(v > 0)), half: true },
  lessEqual: { op: (x) => ops.lessEqual(x, 0), reference: each((v) => Number(v <= 0)), half: true },
  greater: { op: (x) => ops.greater(x, 0), reference: each((v) => Number(v > 0)), half: true },
  greaterEqual: { op: (x) => ops.greaterEqual(0, x), reference: each((v) => Number(v <= 0)), half: true },
  logicalAnd: { op: (x) => ops.logicalAnd(x, 2), reference: each((v) => Number(v !== 0)), half: true },
  logicalOr: { op: (x) => ops.logicalOr(x, 0), reference: each((v) => Number(v !== 0)), half: true },
  logicalNot: { op: ops.logicalNot, reference: each((v) => Number(v === 0)), half: true },
  where: { op: (x) => ops.where(x, x, 2), reference: each((v) => (v === 0 ? 2 : v)), half: true },
  cast: { op: (x) => ops.cast(x, 'f32'), reference: each((v) => v), half: true },
  sum: { op: (x) => ops.sum(x, -1), reference: (x) => rowsOf(x, 4).map(total), half: true },
  mean: { op: (x) => ops.mean(x, -1), reference: (x) => rowsOf(x, 4).map((row) => total(row) / 4), half: true },
  max: { op: (x) => ops.max(x, -1), reference: (x) => rowsOf(x, 4).map(largest), half: true },
  min: { op: (x) => ops.min(x, -1), reference: (x) => rowsOf(x, 4).map(smallest), half: true },
  argmax: { op: (x) => ops.argmax(x, -1), reference: (x) => rowsOf(x, 4).map(firstLargest), half: true },
  argmin: {
    op: (x) => ops.argmin(x, -1),
    reference: (x) => rowsOf(x, 4).map((row) => firstLargest(row.map((v) => -v))),
    half: true,
  },
  norm: {
    op: (x) => ops.norm(x, -1),
    reference: (x) => rowsOf(x, 4).map((row) => Math.sqrt(total(row.map((v) => v * v)))),
    overflows: true,
    half: true,
  },
  prod: {
    op: (x) => ops.prod(x, -1),
    reference: (x) => rowsOf(x, 4).map((row) => row.reduce((p, q) => p * q)),
    half: true,
  },
  variance: {
    op: (x) => ops.variance(x, -1),
    reference: (x) => rowsOf(x, 4).map(varianceOf),
    overflows: true,
    half: true,
  },
  std: {
    op: (x) => ops.std(x, -1),
    reference: (x) => rowsOf(x, 4).map((row) => Math.sqrt(varianceOf(row))),
    overflows: true,
    half: true,
  },
  logSumExp: {
    op: (x) => ops.logSumExp(x, -1),
    reference: (x) => rowsOf(x, 4).map(logSumExpOf),
    half: true,
  },
  softmax: { op: (x) => ops.softmax(x), reference: (x) => rowsOf(x, 4).flatMap(softmaxOf), half: true },
  logSoftmax: {
    op: (x) => ops.logSoftmax(x),
    reference: (x) => rowsOf(x, 4).flatMap((row) => row.map((v) => v - largest(row) - Math.log(total(powersOf(row))))),
    half: true,
  },
  sort: {
    op: (x) => ops.sort(x).values,
    reference: (x) => rowsOf(x, 4).flatMap((row) => row.sort(ascending)),
    half: true,
  },
  argsort: {
    op: (x) => ops.argsort(x),
    reference: (x) => rowsOf(x, 4).flatMap((row) => [0, 1, 2, 3].sort((p, q) => ascending(row[p], row[q]))),
    half: true,
  },
  topK: {
    op: (x) => ops.topK(x, 2).values,
    reference: (x) => rowsOf(x, 4).flatMap((row) => row.sort((p, q) => ascending(q, p)).slice(0, 2)),
    half: true,
  },
  cumsum: {
    op: (x) => ops.cumsum(x),
    reference: (x) => rowsOf(x, 4).flatMap((row) => row.map((_, i) => total(row.slice(0, i + 1)))),
    half: true,
  },
  firstNonFinite: {
    op: ops.firstNonFinite,
    reference: (x) => [x.findIndex((v) => !Number.isFinite(v)) >>> 0],
  },
  countCorrect: {
    op: (x) => ops.countCorrect(matrix(x), labels(x)),
    reference: (x) => [rowsOf(x, 4).filter((row) => row.indexOf(largest(row)) === 1).length],
    half: true,
  },
  crossEntropy: {
    op: (x) => ops.crossEntropy(matrix(x), labels(x)),
    reference: (x) => losses(x, (_, l) => -l),
    half: true,
  },
  focalLoss: {
    op: (x) => ops.focalLoss(matrix(x), labels(x)),
    reference: (x) => losses(x, (p, l) => -((1 - p) ** 2) * l),
    half: true,
  },
  mse: { op: (x) => ops.mse(x, like(x, 0.25), none), reference: each((v) => (v - 0.25) ** 2), half: true },
  l1: { op: (x) => ops.l1(x, like(x, 0.25), none), reference: each((v) => Math.abs(v - 0.25)), half: true },
  smoothL1: {
    op: (x) => ops.smoothL1(x, like(x, 0), none),
    reference: each((v) => (Math.abs(v) < 1 ? v ** 2 / 2 : Math.abs(v) - 0.5)),
    half: true,
  },
  huber: {
    op: (x) => ops.huber(x, like(x, 0), { ...none, delta: 0.5 }),
    reference: each((v) => (Math.abs(v) < 0.5 ? v ** 2 / 2 : 0.5 * (Math.abs(v) - 0.25))),
    half: true,
  },
  binaryCrossEntropyWithLogits: {
    op: (x) => ops.binaryCrossEntropyWithLogits(x, like(x, 1), none),
    reference: each(missedYes),
    half: true,
  },
  sigmoidFocalLoss: {
    op: (x) => ops.sigmoidFocalLoss(x, like(x, 1), { ...none, alpha: 0.5 }),
    reference: each((v) => 0.5 * missedYes(v) * (1 / (1 + Math.exp(v))) ** 2),
    half: true,
  },
  klDivergence: {
    op: (x) => ops.klDivergence(x, like(x, 0.25), none),
    reference: each((v) => 0.25 * (Math.log(0.25) - v)),
    half: true,
  },
  cosineSimilarity: {
    op: (x) => ops.cosineSimilarity(matrix(x), direction(x)),
    reference: cosines,
    half: true,
    overflows: true,
  },
  cosineEmbeddingLoss: {
    op: (x) => ops.cosineEmbeddingLoss(matrix(x), direction(x), on(new Array(x.size / 4).fill(1), [x.size / 4]), none),
    reference: (x) => cosines(x).map((v) => 1 - v),
    half: true,
    overflows: true,
  },
  einsum: { op: (x) => ops.einsum('nhwi,ij->nhwj', x, on(W, [4, 3])), reference: times, half: true },
  matmul: { op: (x) => ops.matmul(matrix(x), on(W, [4, 3])), reference: times, half: true },
  scaledDotProductAttention: {
    op: (x) => {
      const [k, v] = [on(KEYS, [3, 4]), on(W.slice(0, 6), [3, 2])];
      const like = (y: Tensor): Tensor => (x.dtype === 'f16' ? ops.cast(y, 'f16') : y);
      return ops.scaledDotProductAttention(matrix(x), like(k), like(v));
    },
    reference: attention,
    half: true,
    overflows: true,
  },
  // Each row a token that sees itself alone, or where its score is −∞, nothing.
  selfAttention: {
    op: (x) => ops.selfAttention(ops.reshape(x, [-1, 1, 4]), { heads: 1, depth: 1 }),
    reference: (x) =>
      rowsOf(x, 4).flatMap(([q, k, ...v]) => v.map((c) => (q * k < -1e300 ? 0 : Math.exp(q * k - q * k) * c))),
    half: true,
    overflows: true,
  },
  conv2d: { op: (x) => ops.conv2d(x, on(W, [1, 1, 4, 3])), reference: times, half: true },
  fusedConv2d: {
    op: (x) => ops.fusedConv2d(x, on(W, [1, 1, 4, 3]), { relu: true }),
    reference: (x) => times(x).map(atLeast),
    half: true,
    forwardOnly: true,
  },
  batchNorm: {
    op: (x) => ops.batchNorm(x, ones(4), ones(4), { training: false, running: fixed, eps: 0 }),
    reference: (x) => Array.from(x, (v, i) => (v - [0.5, 0, 0.25, -1][i % 4]) / Math.sqrt([2, 1, 0.5, 4][i % 4]) + 1),
    half: true,
  },
  layerNorm: {
    op: (x) => ops.layerNorm(x),
    reference: (x) => rowsOf(x, 4).flatMap(standardized),
    half: true,
    overflows: true,
  },
  rmsNorm: {
    op: (x) => ops.rmsNorm(x),
    reference: (x) =>
      rowsOf(x, 4).flatMap((row) => {
        const size = Math.sqrt(total(row.map((v) => v * v)) / 4 + 1e-6);
        return row.map((v) => v / size);
      }),
    half: true,
    overflows: true,
  },
  groupNorm: {
    op: (x) => ops.groupNorm(x, { groups: 1 }),
    reference: (x) => rowsOf(x, 16).flatMap(standardized),
    half: true,
    overflows: true,
  },
  instanceNorm: {
    op: (x) => ops.instanceNorm(x),
    reference: (x) => {
      const channels = byChannel(x).map(standardized);
      return Array.from(x, (_, i) => channels[Math.floor(i / 16) * 4 + (i % 4)][Math.floor((i % 16) / 4)]);
    },
    half: true,
    overflows: true,
  },
  avgPool2d: {
    op: (x) => ops.avgPool2d(x, { kernel: 2 }),
    reference: (x) => byChannel(x).map((list) => total(list) / 4),
    half: true,
  },
  maxPool2d: { op: (x) => ops.maxPool2d(x, { kernel: 2 }), reference: (x) => byChannel(x).map(largest), half: true },
  globalAvgPool: { op: ops.globalAvgPool, reference: (x) => byChannel(x).map((list) => total(list) / 4), half: true },
  resize: {
    op: (x) => ops.resize(x, { size: [1, 1], mode: 'bilinear' }),
    reference: (x) => byChannel(x).map((list) => total(list) / 4),
    half: true,
  },
  alignedBilinear: {
    op: (x) => ops.alignedBilinear(x, 2),
    reference: twiceAligned,
    half: true,
  },
  concat: { op: (x) => ops.concat([x, x], 0), reference: (x) => [...x, ...x], half: true },
  slice: {
    op: (x) => ops.slice(x, [0, 0, 0, 1], [x.shape[0], 2, 2, 2]),
    reference: (x) => rowsOf(x, 4).flatMap((r) => r.slice(1, 3)),
    half: true,
  },
  pad: {
    op: (x) =>
      ops.pad(x, [
        [0, 0],
        [0, 0],
        [0, 0],
        [1, 0],
      ]),
    reference: (x) => rowsOf(x, 4).flatMap((row) => [0, ...row]),
    half: true,
  },
  permute: { op: (x) => ops.permute(x, [0, 3, 1, 2]), reference: (x) => byChannel(x).flat(), half: true },
  transpose: {
    op: (x) => ops.transpose(x),
    reference: (x) => rowsOf(x, 8).flatMap((two) => [0, 1, 2, 3].flatMap((c) => [two[c], two[c + 4]])),
    half: true,
  },
  reshape: { op: matrix, reference: each((v) => v), half: true },
  squeeze: { op: (x) => ops.squeeze(ops.reshape(x, [-1, 1])), reference: each((v) => v), half: true },
  unsqueeze: { op: (x) => ops.unsqueeze(x, 0), reference: each((v) => v), half: true },
  flatten: { op: (x) => ops.flatten(x), reference: each((v) => v), half: true },
  expand: {
    op: (x) => ops.expand(ops.reshape(x, [-1, 1, 4]), [-1, 2, 4]),
    reference: (x) => rowsOf(x, 4).flatMap((row) => [...row, ...row]),
    half: true,
  },
  tile: { op: (x) => ops.tile(x, [2, 1, 1, 1]), reference: (x) => [...x, ...x], half: true },
  repeat: { op: (x) => ops.repeat(x, 2, -1), reference: (x) => [...x].flatMap((v) => [v, v]), half: true },
  flip: { op: (x) => ops.flip(x, -1), reference: (x) => rowsOf(x, 4).flatMap((row) => row.reverse()), half: true },
  roll: {
    op: (x) => ops.roll(x, 1, -1),
    reference: (x) => rowsOf(x, 4).flatMap(([a, b, c, d]) => [d, a, b, c]),
    half: true,
  },
  split: {
    op: (x) => ops.split(x, 2, -1)[1],
    reference: (x) => rowsOf(x, 4).flatMap((row) => row.slice(2)),
    half: true,
  },
  stack: { op: (x) => ops.stack([x, x]), reference: (x) => [...x, ...x], half: true },
  tril: {
    op: (x) => ops.tril(x),
    reference: (x) => Array.from(x, (v, i) => (i % 4 <= Math.floor(i / 4) % 2 ? v : 0)),
    half: true,
  },
  triu: {
    op: (x) => ops.triu(x),
    reference: (x) => Array.from(x, (v, i) => (i % 4 >= Math.floor(i / 4) % 2 ? v : 0)),
    half: true,
  },
  gather: { op: (x) => ops.gather(matrix(x), identity(x.size / 4)), reference: each((v) => v), half: true },
  indexSelect: {
    op: (x) => ops.indexSelect(x, on([2, 0], [2], 'u32'), -1),
    reference: (x) => rowsOf(x, 4).flatMap(([a, , c]) => [c, a]),
    half: true,
  },
  embedding: { op: (x) => ops.embedding(matrix(x), identity(x.size / 4)), reference: each((v) => v), half: true },
  takeAlong: {
    op: (x) =>
      ops.takeAlong(
        x,
        on(
          Array.from({ length: x.size }, (_, i) => 3 - (i % 4)),
          x.shape,
          'u32',
        ),
        -1,
      ),
    reference: (x) => rowsOf(x, 4).flatMap((row) => row.reverse()),
    half: true,
  },
  scatterAdd: {
    op: (x) => ops.scatterAdd(matrix(x), identity(x.size / 4), matrix(x)),
    reference: each((v) => v + v),
    half: true,
  },
  writeChannels: {
    op: (x) => ops.writeChannels(ops.writeChannels(empty(gpu, [x.shape[0], 2, 2, 8], 'block'), x, 0), x, 4),
    reference: (x) => rowsOf(x, 4).flatMap((row) => [...row, ...row]),
  },
  gateFeatures: {
    op: (x) => ops.gateFeatures([{ weight: x, gate: 'connection', at: 0 }], { kind: 'max' }),
    reference: (x) => [0, 1, 2, 3].flatMap((o) => [0, 1].map((i) => largest(taps(x, i * 4 + o)))),
    some: true,
  },
  selectLargest: {
    op: (x) => ops.selectLargest(x, on([7], [1], 'u32'), whole(x.size)),
    reference: (x) => {
      const order = Array.from(x, (_, i) => i).sort((i, j) => ascending(x[j], x[i]) || i - j);
      const kept = new Set(order.slice(0, 7));
      return Array.from(x, (_, i) => Number(kept.has(i)));
    },
    some: true,
  },
  gateTaylor: {
    op: (x) => ops.gateTaylor([{ weight: x, gate: 'connection', at: 0 }], [x]),
    reference: (x) =>
      [0, 1, 2, 3].flatMap((o) =>
        [0, 1].map((i) => total(taps(x, i * 4 + o).map((v) => Math.fround(v * v))) / taps(x, i * 4 + o).length),
      ),
    some: true,
    forwardOnly: true,
    overflows: true,
  },
  dropout: {
    op: (x) => ops.dropout(x, { p: 0.25, random: { seed: 1, stream: 2 } }),
    reference: (x) => Array.from(uniformArray(x.length, 1, 2), (u, i) => x[i] * (u < 0.25 ? 0 : 4 / 3)),
    half: true,
  },
  stochasticDepth: {
    op: (x) => ops.stochasticDepth(x, { p: 0.25, random: { seed: 1, stream: 2 } }),
    reference: (x) => {
      const numbers = uniformArray(x.length / 16, 1, 2);
      return Array.from(x, (v, i) => v * (numbers[i >> 4] < 0.25 ? 0 : 4 / 3));
    },
    half: true,
  },
  maskedWeights: {
    op: (x) => ops.maskedWeights([{ weight: x, gate: 'filter', at: 0 }], on([1, 2, 3, 4], [4]))[0],
    reference: (x) => Array.from(x, (v, i) => v * ((i % 4) + 1)),
  },
  permuteScatter: {
    op: (x) => ops.permuteScatter(x, [x.size], { sources: identity(x.size), targets: identity(x.size) }),
    reference: each((v) => v),
  },
  packedMaxPool2: {
    op: (x) => ops.packedMaxPool2(x, downsampling),
    reference: (x) => byChannel(x).map(largest),
    single: true,
  },
  packedStride2: { op: (x) => ops.packedStride2(x, downsampling), reference: (x) => [...x.slice(0, 4)], single: true },
  packedSkipConcat: {
    op: (x) => ops.packedSkipConcat(x, x, ones(4), downsampling),
    reference: (x) => rowsOf(x, 4).flatMap((row) => [...row, ...row.map((v) => v + 1)]),
    single: true,
  },
  packedMask: { op: (x) => ops.packedMask(x, identity(x.size)), reference: each((v) => v) },
  packedUpsampleAdd: {
    op: (x) => ops.packedUpsampleAdd(x, x, { sources: identity(x.size), targets: identity(x.size) }),
    reference: each((v) => v + v),
  },
  fcosTargets: {
    op: (x) => {
      const boxes = ops.reshape(x, [-1, 4, 4]);
      const classes = on(
        Array.from({ length: x.size / 4 }, (_, i) => i % 4),
        [x.size / 16, 4],
        'u32',
      );
      const level = { height: 1, width: 1, stride: 1, from: 0, to: Number.POSITIVE_INFINITY };
      return ops.fcosTargets(boxes, classes, { levels: [level], classCount: 3 }).labels;
    },
    // The only location is at 0, and the fourth of the boxes is of no class.
    reference: (x) =>
      rowsOf(x, 16).map((image) => {
        const areas = rowsOf(Float64Array.from(image.slice(0, 12)), 4).map(([x0, y0, x1, y1]) =>
          x0 < 0 && y0 < 0 && x1 > 0 && y1 > 0 && Number.isFinite(x0 + y0 + x1 + y1)
            ? Math.fround(Math.fround(x1 - x0) * Math.fround(y1 - y0))
            : Number.POSITIVE_INFINITY,
        );
        return smallest(areas) < Number.POSITIVE_INFINITY ? areas.indexOf(smallest(areas)) : 3;
      }),
    overflows: true,
  },
  fcosLosses: {
    op: (x) => {
      const rows = ops.reshape(x, [-1, 4, 4]);
      const sides = like(rows, 1);
      const targets = { labels: ops.reshape(labels(x), [-1, 4]), regression: sides, objects: labels(x) };
      const centerness = on(new Array(x.size / 4).fill(0), [x.size / 16, 4]);
      return ops.fcosLosses({ logits: rows, regression: sides, centerness }, targets).classification;
    },
    reference: (x) => {
      const terms = Array.from(x, (v, i) => {
        const z = i % 4 === 1 ? -v : v;
        return (i % 4 === 1 ? 0.25 : 0.75) * missedYes(-z) * (1 / (1 + Math.exp(-z))) ** 2;
      });
      return [total(terms) / Math.max(x.length / 4, 1)];
    },
    half: true,
    overflows: true,
  },
  selectInstances: {
    op: (x) => {
      const rows = ops.reshape(x, [-1, 4, 4]);
      const sides = [x.size / 16, 4];
      const centerness = on(new Array(x.size / 4).fill(0), sides);
      const objects = on(new Array(x.size / 4).fill(0), sides, 'u32');
      return ops.selectInstances({ objects }, rows, centerness, { perImage: 2 }).locations;
    },
    reference: (x) =>
      rowsOf(x, 16).flatMap((image) => {
        const scores = rowsOf(Float64Array.from(image), 4).map((row) =>
          row.some(Number.isNaN) ? 2 : Math.fround(1 / (1 + Math.exp(-held(largest(row), -80, 80)))),
        );
        return [0, 1, 2, 3].sort((p, q) => scores[q] - scores[p] || p - q).slice(0, 2);
      }),
    half: true,
  },
  instanceRows: {
    op: (x) => {
      const picks = Array.from({ length: x.size / 8 }, (_, i) => (i % 2 === 0 ? 3 : ops.NO_INDEX));
      return ops.instanceRows(ops.reshape(x, [-1, 4, 4]), on(picks, [x.size / 16, 2], 'u32'));
    },
    reference: (x) => rowsOf(x, 16).flatMap((image) => [...image.slice(12), 0, 0, 0, 0]),
    half: true,
  },
  segmentAdd: {
    op: (x) => ops.segmentAdd(x, on([0.5, -1, 2, 0.25], [1, 4]), segments),
    reference: (x) => Array.from(x, (v, i) => v + [0.5, -1, 2, 0.25][i % 4]),
    single: true,
  },
  segmentMean: {
    op: (x) => ops.segmentMean(x, segments),
    reference: (x) => byChannel(x).map((list) => total(list) / 4),
    single: true,
    overflows: true,
  },
  segmentNorm: {
    op: (x) => ops.segmentNorm(x, segments, { eps: 1e-5 }),
    reference: (x) => {
      const channels = byChannel(x).map(standardized);
      return Array.from(x, (_, i) => channels[i % 4][Math.floor(i / 4)]);
    },
    single: true,
    overflows: true,
  },
  dynamicMaskHead: {
    op: (x) =>
      ops.dynamicMaskHead(
        ops.reshape(x, [x.shape[0], 1, 1, 16]),
        forEach(x, PARAMETERS, [1, 233]),
        forEach(x, HEAD.centers, [1, 2]),
        forEach(x, HEAD.sizes, [1]),
      ),
    reference: (x) =>
      rowsOf(x, 16).flatMap((row) => [...maskHeadOf(Float64Array.from(row), Float64Array.from(PARAMETERS), HEAD)]),
    half: true,
    overflows: true,
  },
  projectionLoss: {
    op: (x) => ops.projectionLoss(...masks(x)),
    reference: (x) => [projectionOf(x, masksOf(x), maskMaps(x))],
    half: true,
  },
  pairwiseLoss: {
    op: (x) => ops.pairwiseLoss(...masks(x), forEach(x, ALIKE, [4, 4, 8])),
    reference: (x) => [
      pairwiseOf(
        x,
        masksOf(x),
        maskMaps(x),
        Array.from({ length: x.length * 8 }, (_, i) => ALIKE[i % 128]),
        0.3,
      ),
    ],
    half: true,
  },
};

/** Exports that the walk leaves out, each with the reason. */
export const LEFT_OUT: Partial<Record<keyof typeof ops, string>> = {
  elementwise: 'makes ops',
  clearCut: 'writes zeros in place: test/ops/gates/clear-cut.test.ts',
  defineOp: 'makes ops of others',
  convForward: 'conv2d on slices',
  convDataGradient: 'conv2d on slices',
  convWeightGradient: 'conv2d on slices; sums over many positions are in long-sums.test.ts',
  convTranspose2d: 'the data gradient of conv2d',
  crop: 'slice by another name',
  broadcastTo: 'expand by another name',
  chunk: 'split by another count',
  foldedNorm: 'the coefficients of batchNorm',
  randomUniform: 'takes no tensor of values',
  randomNormal: 'takes no tensor of values',
  RandomState: 'no op',
  instancePlaces: 'takes locations; see test/ops/detection/instance-rows.test.ts',
  oneHot: 'takes labels; see test/ops/reduce/one-hot.test.ts',
  colorSimilarity: 'takes bytes; see test/ops/detection/color-similarity.test.ts',
  pasteMasks: 'makes bits; see test/ops/detection/paste-masks.test.ts',
  Segments: 'no op',
  Ranges: 'no op',
  NO_INDEX: 'no op',
  ALL_FINITE: 'no op',
};
