// flip and roll: every value from its place, in all dtypes.
import { expect, it } from 'vitest';
import { flip, roll } from '../../../src/ops/shape/flip.ts';
import { on } from '../../support/gpu.ts';
import { checkMove } from '../../support/moves.ts';

it.each([
  { shape: [7], axes: undefined },
  { shape: [3, 4], axes: undefined },
  { shape: [3, 5, 8], axes: 0 },
  { shape: [2, 5, 3], axes: [1, -1] },
  { shape: [2, 3, 2, 3, 2, 2, 2, 3], axes: [0, 2, 4, 7] },
])('flips $axes of $shape', ({ shape, axes }) => {
  const turned = [axes ?? shape.map((_, i) => i)].flat().map((axis) => (axis + shape.length) % shape.length);
  return checkMove({
    shape,
    op: (x) => flip(x, axes),
    result: shape,
    source: (at) => at.map((n, i) => (turned.includes(i) ? shape[i] - 1 - n : n)),
  });
});

it.each([
  { shape: [7], shifts: 3, axes: 0 },
  { shape: [2, 8, 8, 4], shifts: [-3, -3], axes: [1, 2] },
  { shape: [5, 4], shifts: [9, -13], axes: [0, -1] },
  { shape: [3, 5, 2], shifts: [1, 7, 1], axes: [0, 1, 2] },
  { shape: [3, 4], shifts: 6, axes: 0 },
])('rolls $shape by $shifts', ({ shape, shifts, axes }) => {
  const [by, along] = [[shifts].flat(), [axes].flat().map((axis) => (axis + shape.length) % shape.length)];
  return checkMove({
    shape,
    op: (x) => roll(x, shifts, axes),
    result: shape,
    source: (at) =>
      at.map((n, i) => (((n - (along.includes(i) ? by[along.indexOf(i)] : 0)) % shape[i]) + shape[i]) % shape[i]),
  });
});

it('refuses axes that are none, and shifts that do not go with them', () => {
  const x = on([1, 2, 3, 4, 5, 6], [2, 3]);
  expect(() => flip(x, 2)).toThrow('flip: input [2×3] has no axis 2');
  expect(() => roll(x, [1, 2], 0)).toThrow('roll: input [2×3] takes a whole number for each axis, got [1,2] for [0]');
  expect(() => roll(x, [1, 2], [0, -2])).toThrow('takes a whole number for each axis');
  expect(() => roll(x, 0.5, 0)).toThrow('takes a whole number for each axis');
});
