// Attention against float64: every kernel on odd shapes, masks, biases, causal, grouped queries, both layouts and storages; then against values of PyTorch.
import { describe, expect, it } from 'vitest';
import {
  type AttentionOptions,
  scaledDotProductAttention,
} from '../../../src/ops/attention/scaled-dot-product-attention.ts';
import { selfAttention } from '../../../src/ops/attention/self-attention.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { empty, type Tensor } from '../../../src/tensor/tensor.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

interface Case {
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

const CASES: Case[] = [
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
const LARGE: Case[] = [
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

const product = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

function shapes({ batch = 1, heads = 1, kvHeads = heads, n, m, d, dv, headsLast, mask, bias }: Case): number[][] {
  const shape = (h: number, t: number, depth: number): number[] => [batch, ...(headsLast ? [t, h] : [h, t]), depth];
  return [
    shape(heads, n, d),
    shape(kvHeads, m, d),
    shape(kvHeads, m, dv),
    ...[mask ?? bias ?? []].filter((s) => s.length > 0),
  ];
}

/** Zeros and ones, of which the first row that there is sees no key. */
const maskOf = (shape: number[]): Float32Array =>
  values(5, product(shape)).map((v, i) => (i < shape[shape.length - 1] || v < -0.3 ? 0 : 1));

function reference(c: Case) {
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

function check(c: Case, stored: 'f32' | 'f16' = 'f32', samples = 12): Promise<void> {
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
const KERNELS = ['stationary', 'tiled', 'plain'];

async function under<T>(kernel: string, run: () => Promise<T>): Promise<T> {
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

describe.each(KERNELS)('%s', (kernel) => {
  it.each(CASES)('$name', (c) => under(kernel, () => check(c)));
  // Every depth and storage is a pipeline of its own, which a software adapter compiles for seconds: those that GPUs have differ in constants alone.
  const large = kernel === 'tiled' ? LARGE.slice(1) : LARGE;
  it.each(large)('$name', (c) => under(kernel, () => check(c, 'f32', 5)));
  it.skipIf(!gpu.capabilities.f16 || kernel === 'tiled')('in f16', () => under(kernel, () => check(CASES[3], 'f16')));
});

/** Of one tensor that holds queries, keys and values. */
const JOINED: Case[] = [
  { name: 'odd sides', batch: 2, heads: 3, n: 7, m: 7, d: 5, dv: 2, scale: 0.7 },
  { name: 'causal, fours', batch: 2, heads: 2, n: 5, m: 5, d: 4, dv: 8, causal: true },
  { name: 'a mask', heads: 2, n: 4, m: 4, d: 3, dv: 3, mask: [2, 1, 4] },
  { name: 'a bias', batch: 2, heads: 2, n: 4, m: 4, d: 3, dv: 4, bias: [2, 4, 4] },
];
const LARGE_JOINED: Case[] = [
  { name: 'more than a tile', batch: 2, heads: 2, n: 70, m: 70, d: 36, dv: 61 },
  { name: 'more than a tile, narrow', heads: 2, n: 70, m: 70, d: 5, dv: 3 },
];

function checkJoined(c: Case, stored: 'f32' | 'f16' = 'f32', samples = 12): Promise<void> {
  const { batch = 1, heads = 1, n, d, dv, causal, scale } = c;
  const parts = [heads * d, heads * d, heads * dv];
  const width = parts.reduce((a, b) => a + b);
  const half = stored === 'f16';
  const own = reference({ ...c, headsLast: true });
  const extra = c.mask ?? c.bias;
  const first = { shape: [batch, n, width] };
  const second = extra && (c.mask ? { shape: extra, values: maskOf(extra), gradient: false } : { shape: extra });
  return checkOp({
    inputs: second ? [first, second] : [first],
    half,
    samples,
    op: (inputs) => {
      const [x, extra] = half ? inputs.map((x) => cast(x, 'f16')) : inputs;
      const y = selfAttention(x, { heads, depth: d, causal, scale, [c.mask ? 'mask' : 'bias']: extra });
      return half ? cast(y, 'f32') : y;
    },
    reference: ([x, extra]) => {
      let from = 0;
      const cut = parts.map((length) => {
        const begin = from;
        from += length;
        return Array.from(
          { length: batch * n * length },
          (_, i) => x[Math.floor(i / length) * width + begin + (i % length)],
        );
      });
      return own([...cut, extra]);
    },
    tolerance: half ? 2 ** -11 + 4e-6 : 4e-6,
    gradientTolerance: half ? 3 * 2 ** -11 : 1e-4,
  });
}

describe.each(KERNELS)('joined, %s', (kernel) => {
  // Of shapes that need no pipelines but those that others here have.
  const tiled = kernel === 'tiled';
  it.each(JOINED.filter(({ d }) => !tiled || d % 4 > 0))('$name', (c) => under(kernel, () => checkJoined(c)));
  it.each(LARGE_JOINED.filter(({ d }) => !tiled || d < 32))('$name', (c) =>
    under(kernel, () => checkJoined(c, 'f32', 5)),
  );
  it.skipIf(!gpu.capabilities.f16 || kernel === 'tiled')('in f16', () =>
    under(kernel, () => checkJoined(JOINED[1], 'f16')),
  );
});

it('joined, says what does not fit', () => {
  const x = empty(gpu, [2, 3, 14], 'x');
  expect(() => selfAttention(x, { heads: 3 })).toThrow(
    'x [2×3×14] are no tokens [..., N, C] of 3 heads with queries and keys of 1.5555555555555556 channels',
  );
  expect(() => selfAttention(x, { heads: 2, depth: 4 })).toThrow('values of -1');
  expect(() => selfAttention(x, undefined as never)).toThrow('how many heads');
});

/** torch 1.13, softmax(q·kᵀ / √2 + b)·v and its gradients, to six digits: off by up to 2e-6 of 4 by that, and as much in f32. */
const TORCH = {
  q: [1.5, -0.25, -2.125, 0.625, -1.125, -1.375, 0.375, 0.875, -0.75, -0.375, -0.625, 0.125],
  k: [0.5, -0.125, 1.5, 0.25, 0.125, 0.875, -0.125, -0.125, 0.875, 1.25, 2, 0, 0.625, -0.375, -0.875, -2.375],
  v: [
    ...[-0.25, -0.75, 0.625, 0.25, -0.125, -0.625, 1, 0.5, -0.625, 0.875, 1.125, 1.25],
    ...[-1.5, 2.625, -0.5, 0.375, -1.625, -0.5, -0.5, -0.5, -1.125, 1.125, -0.125, 0.75],
  ],
  b: [0, 0.25, 0, -0.875, -1.125, -0.25, 0.25, -0.25, 2, 0, 0.125, -0.75],
  dy: [
    ...[0.125, 1.125, -0.625, -1.25, 0.125, -0.625, 0.625, -0.75, -0.875],
    ...[-0.375, 0.5, -1, 0.125, 0.125, -0.75, 0.25, -0.125, 0.125],
  ],
  y: [
    ...[0.260764, -0.125877, -0.310093, 0.865975, 0.617953, 0.0616381, -0.0565126, -0.487874, 0.555618],
    ...[-0.618111, 0.531581, -0.582647, 0.528816, -0.226954, 0.103843, -1.08376, 1.82855, -0.475067],
  ],
  dq: [
    ...[0.0544035, 0.109789, 0.0892587, 0.111535, 0.0540079, 0.0516899],
    ...[-0.411844, 0.578315, 0.282546, 0.377364, -0.0612213, -0.269974],
  ],
  dk: [
    ...[-0.353136, 0.0543637, 0.0551845, -0.0384324, -0.151174, -0.0143993, 0.449125, -0.00153215],
    ...[0.2159, 0.349833, -0.179079, -0.350304, -0.127373, -0.0527024, 0.0905523, 0.0531736],
  ],
  dv: [
    ...[0.46644, -0.390827, -0.866613, 0.0618892, 0.722219, -0.464783, -0.674143, 0.145583, -0.486542],
    ...[-0.354186, 0.0230245, -0.307061, 0.0209756, 0.140916, -0.395831, -0.115166, 0.186084, -0.414995],
    ...[0.00268394, 0.0987781, -0.346986, 0.0915069, 0.0742213, -0.467188],
  ],
  db: [
    ...[0.339735, -0.434621, 0.103748, -0.00886266, 0.0685998, 0.0560947],
    ...[0.349186, -0.47388, -0.144103, 0.0771717, 0.100644, -0.0337132],
  ],
  causal: [
    ...[-0.25, -0.75, 0.625, -0.145988, -0.619985, 0.364969, 0.185421, -0.293087, 0.0606298],
    ...[-1.5, 2.625, -0.5, -0.686073, 0.780099, -0.5, -0.708382, 0.500115, -0.740693],
  ],
};

describe.each(KERNELS)('values of PyTorch, %s', (kernel) => {
  const { q, k, v, b, dy } = TORCH;
  const given = (): Tensor[] => {
    const made = [on(q, [1, 2, 3, 2]), on(k, [1, 2, 4, 2]), on(v, [1, 2, 4, 3]), on(b, [3, 4])];
    for (const x of made) x.requiresGrad = true;
    return made;
  };
  it('with a bias, and its gradient', () =>
    under(kernel, async () => {
      const inputs = given();
      const y = scaledDotProductAttention(inputs[0], inputs[1], inputs[2], { bias: inputs[3] });
      expect(relativeError(await y.floats(), TORCH.y)).toBeLessThan(4e-6);
      backward(y, { gradient: on(dy, y.shape) });
      for (const [i, name] of (['dq', 'dk', 'dv', 'db'] as const).entries())
        expect(relativeError(await inputs[i].grad!.floats(), TORCH[name]), name).toBeLessThan(4e-6);
    }));
  it('causal', () =>
    under(kernel, async () => {
      const y = scaledDotProductAttention(...(given().slice(0, 3) as [Tensor, Tensor, Tensor]), { causal: true });
      expect(relativeError(await y.floats(), TORCH.causal)).toBeLessThan(4e-6);
    }));
  it('a query whose keys are all hidden by a mask or by −Infinity gets zeros, and passes no gradient', () =>
    under(kernel, async () => {
      for (const options of [
        { mask: on([0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1], [3, 4], kernel === 'plain' ? 'u32' : 'f32') },
        { bias: on(new Array(4).fill(Number.NEGATIVE_INFINITY).concat([0, 0, 0, 0, 0, 0, 0, 0]), [3, 4]) },
      ]) {
        const [x, z, w] = given();
        const y = scaledDotProductAttention(x, z, w, options);
        backward(y, { gradient: on(dy, y.shape) });
        for (const [row, length] of [
          [y, 3],
          [x.grad!, 2],
        ] as const) {
          const values = await row.floats();
          for (const head of [0, 1])
            expect([...values.slice(head * 3 * length, head * 3 * length + length)]).toEqual(new Array(length).fill(0));
          expect(values.every(Number.isFinite)).toBe(true);
        }
      }
    }));
});

it('takes a mask and a bias together as a bias of −Infinity where the mask is zero', async () => {
  const mask = [1, 0, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1];
  const run = async (given: (b: Tensor) => AttentionOptions, values: number[]): Promise<Float32Array[]> => {
    const [q, k, v, b] = [on(TORCH.q, [2, 3, 2]), on(TORCH.k, [2, 4, 2]), on(TORCH.v, [2, 4, 3]), on(values, [3, 4])];
    b.requiresGrad = true;
    const y = scaledDotProductAttention(q, k, v, given(b));
    backward(y, { gradient: on(TORCH.dy, y.shape) });
    return [await y.floats(), await b.grad!.floats()];
  };
  const hidden = TORCH.b.map((value, i) => (mask[i] === 0 ? Number.NEGATIVE_INFINITY : value));
  const both = await run((bias) => ({ bias, mask: on(mask, [3, 4]) }), TORCH.b);
  expect(both).toEqual(await run((bias) => ({ bias }), hidden));
});

it('gives the same bits again', async () => {
  const bits = async (): Promise<string> => {
    const [q, k, v] = [1, 2, 3].map((seed) => on(values(seed, 300 * 32), [1, 300, 32]));
    for (const x of [q, k, v]) x.requiresGrad = true;
    const y = scaledDotProductAttention(q, k, v);
    backward(y, { gradient: on(values(4, 300 * 32), y.shape) });
    return (await Promise.all([y, q.grad!, k.grad!, v.grad!].map((x) => x.floats()))).map(String).join();
  };
  expect(await bits()).toBe(await bits());
});

it('refuses what does not fit, and says why', () => {
  const x = (...shape: number[]): Tensor => empty(gpu, shape, 'x');
  expect(() => scaledDotProductAttention(x(2, 3, 4), x(2, 5, 3), x(2, 5, 4))).toThrow(
    /do not fit: q and k need the same depth/,
  );
  expect(() => scaledDotProductAttention(x(3, 3, 4), x(2, 5, 4), x(2, 5, 4))).toThrow(/so many heads or a multiple/);
  expect(() => scaledDotProductAttention(x(4), x(4), x(4))).toThrow(/must have 2 sides/);
  const [q, k] = [x(2, 3, 4), x(2, 5, 4)];
  expect(() => scaledDotProductAttention(q, k, k, { mask: x(3, 3, 5) })).toThrow(
    /\[3×3×5\] does not broadcast to the scores \[2×3×5\]/,
  );
  expect(() => scaledDotProductAttention(q, k, k, { scale: Number.NaN })).toThrow(/scale is NaN/);
});
