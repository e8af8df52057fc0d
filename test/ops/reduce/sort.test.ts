// sort, argsort and topK against JavaScript's stable sort: lengths around the sizes of blocks and runs, every axis, equals, NaN, zeros of both signs; gradients.
import { describe, expect, it } from 'vitest';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { argsort, sort, topK } from '../../../src/ops/reduce/sort.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { gathered } from '../../support/arrays.ts';
import { gpu, on } from '../../support/gpu.ts';
import { generator, values } from '../../support/random.ts';

/** NaN is the largest. */
const compare = (p: number, q: number): number =>
  Number.isNaN(p) || Number.isNaN(q)
    ? Number(Number.isNaN(p)) - Number(Number.isNaN(q))
    : Number(p > q) - Number(p < q);
const order = (list: number[], descending: boolean): number[] =>
  list.map((_, i) => i).sort((p, q) => (descending ? compare(list[q], list[p]) : compare(list[p], list[q])));

/** Values with many equals and everything special among them. */
function mixed(seed: number, length: number): Float32Array {
  const next = generator(seed);
  const some = [Number.NaN, -0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40, -1e-40, 3, 3, -3];
  return Float32Array.from({ length }, () => {
    const at = Math.floor(next() * 40);
    return at < some.length ? some[at] : Math.fround((at % 7) - next() * (at % 2));
  });
}

/** The lines along an axis of what was made of x, each as the values of a line of x. */
const lines = (data: ArrayLike<number>, shape: number[], axis: number): number[][] =>
  gathered(Float64Array.from(data), shape, [axis]);

const cases: [shape: number[], axis: number][] = [
  [[1], 0],
  [[32], 0],
  [[33], 0],
  [[7, 64], 1],
  [[3, 129], -1],
  [[70, 5], 0],
  [[2, 97, 3], 1],
  [[2050], 0],
  [[2, 1001, 2], 1],
];

describe.each([false, true])('descending: %s', (descending) => {
  it.each(cases)('sorts %j along %i', async (shape, axis) => {
    const data = mixed(
      shape[0] + axis,
      shape.reduce((a, b) => a * b),
    );
    const along = axis < 0 ? axis + shape.length : axis;
    const x = on(data, shape);
    const { values: made, indices } = sort(x, axis, { descending });
    const expected = lines(data, shape, along).map((line) => ({ line, at: order(line, descending) }));
    const places = [...(await indices.data())];
    expect(lines(places, shape, along)).toEqual(expected.map(({ at }) => at));
    expect(lines(await made.floats(), shape, along)).toEqual(expected.map(({ line, at }) => at.map((i) => line[i])));
    expect([...(await argsort(x, axis, { descending }).data())]).toEqual(places);
  });

  it.each<[sides: number[], axis: number, k: number]>([
    [[100], 0, 1],
    [[100], 0, 33],
    [[3, 1000], 1, 5],
    [[3, 1000], 1, 100],
    [[1000, 3], 0, 700],
    [[2, 5, 40], 1, 5],
  ])('picks from %j along %i the first %i', async (shape, axis, k) => {
    const data = mixed(
      k,
      shape.reduce((a, b) => a * b),
    );
    const { values: made, indices } = topK(on(data, shape), k, axis, { largest: descending });
    const left = shape.with(axis, k);
    expect(made.shape).toEqual(left);
    const expected = lines(data, shape, axis).map((line) => ({ line, at: order(line, descending).slice(0, k) }));
    expect(lines(await indices.data(), left, axis)).toEqual(expected.map(({ at }) => at));
    expect(lines(await made.floats(), left, axis)).toEqual(expected.map(({ line, at }) => at.map((i) => line[i])));
  });
});

it('sends gradients back to where the values were', async () => {
  const picks: [shape: number[], axis: number, k: number][] = [
    [[150], 0, 150],
    [[150], 0, 9],
    [[3, 4, 2], 1, 4],
    [[3, 50, 2], 1, 40],
  ];
  for (const [shape, axis, k] of picks) {
    const size = shape.reduce((a, b) => a * b);
    const data = values(3, size);
    const x = on(data, shape);
    x.requiresGrad = true;
    const left = shape.with(axis, k);
    const dy = values(
      4,
      left.reduce((a, b) => a * b),
    );
    scope(() => backward(topK(x, k, axis).values, { gradient: on(dy, left) }));
    const gradients = lines(dy, left, axis);
    const expected = lines(data, shape, axis).map((line, i) => {
      const at = order(line, true).slice(0, k);
      return line.map((_, place) => (at.includes(place) ? gradients[i][at.indexOf(place)] : 0));
    });
    expect(lines(await x.grad!.floats(), shape, axis)).toEqual(expected);
  }
});

it.skipIf(!gpu.capabilities.f16)('takes f16', async () => {
  const x = cast(on([3, 1, 2, 1], [4]), 'f16');
  x.requiresGrad = true;
  const { values: made, indices } = sort(x);
  expect(made.dtype).toBe('f16');
  expect([...(await made.floats())]).toEqual([1, 1, 2, 3]);
  expect([...(await indices.data())]).toEqual([1, 3, 2, 0]);
  scope(() => backward(made, { gradient: cast(on([10, 20, 30, 40], [4]), 'f16') }));
  expect([...(await x.grad!.floats())]).toEqual([40, 10, 30, 20]);
});

it('refuses what it cannot pick', () => {
  const x = on([1, 2, 3, 4, 5, 6], [2, 3]);
  for (const k of [0, 4, 1.5, Number.NaN])
    expect(() => topK(x, k)).toThrow(
      `topK: input [2×3] has 3 values along axis -1; k is ${k}, it must be a whole number from 1 to 3`,
    );
  expect(() => sort(x, 2)).toThrow('sort: input [2×3] has no axis 2; it takes -2 to 1');
  expect(() => argsort(on([1], [1], 'u32'))).toThrow('argsort: input [1] is u32, it must be f32 or f16');
});
