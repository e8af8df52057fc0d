// Depthwise convolution kernels in their three directions, against float64: strides, dilations, ragged rows and channels, both storages.
import { describe, expect, it } from 'vitest';
import { fromHalf, toHalf } from '../../../src/gpu/device/half.ts';
import {
  depthwiseData,
  depthwiseFits,
  depthwiseForward,
  depthwiseWeight,
} from '../../../src/ops/conv/kernels/depthwise.ts';
import {
  type ConvGeometry,
  extent,
  inputCount,
  outputCount,
  weightCount,
} from '../../../src/ops/conv/kernels/geometry.ts';
import { empty, type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { relativeError } from '../../support/check.ts';
import { dataReference, forwardReference, terms, weightReference } from '../../support/conv.ts';
import { gpu } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

type Two = [vertical: number, horizontal: number];

const shape = (n: number, [h, w]: Two, c: number, [kh, kw]: Two, s = 1, p = kh >> 1, d = 1, q = p): ConvGeometry => ({
  ...{ n, h, w, ci: c, ho: extent(h, kh, s, p, d), wo: extent(w, kw, s, q, d), co: c, kh, kw },
  ...{ sh: s, sw: s, ph: p, pw: q, dh: d, dw: d, groups: c },
});

async function check(g: ConvGeometry): Promise<void> {
  expect(depthwiseFits(g)).toBe(true);
  const type = g.half ? 'f16' : 'f32';
  const [x, w, dy] = [inputCount(g), weightCount(g), outputCount(g)]
    .map((n, i) => values(n + i, n))
    .map((v) => (g.half ? fromHalf(toHalf(v)) : v));
  const [tx, tw, tdy] = [x, w, dy].map((v) => tensor(gpu, v, [v.length], 'operand', type));
  const [y, dx] = [dy, x].map((v) => empty(gpu, [v.length], 'result', type));
  const dw = empty(gpu, [w.length], 'dw');
  depthwiseForward(gpu, g, tx.slice, tw.slice, y.slice);
  depthwiseData(gpu, g, tdy.slice, tw.slice, dx.slice);
  depthwiseWeight(gpu, g, tx.slice, tdy.slice, dw.slice);
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
  ['one pixel', shape(1, [1, 1], 4, [3, 3])],
  ['3×3, ragged row', shape(2, [7, 13], 20, [3, 3])],
  ['3×3, many channels, few rows', shape(1, [2, 2], 132, [3, 3])],
  ['3×3, 7 channels', shape(2, [5, 6], 7, [3, 3])],
  ['3×3, stride 2', shape(2, [7, 10], 8, [3, 3], 2)],
  ['3×3, no padding, no full strip', shape(1, [6, 5], 4, [3, 3], 1, 0)],
  ['1×1, stride 2: positions without a tap', shape(1, [4, 5], 4, [1, 1], 2)],
  ['5×3, dilation 2, wide padding', shape(1, [9, 8], 4, [5, 3], 1, 4, 2, 5)],
  ['stride 3', shape(1, [8, 8], 4, [3, 3], 3, 1)],
];

it.each(SHAPES)('%s', (_, g) => check(g));

describe.skipIf(!gpu.capabilities.f16)('f16', () => {
  it.each(SHAPES.filter((_, i) => [1, 3, 4].includes(i)))('%s', (_, g) => check({ ...g, half: true }));
});

it('fits one filter a channel only', () => {
  const g = shape(1, [5, 5], 4, [3, 3]);
  expect(depthwiseFits({ ...g, co: 8 })).toBe(false);
  expect(depthwiseFits({ ...g, groups: 2 })).toBe(false);
  expect(depthwiseFits({ ...g, dw: 9 })).toBe(false);
});
