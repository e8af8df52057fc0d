// argmax and argmin against a search in memory order: every kernel, rows by pieces, equals, NaN and zeros of both signs.
import { afterEach, describe, expect, it } from 'vitest';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { argmax, argmin } from '../../../src/ops/reduce/arg.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { gathered } from '../../support/arrays.ts';
import { gpu, on } from '../../support/gpu.ts';
import { generator } from '../../support/random.ts';

afterEach(() => {
  gpu.tuner.force = undefined;
});

/** The first largest, or the first NaN. */
const first = (list: number[]): number => {
  const nan = list.findIndex(Number.isNaN);
  if (nan >= 0) return nan;
  return list.reduce((best, v, i) => (v > list[best] ? i : best), 0);
};
const shapes: { shape: number[]; axis?: number }[] = [
  { shape: [1] },
  { shape: [7, 13] },
  { shape: [3, 301], axis: 1 },
  { shape: [70, 5], axis: 0 },
  { shape: [300, 8], axis: 0 },
  { shape: [3, 4, 5, 12], axis: 1 },
  { shape: [2, 1, 3], axis: 1 },
  { shape: [70001], axis: -1 },
  { shape: [20001, 4], axis: 0 },
  { shape: [600, 36], axis: 1 },
  { shape: [9, 132], axis: 0 },
  { shape: [20001, 3], axis: 0 },
];

describe.each(['subgroup', 'rows', 'columns', 'plain'])('%s kernel', (kernel) => {
  it.each(shapes)('$shape along $axis', async ({ shape, axis }) => {
    gpu.tuner.force = kernel;
    const next = generator(5);
    const over = axis === undefined ? shape.map((_, i) => i) : [axis < 0 ? axis + shape.length : axis];
    // Few different values, so that there are equals; some are NaN.
    const pick = [Number.NaN, -0, 0, 1, 2, 2, Number.POSITIVE_INFINITY, -3, 0.5, Number.NEGATIVE_INFINITY];
    for (const from of [0, 1, 7]) {
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => {
        const at = Math.floor(next() * 400);
        return at === 0 ? pick[from] : pick[1 + (at % (pick.length - 1))];
      });
      const rows = gathered(Float64Array.from(data), shape, over);
      const x = on(data, shape);
      const check = async (y: Tensor, f: (list: number[]) => number): Promise<void> =>
        expect([...(await y.data())]).toEqual(rows.map(f));
      await check(argmax(x, axis), first);
      await check(argmin(x, axis), (list) => first(list.map((v) => -v)));
      if (gpu.capabilities.f16) await check(argmax(cast(x, 'f16'), axis, true), first);
      x.release();
    }
  });
});

it('has the shape of a reduction, and refuses what it cannot search', () => {
  const x = on([1, 2, 3, 4, 5, 6], [2, 3]);
  expect(argmax(x).shape).toEqual([1]);
  expect(argmin(x, -1).shape).toEqual([2]);
  expect(argmax(x, 0, true).shape).toEqual([1, 3]);
  expect(() => argmax(x, 2)).toThrow('argmax: input [2×3] has no axis 2; it takes -2 to 1');
  expect(() => argmin(on([1], [1], 'u32'))).toThrow('argmin: input [1] is u32, it must be f32 or f16');
});
