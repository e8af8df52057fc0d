// expand, tile and repeat: every value from its place, gradients summed, in all dtypes.
import { expect, it } from 'vitest';
import { broadcastTo, expand, repeat, tile } from '../../../src/ops/shape/expand.ts';
import { on } from '../../support/gpu.ts';
import { checkMove } from '../../support/moves.ts';

it.each([
  { shape: [1], to: [5] },
  { shape: [3, 1, 4], to: [3, 7, 4] },
  { shape: [3, 1], to: [2, -1, 5] },
  { shape: [1, 2, 1, 3, 1], to: [4, 2, 5, 3, 2] },
  { shape: [6], to: [2, 1, 2, 6] },
  { shape: [1, 2, 1, 2, 1, 2, 1, 2], to: [2, 2, 3, 2, 2, 2, 3, 2] },
  { shape: [2, 3], to: [2, 3] },
])('expands $shape to $to', async ({ shape, to }) => {
  const result = to.map((n, i) => (n === -1 ? shape[i - to.length + shape.length] : n));
  const source = (at: number[]): number[] => at.slice(to.length - shape.length).map((n, i) => (shape[i] === 1 ? 0 : n));
  await checkMove({ shape, op: (x) => expand(x, to), result, source });
});

it.each([
  { shape: [3], times: [4] },
  { shape: [2, 3], times: [2, 3] },
  { shape: [2, 8], times: [3] },
  { shape: [5], times: [2, 1, 3] },
  { shape: [2, 3, 2, 3], times: [2, 2, 3, 2] },
  { shape: [4, 4], times: [1, 1] },
])('tiles $shape $times times', ({ shape, times }) => {
  const rank = Math.max(shape.length, times.length);
  const [own, each] = [shape, times].map((list) => [...Array(rank - list.length).fill(1), ...list]);
  return checkMove({
    shape,
    op: (x) => tile(x, times),
    result: own.map((n, i) => n * each[i]),
    source: (at) => at.map((n, i) => n % own[i]).slice(rank - shape.length),
  });
});

it.each([
  { shape: [5], times: 3, axis: 0 },
  { shape: [2, 4, 8], times: 2, axis: 1 },
  { shape: [3, 5], times: 4, axis: -1 },
])('repeats each of $shape $times times along $axis', ({ shape, times, axis }) => {
  const along = (axis + shape.length) % shape.length;
  return checkMove({
    shape,
    op: (x) => repeat(x, times, axis),
    result: shape.with(along, shape[along] * times),
    source: (at) => at.with(along, Math.floor(at[along] / times)),
  });
});

it('refuses what does not repeat', () => {
  const x = on([1, 2, 3, 4, 5, 6], [2, 3]);
  for (const shape of [[3], [4, 3], [-1, 2, 3], [2, 6]])
    expect(() => broadcastTo(x, shape)).toThrow('expand: input [2×3] does not become');
  expect(() => tile(x, [0, 1])).toThrow('tile: input [2×3] cannot be repeated [0,1] times');
  expect(() => repeat(x, 1.5, 0)).toThrow('repeat: input [2×3] cannot be repeated [1.5] times');
  expect(() => tile(on([1, 2, 3, 4], [4], 'u8'), [2])).toThrow('is u8');
});
