// Attention of many shapes beside float64, under each kernel.
import {
  type AttentionOptions,
  scaledDotProductAttention,
} from '../../../src/ops/attention/scaled-dot-product-attention.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { checkOp } from '../../support/check.ts';
import { gpu } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

export interface Case {
  name: string;
  batch?: number;
  heads?: number;
  kvHeads?: number;
  n: number;
  m: number;
  d: number;
  dv: number;
  causal?: boolean;
  headsLast?: boolean;
  scale?: number;
  /** Shapes of a mask of zeros and ones, or of a bias. */
  mask?: number[];
  bias?: number[];
}

export const CASES: Case[] = [
  { name: 'one of each', n: 1, m: 1, d: 1, dv: 1 },
  { name: 'odd sides', heads: 2, n: 5, m: 7, d: 3, dv: 6 },
  {
    name: 'two batches, heads last, a scale',
    batch: 2,
    heads: 3,
    n: 7,
    m: 5,
    d: 5,
    dv: 2,
    headsLast: true,
    scale: 0.7,
  },
  { name: 'causal, more keys than queries', heads: 2, n: 5, m: 9, d: 4, dv: 3, causal: true },
  { name: 'causal, fewer keys, grouped heads', batch: 2, heads: 4, kvHeads: 2, n: 9, m: 6, d: 4, dv: 3, causal: true },
  { name: 'a mask of all heads', batch: 2, heads: 2, n: 4, m: 6, d: 4, dv: 5, mask: [2, 1, 1, 6] },
  { name: 'a bias of each head', batch: 2, heads: 2, n: 4, m: 6, d: 4, dv: 5, bias: [2, 4, 6] },
  {
    name: 'a bias of queries, heads last, grouped',
    heads: 2,
    kvHeads: 1,
    n: 4,
    m: 3,
    d: 2,
    dv: 3,
    bias: [4, 1],
    headsLast: true,
  },
];

/** Tiles of keys and rows, parts of the depth, and panels, whole and ragged. */
export const LARGE: Case[] = [
  { name: 'more than a tile', heads: 2, n: 70, m: 67, d: 36, dv: 61 },
  {
    name: 'narrow heads, causal, heads last',
    heads: 2,
    n: 261,
    m: 270,
    d: 5,
    dv: 3,
    causal: true,
    headsLast: true,
  },
  { name: 'deep, masked, grouped', heads: 2, kvHeads: 1, n: 35, m: 41, d: 132, dv: 68, mask: [35, 41] },
];

export const product = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

export function shapes({
  batch = 1,
  heads = 1,
  kvHeads = heads,
  n,
  m,
  d,
  dv,
  headsLast,
  mask,
  bias,
}: Case): number[][] {
  const shape = (h: number, t: number, depth: number): number[] => [batch, ...(headsLast ? [t, h] : [h, t]), depth];
  return [
    shape(heads, n, d),
    shape(kvHeads, m, d),
    shape(kvHeads, m, dv),
    ...[mask ?? bias ?? []].filter((s) => s.length > 0),
  ];
}

/** Zeros and ones, of which the first row that there is sees no key. */
export const maskOf = (shape: number[]): Float32Array =>
  values(5, product(shape)).map((v, i) => (i < shape[shape.length - 1] || v < -0.3 ? 0 : 1));

export function reference(c: Case) {
  const { batch = 1, heads = 1, kvHeads = heads, n, m, d, dv, headsLast, causal, scale = 1 / Math.sqrt(c.d) } = c;
  const at = (b: number, h: number, t: number, hs: number, ts: number): number =>
    headsLast ? (b * ts + t) * hs + h : (b * hs + h) * ts + t;
  const extra = c.mask ?? c.bias;
  const sides = extra && [...new Array(4 - extra.length).fill(1), ...extra];
  const place = (index: number[]): number => sides!.reduce((sum, side, i) => sum * side + (side > 1 ? index[i] : 0), 0);
  return ([q, k, v, given]: ArrayLike<number>[]): Float64Array => {
    const y = new Float64Array(batch * heads * n * dv);
    for (let b = 0; b < batch; b++)
      for (let h = 0; h < heads; h++)
        for (let i = 0; i < n; i++) {
          const kv = Math.floor(h / (heads / kvHeads));
          const scores = Array.from({ length: m }, (_, j) => {
            if (causal && j > i) return Number.NEGATIVE_INFINITY;
            let score = 0;
            for (let e = 0; e < d; e++) score += q[at(b, h, i, heads, n) * d + e] * k[at(b, kv, j, kvHeads, m) * d + e];
            score *= scale;
            if (c.bias) score += given[place([b, h, i, j])];
            return c.mask && given[place([b, h, i, j])] === 0 ? Number.NEGATIVE_INFINITY : score;
          });
          const high = Math.max(...scores);
          if (high === Number.NEGATIVE_INFINITY) continue;
          const powers = scores.map((score) => Math.exp(score - high));
          const total = powers.reduce((sum, p) => sum + p, 0);
          for (let e = 0; e < dv; e++)
            for (let j = 0; j < m; j++)
              y[at(b, h, i, heads, n) * dv + e] += (powers[j] / total) * v[at(b, kv, j, kvHeads, m) * dv + e];
        }
    return y;
  };
}

export function check(c: Case, stored: 'f32' | 'f16' = 'f32', samples = 12): Promise<void> {
  const list = shapes(c);
  const half = stored === 'f16';
  const options: AttentionOptions = { causal: c.causal, headsLast: c.headsLast, scale: c.scale };
  return checkOp({
    inputs: list.map((shape, i) => (i === 3 && c.mask ? { shape, values: maskOf(shape), gradient: false } : { shape })),
    half,
    samples,
    op: (inputs) => {
      const [q, k, v, extra] = half ? inputs.map((x) => cast(x, 'f16')) : inputs;
      const y = scaledDotProductAttention(q, k, v, { ...options, [c.mask ? 'mask' : 'bias']: extra });
      return half ? cast(y, 'f32') : y;
    },
    reference: reference(c),
    // Sums of up to 270 products below 1 in f32, and powers that an adapter's exp2 has to 2 units or so; f16 rounds results, gradients and y in Σ y·dy by 2⁻¹¹ each.
    tolerance: half ? 2 ** -11 + 4e-6 : 4e-6,
    gradientTolerance: half ? 3 * 2 ** -11 : 1e-4,
  });
}

/** Those of software adapters and of GPUs, whichever this one is, for small shapes too. */
export const KERNELS = ['stationary', 'tiled', 'plain'];

export async function under<T>(kernel: string, run: () => Promise<T>): Promise<T> {
  const { attention, matmul } = gpu.machine as { attention: { small: number }; matmul: { stationary: boolean } };
  const [{ small }, { stationary }] = [attention, matmul];
  attention.small = 0;
  matmul.stationary = kernel === 'stationary';
  gpu.tuner.force = kernel;
  try {
    return await run();
  } finally {
    attention.small = small;
    matmul.stationary = stationary;
    gpu.tuner.force = undefined;
  }
}
