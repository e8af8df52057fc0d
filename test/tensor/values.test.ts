// Tensors from what people have: nested lists, typed arrays of every kind, ranges; and what is said of lists that are no tensor.
import { describe, expect, it } from 'vitest';
import { arange, eye, fullLike, linspace, ones, onesLike, rand, randn, zerosLike } from '../../src/tensor/create.ts';
import { normalArray } from '../../src/tensor/random.ts';
import { type DType, empty, full, type Tensor, TensorError, tensor } from '../../src/tensor/tensor.ts';
import type { Values } from '../../src/tensor/values.ts';
import { gpu, on } from '../support/gpu.ts';

const read = async (x: Tensor): Promise<[string, number[], number[]]> => [x.dtype, [...x.shape], [...(await x.data())]];

describe('tensor() takes', () => {
  it.each<[string, Values, DType, number[], number[]]>([
    ['a list', [1, 2.5], 'f32', [2], [1, 2.5]],
    [
      'lists of lists',
      [
        [[1], [2]],
        [[3], [4]],
        [[5], [6]],
      ],
      'f32',
      [3, 2, 1],
      [1, 2, 3, 4, 5, 6],
    ],
    ['a number', 3, 'f32', [1], [3]],
    ['truths', [true, false], 'f32', [2], [1, 0]],
    ['Float32Array', Float32Array.of(1, 2), 'f32', [2], [1, 2]],
    ['Float64Array', Float64Array.of(0.1, 2), 'f32', [2], [Math.fround(0.1), 2]],
    ['lists of Float64Array', [Float64Array.of(1, 2), Float64Array.of(3, 4)], 'f32', [2, 2], [1, 2, 3, 4]],
    ['Uint8Array', Uint8Array.of(1, 255), 'u8', [2], [1, 255]],
    ['Uint8ClampedArray', Uint8ClampedArray.of(1, 300), 'u8', [2], [1, 255]],
    ['Int8Array', Int8Array.of(1, 127), 'u32', [2], [1, 127]],
    ['Int16Array', Int16Array.of(1, 2), 'u32', [2], [1, 2]],
    ['Uint16Array', Uint16Array.of(1, 65535), 'u32', [2], [1, 65535]],
    ['Int32Array', Int32Array.of(5, 0), 'u32', [2], [5, 0]],
    ['Uint32Array', Uint32Array.of(0xffffffff), 'u32', [1], [0xffffffff]],
    ['BigInt64Array', BigInt64Array.of(5n, 7n), 'u32', [2], [5, 7]],
    ['lists of BigInt64Array', [BigInt64Array.of(5n), BigInt64Array.of(7n)], 'u32', [2, 1], [5, 7]],
  ])('%s', async (_, values, dtype, shape, wanted) =>
    expect(await read(tensor(gpu, values))).toEqual([dtype, shape, wanted]),
  );

  it('a shape, a label and a dtype with it', async () => {
    const x = tensor(
      gpu,
      [
        [1, 2],
        [3, 4],
      ],
      [4],
      'mine',
      'u32',
    );
    expect(x.label).toBe('mine');
    expect(await read(x)).toEqual(['u32', [4], [1, 2, 3, 4]]);
    expect(await read(tensor(gpu, Int32Array.of(-1, 2), undefined, 'signed', 'f32'))).toEqual(['f32', [2], [-1, 2]]);
    x.set([
      [5, 6],
      [7, 8],
    ]);
    expect(await x.toArray()).toEqual([5, 6, 7, 8]);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'of other lengths',
      () => tensor(gpu, [[1, 2], [3]], undefined, 'x'),
      /^x: values\[1\] has 1 elements, values\[0\] has 2/,
    ],
    [
      'deeper down',
      () =>
        tensor(gpu, [
          [[1], [2]],
          [[3], [4, 5]],
        ]),
      /values\[1\]\[1\] has 2 elements, values\[0\]\[0\] has 1/,
    ],
    ['numbers among lists', () => tensor(gpu, [[1], 2]), /values\[1\] is 2, values\[0\] is a list/],
    ['lists among numbers', () => tensor(gpu, [1, [2]]), /values\[1\] is a list of 1, a number is wanted/],
    ['texts', () => tensor(gpu, [[1], ['2' as never]]), /values\[1\]\[0\] is a string, a number is wanted/],
    // biome-ignore lint/suspicious/noSparseArray: that is the point
    ['holes', () => tensor(gpu, [1, , 3] as never), /values\[1\] is undefined/],
    ['nothing', () => tensor(gpu, undefined as never), /^tensor: values is undefined, a number is wanted/],
    [
      'negative integers',
      () => tensor(gpu, Int32Array.of(3, -1), undefined, 'labels'),
      /^labels: value 1 is -1; u32 holds whole numbers from 0 to 4294967295/,
    ],
    ['fractions as integers', () => tensor(gpu, [1, 0.5], [2], 'labels', 'u32'), /^labels: value 1 is 0\.5/],
    ['pixels above 255', () => tensor(gpu, [256], [1], 'pixels', 'u8'), /^pixels: value 0 is 256; u8 .* 255/],
    ['large BigInts', () => tensor(gpu, BigUint64Array.of(2n ** 40n)), /value 0 is 1099511627776/],
    ['another number of values', () => tensor(gpu, [1, 2, 3], [2, 2]), /takes 4 values, got 3/],
    ['no Gpu', () => tensor([1, 2] as never, [2]), /^tensor: a tensor is made of a Gpu, .* object and object/],
    ['no shape', () => empty(gpu, 3 as never, 'x'), /^x: a tensor is made of a Gpu, .* number/],
  ])('not %s', (_, fn, message) => {
    expect(fn).toThrow(TensorError);
    expect(fn).toThrow(message);
  });
});

