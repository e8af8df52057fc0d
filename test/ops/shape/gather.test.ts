// gather, indexSelect, embedding and takeAlong: every value from its place in all dtypes, with repeated and missing rows; gradients of short and of long lists.
import { expect, it } from 'vitest';
import { embedding, gather, indexSelect } from '../../../src/ops/shape/gather.ts';
import { takeAlong } from '../../../src/ops/shape/take-along.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { count } from '../../../src/tensor/tensor.ts';
import { place } from '../../support/arrays.ts';
import { on } from '../../support/gpu.ts';
import { checkMove } from '../../support/moves.ts';
import { generator, values, whole } from '../../support/random.ts';

const draw = (seed: number, n: number, rows: number): number[] => {
  const next = generator(seed);
  return Array.from({ length: n }, () => whole(next, 0, rows - 1));
};

it.each([
  { shape: [7], picks: 5, axis: 0 },
  { shape: [13, 3], picks: 17, axis: 0 },
  { shape: [5, 8], picks: 12, axis: 0 },
  { shape: [3, 2, 7, 4], picks: 1, axis: 0 },
  { shape: [3, 5, 4], picks: 7, axis: 1 },
  { shape: [2, 3, 5], picks: 4, axis: -1 },
])('$picks of $shape along $axis', async ({ shape, picks, axis }) => {
  const along = (axis + shape.length) % shape.length;
  const index = draw(picks, picks, shape[along]);
  const list = on(index, [picks], 'u32');
  await checkMove({
    shape,
    op: (x) => (axis === 0 ? gather(x, list) : indexSelect(x, list, axis)),
    result: shape.with(along, picks),
    source: (at) => at.with(along, index[at[along]]),
  });
});

it('looks words up for indices of any shape', () => {
  const indices = draw(3, 10, 6);
  return checkMove({
    shape: [6, 2, 2],
    op: (x) => embedding(x, on(indices, [2, 5], 'u32')),
    result: [2, 5, 2, 2],
    source: ([a, b, c, d]) => [indices[a * 5 + b], c, d],
  });
});

it.each([
  { shape: [6], picks: 9, axis: 0 },
  { shape: [3, 5, 4], picks: 2, axis: 1 },
  { shape: [4, 7], picks: 7, axis: -1 },
])('takes $picks of $shape along $axis, each its own', ({ shape, picks, axis }) => {
  const along = (axis + shape.length) % shape.length;
  const result = shape.with(along, picks);
  const indices = draw(picks, count(result), shape[along]);
  return checkMove({
    ...{ shape, result },
    op: (x) => takeAlong(x, on(indices, result, 'u32'), axis),
    source: (at) => at.with(along, indices[place(result, at)]),
  });
});

it.each([
  { shape: [3, 5, 4], of: [3, 2, 1], axis: 1, result: [3, 2, 4] },
  { shape: [3, 5, 1], of: [1, 2, 4], axis: 1, result: [3, 2, 4] },
  { shape: [1, 6], of: [4, 3], axis: -1, result: [4, 3] },
])('takes of $shape along $axis by indices $of, which repeat', ({ shape, of, axis, result }) => {
  const along = (axis + shape.length) % shape.length;
  const indices = draw(count(of), count(of), shape[along]);
  const least = (at: readonly number[], sides: readonly number[]): number[] =>
    at.map((n, i) => Math.min(n, sides[i] - 1));
  return checkMove({
    ...{ shape, result },
    op: (x) => takeAlong(x, on(indices, of, 'u32'), axis),
    source: (at) =>
      least(at, shape.with(along, Number.POSITIVE_INFINITY)).with(along, indices[place(of, least(at, of))]),
  });
});

// More looks than a scan is good for, so that the index is sorted: few targets and many, one that has nearly all, and some that do not exist.
it.each([
  { rows: 3, picks: 5000, width: 1, outer: 1, skew: 0 },
  { rows: 5000, picks: 4500, width: 4, outer: 1, skew: 0 },
  { rows: 70_000, picks: 9000, width: 1, outer: 1, skew: 0.9 },
  { rows: 300, picks: 4999, width: 3, outer: 2, skew: 0.3 },
  { rows: 2, picks: 4097, width: 8, outer: 2, skew: 0.5 },
])('sums gradients of $picks picks of $rows rows of $width', async ({ rows, picks, width, outer, skew }) => {
  const next = generator(rows);
  const index = Uint32Array.from({ length: picks }, () => {
    const roll = next();
    return roll < skew ? 1 : roll > 0.98 ? 0xffffffff : whole(next, 0, rows - 1);
  });
  const x = on(values(1, outer * rows * width), [outer, rows, width]);
  x.requiresGrad = true;
  const y = indexSelect(x, on(index, [picks], 'u32'), 1);
  const dy = values(2, y.size).map((v) => v + 1.5);
  backward(y, { gradient: on(dy, y.shape) });
  const expected = new Float64Array(x.size);
  dy.forEach((v, i) => {
    const [o, m, k] = [Math.floor(i / width / picks), Math.floor(i / width) % picks, i % width];
    if (index[m] < rows) expected[(o * rows + index[m]) * width + k] += v;
  });
  const actual = await x.grad!.floats();
  expect(Math.max(...actual.map((v, i) => Math.abs(v - expected[i]) / Math.max(1, expected[i])))).toBeLessThan(1e-6);
});

it('marks rows that are not there', async () => {
  const index = on([1, 3, 0, 0xffffffff], [4], 'u32');
  expect([...(await gather(on([7, 8, 9], [3], 'u32'), index).data())]).toEqual([8, 0xffffffff, 7, 0xffffffff]);
  expect([...(await gather(on([7, 8, 9], [3]), index).floats())]).toEqual([8, Number.NaN, 7, Number.NaN]);
  expect([...(await takeAlong(on([7, 8, 9], [3]), index, 0).floats())]).toEqual([8, Number.NaN, 7, Number.NaN]);
});

it('refuses other dtypes and shapes', () => {
  const x = on(values(1, 6), [3, 2]);
  expect(() => gather(x, on([1], [1]))).toThrow('is f32, it must be u32');
  expect(() => gather(x, on([1, 2], [1, 2], 'u32'))).toThrow('the index input [1×2] must have one side');
  expect(() => gather(on([1, 2, 3, 4], [4], 'u8'), on([1], [1], 'u32'))).toThrow('is u8');
  expect(() => embedding(x, on([1], [1]))).toThrow('embedding: input [1] is f32, it must be u32');
  expect(() => takeAlong(x, on([1, 2, 0, 1], [2, 2], 'u32'), 1)).toThrow(
    'takeAlong: the indices input [2×2] do not go with input [3×2] along axis 1',
  );
});
