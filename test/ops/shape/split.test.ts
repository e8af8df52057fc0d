// slice with steps, split, chunk and stack: every value from its place in all dtypes, and gradients of parts that meet in one tensor.
import { describe, expect, it } from 'vitest';
import { add, mul } from '../../../src/ops/arithmetic/binary.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { stack } from '../../../src/ops/shape/concat.ts';
import { slice } from '../../../src/ops/shape/slice.ts';
import { chunk, split } from '../../../src/ops/shape/split.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { checkMove } from '../../support/moves.ts';
import { halfValues } from '../../support/random.ts';

describe('slice with steps', () => {
  it.each([
    { shape: [11], begin: [1], size: [5], steps: [2] },
    { shape: [11], begin: [9], size: [5], steps: [-2] },
    { shape: [6, 8], begin: [5, 0], size: [6, 8], steps: [-1, 1] },
    { shape: [7, 9, 4], begin: [0, 8, 0], size: [3, 3, 4], steps: [3, -4, 1] },
    { shape: [2, 3, 2, 3, 2, 4], begin: [0, 2, 0, 0, 1, 0], size: [2, 2, 2, 2, 1, 2], steps: [1, -2, 1, 2, 1, 2] },
    { shape: [3, 4], begin: [1, 3], size: [1, 1], steps: [-5, 7] },
  ])('$size of $shape from $begin by $steps', ({ shape, begin, size, steps }) =>
    checkMove({
      shape,
      op: (x) => slice(x, begin, size, { steps }),
      result: size,
      source: (at) => at.map((n, i) => begin[i] + n * steps[i]),
    }),
  );

  it.each([[[2]], [[0]], [[-5]], [[0.5]], [[1, 1]]])('refuses steps of %j that leave x or are none', (steps) => {
    expect(() => slice(on([1, 2, 3, 4, 5, 6], [6]), [3], [3], { steps })).toThrow(
      `slice: input [6] has no box [3] at [3] by steps [${steps}]`,
    );
  });
});

describe('split and chunk', () => {
  it.each([
    { parts: 3, sizes: [2, 2, 2] },
    { parts: [1, 3, 2], sizes: [1, 3, 2] },
  ])('into $parts', async ({ parts, sizes }) => {
    const begins = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
    for (const [k, n] of sizes.entries())
      await checkMove({
        shape: [4, 6, 5],
        op: (x) => split(x, parts, -2)[k],
        result: [4, n, 5],
        source: ([a, b, c]) => [a, b + begins[k], c],
      });
  });

  it('gives parts whose gradients meet, with that of the whole', () =>
    checkOp({
      inputs: [{ shape: [3, 6] }],
      op: ([x]) => {
        const squares = mul(x, x);
        const [a, b, c] = split(squares, 3, 1);
        return add(mul(a, b), add(c, slice(squares, [0, 5], [3, 2], { steps: [1, -4] })));
      },
      reference: ([x]) =>
        Float64Array.from({ length: 6 }, (_, i) => {
          const row = [...x.slice(Math.floor(i / 2) * 6, Math.floor(i / 2) * 6 + 6)].map((v) => v * v);
          const k = i % 2;
          return row[k] * row[2 + k] + row[4 + k] + row[k === 0 ? 5 : 1];
        }),
    }));

  it.skipIf(!gpu.capabilities.f16)('adds up gradients of f16 parts in f16', async () => {
    const x = cast(on(halfValues(1, 40), [4, 10]), 'f16');
    x.requiresGrad = true;
    const [a, b] = split(x, 2, 1);
    const dy = halfValues(2, 20);
    backward(add(add(a, b), slice(x, [0, 9], [4, 5], { steps: [1, -1] })), { gradient: cast(on(dy, [4, 5]), 'f16') });
    const expected = Array.from({ length: 40 }, (_, i) => {
      const [row, column] = [5 * Math.floor(i / 10), i % 10];
      return dy[row + (column % 5)] + (column > 4 ? dy[row + 9 - column] : 0);
    });
    expect(relativeError(await x.grad!.floats(), expected)).toBeLessThan(1e-3);
  });

  it('chunks as torch does', () => {
    const x = on(Array(14).fill(1), [7, 2]);
    const sides = (count: number): number[] => chunk(x, count).map(({ shape }) => shape[0]);
    expect(sides(3)).toEqual([3, 3, 1]);
    expect(sides(5)).toEqual([2, 2, 2, 1]);
    expect(sides(9)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });

  it('refuses parts that are not all of the side', () => {
    const x = on(Array(14).fill(1), [7, 2]);
    expect(() => split(x, 3)).toThrow('split: side 0 of input [7×2] cannot be cut into 3 equal parts');
    for (const parts of [[3, 3], [], [7, 0], [3.5, 3.5]])
      expect(() => split(x, parts)).toThrow(`cannot be cut into parts of [${parts}]`);
    expect(() => chunk(x, 0)).toThrow('chunk: input [7×2] cannot be cut into 0 parts');
  });
});

describe('stack', () => {
  it.each([0, 1, 2, -1])('along %i', (axis) => {
    const along = axis < 0 ? axis + 3 : axis;
    return checkMove({
      shape: [3, 4],
      op: (x) => stack([x, x], axis),
      result: [3, 4].toSpliced(along, 0, 2),
      source: (at) => at.toSpliced(along, 1),
    });
  });

  it('refuses other shapes, and nothing at all', () => {
    expect(() => stack([on([1, 2], [2]), on([1, 2], [1, 2])])).toThrow('stack: input [1×2] does not go with input [2]');
    expect(() => stack([])).toThrow('stack: no tensors were given');
    expect(() => stack([on([1], [1])], 2)).toThrow('unsqueeze: input [1] cannot get sides of 1 at [2]');
  });
});
