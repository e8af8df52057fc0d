// Tensors as text: one line of what they are, and values as NumPy 1.24 prints them (what is wanted here was printed by it).
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type DType, zeros } from '../../src/tensor/tensor.ts';
import { gpu, on } from '../support/gpu.ts';

describe('values', () => {
  it.each<[string, number[], DType, number[], object, string]>([
    ['short numbers', [2, 2], 'f32', [1, 2.5, 3, -4], {}, '[[ 1.   2.5]\n [ 3.  -4. ]]'],
    ['digits of f32', [3], 'f32', [0.1, 1 / 3, -2e-3], {}, '[ 0.1         0.33333334 -0.002     ]'],
    [
      'very different sizes',
      [2, 2],
      'f32',
      [1e-5, 1, 123456.789, -3],
      {},
      '[[ 9.9999997e-06  1.0000000e+00]\n [ 1.2345679e+05 -3.0000000e+00]]',
    ],
    ['integers', [2, 2], 'u32', [7, 100, 3, 0], {}, '[[  7 100]\n [  3   0]]'],
    ['three axes', [2, 2, 2], 'f32', [0, 1, 2, 3, 4, 5, 6, 7], {}, '[[[0. 1.]\n  [2. 3.]]\n\n [[4. 5.]\n  [6. 7.]]]'],
    ['a precision', [3], 'f32', [0.123456, 12.5, -3.999], { precision: 3 }, '[ 0.123 12.5   -3.999]'],
    ['−0', [1], 'f32', [-0], {}, '[-0.]'],
    ['no numbers', [4], 'f32', [1, Number.NaN, Number.NEGATIVE_INFINITY, 0.25], {}, '[1.    nan -inf 0.25]'],
    ['pixels', [3], 'u8', [0, 255, 7], {}, '[  0 255   7]'],
    [
      'a long row',
      [40],
      'f32',
      Array.from({ length: 40 }, (_, i) => 1.5 * i),
      {},
      '[ 0.   1.5  3.   4.5  6.   7.5  9.  10.5 12.  13.5 15.  16.5 18.  19.5\n 21.  22.5 24.  25.5 27.  28.5 30.  31.5 33.  34.5 36.  37.5 39.  40.5\n 42.  43.5 45.  46.5 48.  49.5 51.  52.5 54.  55.5 57.  58.5]',
    ],
    [
      'more than 1,000',
      [10, 120],
      'f32',
      Array.from({ length: 1200 }, (_, i) => i),
      {},
      '[[0.000e+00 1.000e+00 2.000e+00 ... 1.170e+02 1.180e+02 1.190e+02]\n [1.200e+02 1.210e+02 1.220e+02 ... 2.370e+02 2.380e+02 2.390e+02]\n [2.400e+02 2.410e+02 2.420e+02 ... 3.570e+02 3.580e+02 3.590e+02]\n ...\n [8.400e+02 8.410e+02 8.420e+02 ... 9.570e+02 9.580e+02 9.590e+02]\n [9.600e+02 9.610e+02 9.620e+02 ... 1.077e+03 1.078e+03 1.079e+03]\n [1.080e+03 1.081e+03 1.082e+03 ... 1.197e+03 1.198e+03 1.199e+03]]',
    ],
    ['fewer by choice', [5], 'f32', [1, 2, 3, 4, 5], { threshold: 4, edge: 1 }, '[1. ... 5.]'],
  ])('%s', async (_, shape, dtype, values, options, wanted) => {
    const x = on(values, shape, dtype);
    expect(await x.text(options)).toBe(wanted);
    x.release();
  });

  it.runIf(gpu.capabilities.f16)('of f16 with no more digits than it has', async () =>
    expect(await on([0.1, Math.PI, 1000], [3], 'f16').text()).toBe('[1.00e-01 3.14e+00 1.00e+03]'),
  );

  it('are lists, too', async () => {
    expect(await on([1, 2, 3, 4, 5, 6], [3, 2]).toArray()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(await on([7, 8], [2, 1, 1], 'u8').toArray()).toEqual([[[7]], [[8]]]);
  });
});

it('a tensor is one line, also within other things', () => {
  const x = zeros(gpu, [3, 4], 'weight');
  expect(inspect(x)).toBe('Tensor(weight [3×4] f32, 48 bytes)');
  x.requiresGrad = true;
  expect(`${x}`).toBe('Tensor(weight [3×4] f32, 48 bytes, requires a gradient)');
  expect(inspect({ list: [x] })).toContain('[ Tensor(weight');
  x.release();
  expect(inspect(x)).toBe('Tensor(weight [3×4] f32, 48 bytes, requires a gradient, released)');
});
