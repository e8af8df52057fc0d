// Every kernel of every direction against float64, on random geometries and on the shapes where it changes its form.
import { afterEach, describe, expect, it } from 'vitest';
import { fromHalf, toHalf } from '../../../src/gpu/device/half.ts';
import { CONV_KERNELS } from '../../../src/ops/conv/kernels/candidates.ts';
import {
  type ConvGeometry,
  convKey,
  extent,
  inputCount,
  outputCount,
  weightCount,
} from '../../../src/ops/conv/kernels/geometry.ts';
import { convDataGradient, convForward, convWeightGradient } from '../../../src/ops/conv/kernels/launch.ts';
import { empty, type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { relativeError } from '../../support/check.ts';
import { dataReference, forwardReference, randomGeometry, terms, weightReference } from '../../support/conv.ts';
import { gpu, on } from '../../support/gpu.ts';
import { generator, values } from '../../support/random.ts';

afterEach(() => {
  gpu.tuner.force = undefined;
});

/** Runs the three directions with one kernel and compares each with float64, of what the operands are as stored. */
async function check(g: ConvGeometry, kernel: string): Promise<void> {
  gpu.tuner.force = kernel;
  const stored = g.half ? 'f16' : 'f32';
  const [x, w, dy] = [inputCount(g), weightCount(g), outputCount(g)]
    .map((n, i) => values(n + i, n))
    .map((v) => (g.half ? fromHalf(toHalf(v)) : v));
  const [tx, tw, tdy] = [x, w, dy].map((v) => tensor(gpu, v, [v.length], 'operand', stored));
  const [y, dx] = [dy, x].map((v) => empty(gpu, [v.length], 'result', stored));
  const dw = empty(gpu, [w.length], 'result');
  convForward(gpu, g, tx.slice, tw.slice, y.slice);
  convDataGradient(gpu, g, tdy.slice, tw.slice, dx.slice);
  convWeightGradient(gpu, g, tx.slice, tdy.slice, dw.slice);
  const counts = terms(g);
  // A sum of n products of numbers below 1, in any order, is off by at most n·ε·n; rounding errors walk, so √n·ε·√n is seen. ε = 6e-8.
  // A result in f16 is rounded once more, by at most 2⁻¹¹ (2⁻¹⁰ where an adapter does not round to nearest).
  const close = async (what: string, tensor: Tensor, expected: Float64Array, n: number): Promise<void> =>
    expect(relativeError(await tensor.floats(), expected), `${what} ${convKey(kernel, g)}`).toBeLessThan(
      6e-8 * (n + 2) + (tensor.dtype === 'f16' ? 2 ** -10 : 0),
    );
  await close('forward', y, forwardReference(g, x, w), counts.forward);
  await close('data', dx, dataReference(g, dy, w), counts.data);
  await close('weight', dw, weightReference(g, x, dy), counts.weight);
  for (const tensor of [tx, tw, tdy, y, dx, dw]) tensor.release();
}

const shape = (
  [n, size, ci, co]: number[],
  k: number | [number, number],
  s = 1,
  p: number | undefined = undefined,
  d = 1,
): ConvGeometry => {
  const [kh, kw] = typeof k === 'number' ? [k, k] : k;
  const [ph, pw] = [p ?? kh >> 1, p ?? kw >> 1];
  const [ho, wo] = [extent(size, kh, s, ph, d), extent(size, kw, s, pw, d)];
  return { n, h: size, w: size, ci, ho, wo, co, kh, kw, sh: s, sw: s, ph, pw, dh: d, dw: d, groups: 1 };
};

/** Where the stationary form changes: channel blocks, three rows at once, strides, widths it scatters and widths it gathers. */
const edges: [string, ConvGeometry][] = [
  ['16 → 16', shape([2, 9, 16, 16], 3)],
  ['32 → 32', shape([1, 8, 32, 32], 3)],
  ['64 → 40, two blocks each way', shape([1, 5, 64, 40], 3)],
  ['3 → 16, padded channels', shape([2, 7, 3, 16], 3)],
  ['16 → 1, padded columns', shape([2, 7, 16, 1], 3)],
  ['16 → 32, stride 2', shape([2, 8, 16, 32], 3, 2)],
  ['32 → 64, stride 2, odd size', shape([1, 7, 32, 64], 3, 2)],
  ['1×1, stride 2', shape([2, 6, 16, 32], 1, 2)],
  ['1×1', shape([2, 5, 32, 16], 1)],
  ['2×2, stride 2', shape([1, 6, 16, 16], 2, 2, 0)],
  ['2×2, stride 3', shape([1, 8, 16, 16], 2, 3, 0)],
  ['5×5', shape([1, 7, 16, 16], 5)],
  ['3×3, dilation 2', shape([1, 9, 16, 16], 3, 1, 2, 2)],
  ['3×3, padding 3', shape([1, 4, 16, 16], 3, 1, 3)],
  ['3×3, stride 3, padding 0', shape([1, 8, 16, 16], 3, 3, 0)],
  ['4×4, stride 2', shape([1, 6, 16, 32], 4, 2, 1)],
  ['1×3', shape([1, 6, 16, 16], [1, 3])],
  ['many pixels', shape([4, 64, 4, 36], 1)],
  ['one pixel', shape([1, 1, 16, 16], 3)],
];

/** Kernels with tests of their own: for their geometries, their tolerances, or f16 alone. */
const ELSEWHERE = ['widened', 'depthwise', 'product', 'matrix', 'winograd 2', 'winograd 4'];
/** The rest of the list, a new one too. Of the tiles a software adapter is given the small one. */
const kernels = CONV_KERNELS.map(({ name }) => name).filter((name) => !ELSEWHERE.includes(name));

describe.each(kernels.map((name) => (name === 'tiled' ? 'tiled small' : name)))('%s', (kernel) => {
  it.each(edges)('%s', (_, g) => check(g, kernel));

  const next = generator(11);
  it.each(Array.from({ length: 40 }, () => randomGeometry(next)).map((g) => [convKey('random', g), g] as const))(
    '%s',
    (_, g) => check(g, kernel),
  );
});

describe.skipIf(!gpu.capabilities.f16).each(['widened', 'tiled small', 'plain'])('%s in f16', (kernel) => {
  const next = generator(12);
  it.each(
    [
      ...edges.map(([, g]) => g).filter((_, i) => i % 3 === 0),
      ...Array.from({ length: 10 }, () => randomGeometry(next)),
    ]
      .map((g) => ({ ...g, half: true }))
      .map((g) => [convKey('', g), g] as const),
  )('%s', (_, g) => check(g, kernel));
});

it('weight gradients in parts have the same bits every time', async () => {
  const g = shape([4, 16, 16, 16], 3);
  const [x, dy] = [inputCount(g), outputCount(g)].map((n, i) => on(values(i, n), [n]));
  for (const kernel of ['stationary', 'tiled small', 'winograd 2', 'winograd 4']) {
    gpu.tuner.force = kernel;
    const runs = await Promise.all(
      [0, 1].map(async () => {
        const dw = empty(gpu, [weightCount(g)], 'dw');
        convWeightGradient(gpu, g, x.slice, dy.slice, dw.slice);
        return dw.floats();
      }),
    );
    expect(new Uint32Array(runs[1].buffer)).toEqual(new Uint32Array(runs[0].buffer));
  }
});
