// permute and transpose: every value from its place, in all dtypes, over random orders of sides that are and are not multiples of four.
import { afterEach, expect, it } from 'vitest';
import { permute, transpose } from '../../../src/ops/shape/permute.ts';
import { gpu, on } from '../../support/gpu.ts';
import { checkMove } from '../../support/moves.ts';
import { generator, whole } from '../../support/random.ts';

const check = (shape: number[], order: number[]): Promise<void> =>
  checkMove({
    shape,
    op: (x) => permute(x, order),
    result: order.map((axis) => shape.at(axis)!),
    source: (at) => shape.map((_, i) => at[order.findIndex((axis) => (axis + shape.length) % shape.length === i)]),
  });

it.each([
  { shape: [7], order: [0] },
  { shape: [5, 3], order: [1, 0] },
  { shape: [8, 12], order: [-1, 0] },
  { shape: [2, 5, 3, 8], order: [0, 2, 1, 3] },
  { shape: [2, 5, 3, 6], order: [0, 2, 1, -1] },
  { shape: [3, 37, 45], order: [0, 2, 1] },
  { shape: [2, 7, 9, 64], order: [0, 3, 1, 2] },
  { shape: [2, 64, 8, 8], order: [0, 2, 3, 1] },
  { shape: [1, 5, 1, 3], order: [2, 1, 3, 0] },
  { shape: [70, 66], order: [1, 0] },
])('$shape in the order $order', ({ shape, order }) => check(shape, order));

it('of random shapes up to rank 8', async () => {
  const next = generator(11);
  for (let k = 0; k < 24; k++) {
    const rank = 3 + (k % 6);
    const shape = Array.from({ length: rank }, () => whole(next, 1, rank > 5 ? 3 : 9));
    const order = shape.map((_, i) => i);
    for (let i = rank - 1; i > 0; i--) {
      const j = whole(next, 0, i);
      [order[i], order[j]] = [order[j], order[i]];
    }
    await check(shape, order);
  }
});

afterEach(() => {
  gpu.tuner.force = undefined;
});

it.each(['tile', 'block', 'strided'])('by the kernel "%s"', async (name) => {
  gpu.tuner.force = name;
  await check([3, 2, 36, 44], [1, 0, 3, 2]);
  await check([2, 64, 12], [0, 2, 1]);
  if (name === 'tile') await check([3, 33, 2, 70], [0, 3, 2, 1]);
});

it('transposes the last two axes, or any two', async () => {
  const source = (at: number[]): number[] => [at[0], at[2], at[1]];
  await checkMove({ shape: [2, 3, 5], op: transpose, result: [2, 5, 3], source });
  await checkMove({
    shape: [2, 3, 5],
    op: (x) => transpose(x, 0, -1),
    result: [5, 3, 2],
    source: ([a, b, c]) => [c, b, a],
  });
});

it('copies nothing where only sides of 1 move', () => {
  const x = on([1, 2, 3], [1, 3, 1]);
  expect(permute(x, [2, 1, 0]).slice.buffer).toBe(x.slice.buffer);
});

it('refuses orders that are none, and other dtypes', () => {
  const x = on([1, 2, 3, 4, 5, 6], [2, 3]);
  expect(() => permute(x, [0, 0])).toThrow('permute: the order [0,0] must name each axis of input [2×3] once');
  expect(() => permute(x, [0])).toThrow('must name each axis');
  expect(() => permute(x, [0, 2])).toThrow('permute: input [2×3] has no axis 2');
  const many = on(Array(512).fill(1), Array(9).fill(2));
  expect(() => permute(many, [8, 7, 6, 5, 4, 3, 2, 1, 0])).toThrow(
    'permute: input [2×2×2×2×2×2×2×2×2] would be moved along 9 sides at once, at most 8 can be',
  );
  expect(() => transpose(on([1], [1]))).toThrow('transpose: input [1] has no axis -2');
  expect(() => transpose(on([1, 2, 3, 4], [2, 2], 'u8'))).toThrow('is u8, it must be f32, f16 or u32');
});
