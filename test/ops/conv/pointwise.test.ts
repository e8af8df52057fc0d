// 1×1 convolutions as matrix products, in three directions, with and without strides, in both storages, against float64.
import { describe, expect, it } from 'vitest';
import { fromHalf, toHalf } from '../../../src/gpu/device/half.ts';
import {
  type ConvGeometry,
  extent,
  inputCount,
  outputCount,
  weightCount,
} from '../../../src/ops/conv/kernels/geometry.ts';
import {
  type Multiplier,
  pointwiseData,
  pointwiseFits,
  pointwiseForward,
  pointwiseWeight,
} from '../../../src/ops/conv/kernels/pointwise.ts';
import { tiled } from '../../../src/ops/matmul/kernels/tiled.ts';
import { empty, type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { relativeError } from '../../support/check.ts';
import { dataReference, forwardReference, terms, weightReference } from '../../support/conv.ts';
import { gpu } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

const shape = (n: number, h: number, w: number, ci: number, co: number, s: number): ConvGeometry => ({
  ...{ n, h, w, ci, ho: extent(h, 1, s, 0, 1), wo: extent(w, 1, s, 0, 1), co, kh: 1, kw: 1 },
  ...{ sh: s, sw: s, ph: 0, pw: 0, dh: 1, dw: 1, groups: 1 },
});

async function check(g: ConvGeometry, by?: Multiplier): Promise<void> {
  expect(pointwiseFits(g)).toBe(true);
  const type = g.half ? 'f16' : 'f32';
  const [x, w, dy] = [inputCount(g), weightCount(g), outputCount(g)]
    .map((n, i) => values(n + i, n))
    .map((v) => (g.half ? fromHalf(toHalf(v)) : v));
  const [tx, tw, tdy] = [x, w, dy].map((v) => tensor(gpu, v, [v.length], 'operand', type));
  const [y, dx] = [dy, x].map((v) => empty(gpu, [v.length], 'result', type));
  const dw = empty(gpu, [w.length], 'dw');
  pointwiseForward(gpu, g, tx.slice, tw.slice, y.slice, by);
  pointwiseData(gpu, g, tdy.slice, tw.slice, dx.slice, by);
  pointwiseWeight(gpu, g, tx.slice, tdy.slice, dw.slice, by);
  // Sums of n products below 1 in f32 (ε = 6e-8); a result in f16 is rounded once more, by at most 2⁻¹¹, or 2⁻¹⁰ where an adapter does not round to nearest.
  const close = async (what: string, result: Tensor, expected: Float64Array, n: number): Promise<void> => {
    const error = relativeError(await result.floats(), expected);
    expect(error, what).toBeLessThan(6e-8 * (n + 2) + (result.dtype === 'f16' ? 2 ** -10 : 0));
  };
  const n = terms(g);
  await close('forward', y, forwardReference(g, x, w), n.forward);
  await close('data', dx, dataReference(g, dy, w), n.data);
  await close('weight', dw, weightReference(g, x, dy), n.weight);
  for (const made of [tx, tw, tdy, y, dx, dw]) made.release();
}

const SHAPES: [string, ConvGeometry][] = [
  ['one pixel, one channel', shape(1, 1, 1, 1, 1, 1)],
  ['7 → 17', shape(2, 3, 5, 7, 17, 1)],
  ['36 → 20', shape(1, 7, 5, 36, 20, 1)],
  ['12 → 8, stride 2', shape(2, 5, 4, 12, 8, 2)],
  ['5 → 3, stride 3', shape(2, 7, 8, 5, 3, 3)],
];

it.each(SHAPES)('%s', (_, g) => check(g));

/** The product for GPUs stands for whichever takes f16. */
const tiledProduct: Multiplier = (on, product, slices) => tiled(on, product, 'small', slices);

describe.skipIf(!gpu.capabilities.f16)('f16', () => {
  it.each(SHAPES.filter((_, i) => i >= 2))('%s', (_, g) => check({ ...g, half: true }, tiledProduct));
});

it('fits 1×1 without padding only', () => {
  const g = shape(1, 4, 4, 4, 4, 1);
  expect(pointwiseFits({ ...g, kh: 3 })).toBe(false);
  expect(pointwiseFits({ ...g, pw: 1 })).toBe(false);
  expect(pointwiseFits({ ...g, groups: 2 })).toBe(false);
});