describe('what one begins with', () => {
  it('is as in NumPy', async () => {
    expect(await ones(gpu, [2, 2]).toArray()).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(await eye(gpu, 2).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(await read(eye(gpu, 2, 3, { dtype: 'u32' }))).toEqual(['u32', [2, 3], [1, 0, 0, 0, 1, 0]]);
    expect(await arange(gpu, 3).toArray()).toEqual([0, 1, 2]);
    expect(await arange(gpu, 1, 2, 0.25).toArray()).toEqual([1, 1.25, 1.5, 1.75]);
    expect(await arange(gpu, 3, 0, -1).toArray()).toEqual([3, 2, 1]);
    expect(await read(arange(gpu, 2, 5, 1, { dtype: 'u32' }))).toEqual(['u32', [3], [2, 3, 4]]);
    expect(await linspace(gpu, 0, 1, 5).toArray()).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(await linspace(gpu, 2, 9, 1).toArray()).toEqual([2]);
    expect((await linspace(gpu, 0, 0.3, 50).toArray()).at(-1)).toBe(Math.fround(0.3));
    expect(await arange(gpu, 1, 0).toArray()).toEqual([]);
    expect(() => arange(gpu, 0, 1, 0)).toThrow('arange: from 0 to 1 in steps of 0 there is no end');
  });

  it('is like another tensor', async () => {
    const x = on([5, 6, 7], [3], 'u8');
    expect(await read(zerosLike(x))).toEqual(['u8', [3], [0, 0, 0]]);
    expect(await read(onesLike(x))).toEqual(['u8', [3], [1, 1, 1]]);
    expect(await read(fullLike(on([1], [1], 'u32'), 9))).toEqual(['u32', [1], [9]]);
    expect(() => full(gpu, [1], -1, 'x', 'u32')).toThrow('x: value 0 is -1');
  });

  it('is drawn, the same of the same seed', async () => {
    const shape = [3, 5];
    expect(await randn(gpu, shape, { seed: 4, stream: 2 }).floats()).toEqual(normalArray(15, 4, 2));
    const uniform = await rand(gpu, shape, { seed: 1, label: 'noise' }).floats();
    expect(uniform.every((v) => v >= 0 && v < 1)).toBe(true);
    expect(await rand(gpu, shape, { seed: 1 }).floats()).toEqual(uniform);
    expect(await rand(gpu, shape).floats()).not.toEqual(uniform);
  });
});
