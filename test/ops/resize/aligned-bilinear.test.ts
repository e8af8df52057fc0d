// alignedBilinear against AdelaiDet's values and against float64, forward and backward, on odd sizes, even and odd factors; f16.
import { expect, it } from 'vitest';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { alignedBilinear } from '../../../src/ops/resize/aligned-bilinear.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { loadBoxInst, unpacked } from '../../golden/boxinst.ts';
import { everyIndex, place } from '../../support/arrays.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { halfValues, values } from '../../support/random.ts';
import { toNchw, toNhwc } from '../../support/torch.ts';

// One or two roundings of each value.
it.each([2, 4] as const)("times %i is AdelaiDet's", async (factor) => {
  const golden = loadBoxInst('aligned-bilinear');
  const [n, c, h, w] = golden.input.shape;
  const y = alignedBilinear(on(toNhwc(unpacked(golden.input), golden.input.shape), [n, h, w, c]), factor);
  const expected = golden[`by${factor}`];
  expect(y.shape).toEqual([n, expected.shape[2], expected.shape[3], c]);
  expect(relativeError(toNchw(await y.floats(), y.shape), unpacked(expected))).toBeLessThan(5e-7);
});

function reference(x: Float64Array, [n, h, w, c]: number[], factor: number): Float64Array {
  const y = new Float64Array(x.length * factor ** 2);
  const around = (p: number, side: number): [at: number, weight: number][] => {
    const at = Math.max(p - Math.floor(factor / 2), 0) / factor;
    const before = Math.floor(at);
    return [
      [before, 1 - (at - before)],
      [Math.min(before + 1, side - 1), at - before],
    ];
  };
  everyIndex([n, factor * h, factor * w, c], ([image, p, q, k], flat) => {
    for (const [row, a] of around(p, h))
      for (const [column, b] of around(q, w)) y[flat] += a * b * x[place([n, h, w, c], [image, row, column, k])];
  });
  return y;
}

it.each([
  [[2, 3, 5, 4], 2],
  [[1, 7, 4, 3], 3],
  [[2, 1, 1, 2], 4],
  [[1, 5, 13, 1], 2],
  [[1, 2, 3, 6], 5],
] as [number[], number][])('of %j times %i', (shape, factor) =>
  checkOp({
    inputs: [{ shape }],
    op: ([x]) => alignedBilinear(x, factor),
    reference: ([x]) => reference(x, shape, factor),
  }),
);

it.skipIf(!gpu.capabilities.f16)('in f16', async () => {
  const shape = [1, 4, 3, 6];
  const data = halfValues(1, 72);
  const x = cast(on(data, shape), 'f16');
  x.requiresGrad = true;
  const y = alignedBilinear(x, 2);
  const expected = reference(Float64Array.from(data), shape, 2);
  expect(Math.max(...(await y.floats()).map((v, i) => Math.abs(v - expected[i])))).toBeLessThan(1e-3);
  const single = on(data, shape);
  single.requiresGrad = true;
  const dy = halfValues(2, y.size);
  backward(y, { gradient: cast(on(dy, y.shape), 'f16') });
  backward(alignedBilinear(single, 2), { gradient: on(dy, y.shape) });
  const exact = await single.grad!.floats();
  expect(Math.max(...(await x.grad!.floats()).map((v, i) => Math.abs(v - exact[i])))).toBeLessThan(4e-3);
});

it('leaves what keeps its size, and refuses what makes no sense, by name', () => {
  const x = on(values(1, 12), [1, 2, 3, 2]);
  expect(alignedBilinear(x, 1).slice.buffer).toBe(x.slice.buffer);
  expect(() => alignedBilinear(x, 0.5)).toThrow('alignedBilinear: factor is 0.5, it must be a whole number from 1');
  expect(() => alignedBilinear(on([1], [1]), 2)).toThrow('must be [N×H×W×C]');
  expect(() => alignedBilinear(on([1], [1, 1, 1, 1], 'u32'), 2)).toThrow('is u32');
});
