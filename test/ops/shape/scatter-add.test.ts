// scatterAdd against float64, whole slices and value by value, forward and backward, short lists and long ones.
import { expect, it } from 'vitest';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { scatterAdd } from '../../../src/ops/shape/scatter-add.ts';
import { takeAlong } from '../../../src/ops/shape/take-along.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { count } from '../../../src/tensor/tensor.ts';
import { everyIndex, place } from '../../support/arrays.ts';
import { checkOp } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { generator, halfValues, values, whole } from '../../support/random.ts';

/** x plus values, each at what its index names; one beyond the side goes nowhere. */
function added(
  x: ArrayLike<number>,
  values: ArrayLike<number>,
  shape: number[],
  from: number[],
  along: number,
  index: number[],
) {
  const y = Float64Array.from(x);
  const slices = index.length === from[along];
  everyIndex(from, (at, flat) => {
    const row = index[slices ? at[along] : flat];
    if (row < shape[along]) y[place(shape, at.with(along, row))] += values[flat];
  });
  return y;
}

const cases = [
  { shape: [5], picks: 9, axis: 0, each: false },
  { shape: [4, 3], picks: 6, axis: 0, each: false },
  { shape: [2, 5, 4], picks: 7, axis: 1, each: false },
  { shape: [3, 4], picks: 5, axis: -1, each: true },
  { shape: [2, 3, 2], picks: 4, axis: 1, each: true },
];
const prepare = ({ shape, picks, axis, each }: (typeof cases)[number]) => {
  const along = (axis + shape.length) % shape.length;
  const from = shape.with(along, picks);
  const next = generator(picks);
  const index = Array.from({ length: each ? count(from) : picks }, () => whole(next, 0, shape[along]));
  return { along, from, index, indices: on(index, each ? from : [picks], 'u32') };
};

it.each(cases)('$shape gets $picks along $axis, each: $each', (one) => {
  const { along, from, index, indices } = prepare(one);
  return checkOp({
    inputs: [{ shape: one.shape }, { shape: from }],
    op: ([x, added]) => scatterAdd(x, indices, added, one.axis),
    reference: ([x, more]) => added(x, more, one.shape, from, along, index),
  });
});

it.skipIf(!gpu.capabilities.f16).each(cases)('$shape gets $picks along $axis in f16', async (one) => {
  const { along, from, index, indices } = prepare(one);
  const [x, more] = [halfValues(1, count(one.shape)), halfValues(2, count(from))];
  const half = (data: Float32Array, shape: number[]) => cast(on(data, shape), 'f16');
  const y = await scatterAdd(half(x, one.shape), indices, half(more, from), one.axis).floats();
  const expected = added(x, more, one.shape, from, along, index);
  expect(Math.max(...y.map((v, i) => Math.abs(v - expected[i])))).toBeLessThan(4e-3);
  const mixed = scatterAdd(on(x, one.shape), indices, half(more, from), one.axis);
  expect(mixed.dtype).toBe('f16');
  expect(Math.max(...(await mixed.floats()).map((v, i) => Math.abs(v - expected[i])))).toBeLessThan(4e-3);
});

it('sums long lists, to one place or to many, and takes gradients back', async () => {
  for (const rows of [1, 70, 40_000]) {
    const picks = 20_000;
    const next = generator(rows);
    const index = Array.from({ length: picks }, () => whole(next, 0, rows));
    const [x, more] = [on(values(1, rows), [rows]), values(2, picks).map((v) => v + 1.5)];
    const [indices, added_] = [on(index, [picks], 'u32'), on(more, [picks])];
    added_.requiresGrad = true;
    const y = scatterAdd(x, indices, added_);
    const expected = added(values(1, rows), more, [rows], [picks], 0, index);
    const actual = await y.floats();
    expect(
      Math.max(...actual.map((v, i) => Math.abs(v - expected[i]) / Math.max(1, Math.abs(expected[i])))),
    ).toBeLessThan(1e-6);
    const again = await scatterAdd(x, indices, added_).floats();
    expect(again).toEqual(actual);
    const dy = values(3, rows);
    backward(y, { gradient: on(dy, [rows]) });
    expect([...(await added_.grad!.floats())]).toEqual(index.map((row) => dy[row] ?? 0));
  }
});

it('is what takeAlong does backward, for long lists of elements, too', async () => {
  const [shape, picks] = [[3, 50, 40], 60];
  const from = shape.with(1, picks);
  const next = generator(9);
  const index = Array.from({ length: count(from) }, () => whole(next, 0, 49));
  const x = on(values(1, count(shape)), shape);
  x.requiresGrad = true;
  const y = takeAlong(x, on(index, from, 'u32'), 1);
  const dy = values(2, y.size);
  backward(y, { gradient: on(dy, from) });
  const expected = added(new Float64Array(x.size), dy, shape, from, 1, index);
  const actual = await x.grad!.floats();
  expect(Math.max(...actual.map((v, i) => Math.abs(v - expected[i])))).toBeLessThan(1e-6);
});

it('refuses values that do not go with the indices, and other dtypes', () => {
  const x = on(values(1, 6), [3, 2]);
  const indices = on([0, 1], [2], 'u32');
  expect(() => scatterAdd(x, indices, on([1, 2], [2]))).toThrow(
    'scatterAdd: values input [2] for indices [2] along axis 0 of input [3×2] must be [2×2]',
  );
  expect(() => scatterAdd(x, on([0, 1, 2, 3], [2, 2], 'u32'), on(values(1, 6), [2, 3]))).toThrow('must be [2×2]');
  expect(() => scatterAdd(x, on([0], [1]), on([1, 2], [1, 2]))).toThrow('is f32, it must be u32');
  expect(() => scatterAdd(on([1], [1], 'u32'), indices, x)).toThrow('it must be f32 or f16');
});
