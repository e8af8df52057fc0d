// slice, crop, pad and concat against float64, on sides that are and are not multiples of four; concat in f16, too.
import { describe, expect, it } from 'vitest';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { concat } from '../../../src/ops/shape/concat.ts';
import { crop } from '../../../src/ops/shape/crop.ts';
import { pad } from '../../../src/ops/shape/pad.ts';
import { slice } from '../../../src/ops/shape/slice.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { everyIndex, place } from '../../support/arrays.ts';
import { checkOp } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';

const size = (shape: number[]): number => shape.reduce((product, n) => product * n, 1);

/** x[begin + i] for i in `shape`, 0 outside of x. */
function boxOf(x: Float64Array, xShape: number[], begin: number[], shape: number[]): Float64Array {
  const y = new Float64Array(size(shape));
  everyIndex(shape, (at, flat) => {
    const there = at.map((n, i) => n + begin[i]);
    if (there.every((n, i) => n >= 0 && n < xShape[i]))
      y[flat] = x[there.reduce((sum, n, i) => sum * xShape[i] + n, 0)];
  });
  return y;
}

describe('slice', () => {
  it.each([
    { shape: [7], begin: [2], to: [4] },
    { shape: [16], begin: [4], to: [8] },
    { shape: [5, 13], begin: [1, 0], to: [3, 13] },
    { shape: [3, 8], begin: [0, 4], to: [3, 4] },
    { shape: [2, 5, 7, 3], begin: [1, 2, 0, 1], to: [1, 3, 6, 2] },
    { shape: [3, 2, 4, 8], begin: [0, 1, 2, 4], to: [2, 1, 2, 4] },
    { shape: [2, 3, 2, 2, 3], begin: [0, 1, 0, 0, 0], to: [2, 2, 2, 2, 3] },
  ])('$shape from $begin, $to', ({ shape, begin, to }) =>
    checkOp({ inputs: [{ shape }], op: ([x]) => slice(x, begin, to), reference: ([x]) => boxOf(x, shape, begin, to) }),
  );

  it.each([
    [
      [-1, 0],
      [1, 1],
    ],
    [
      [0, 0],
      [4, 1],
    ],
    [
      [0, 0],
      [0, 1],
    ],
    [[0], [1]],
    [
      [0.5, 0],
      [1, 1],
    ],
  ])('refuses a box at %j of %j', (begin, to) => {
    expect(() => scope(() => slice(on(Array(15).fill(0), [3, 5]), begin, to))).toThrow('slice: input [3×5] has no box');
  });
});

describe('crop', () => {
  it.each([
    { shape: [2, 4, 6, 3], h: 3, w: 5 },
    { shape: [1, 7, 2, 17], h: 7, w: 1 },
    { shape: [2, 4, 4, 8], h: 2, w: 3 },
  ])('$shape to $h×$w', ({ shape, h, w }) =>
    checkOp({
      inputs: [{ shape }],
      op: ([x]) => crop(x, h, w),
      reference: ([x]) => boxOf(x, shape, [0, 0, 0, 0], [shape[0], h, w, shape[3]]),
    }),
  );

  it('refuses a window larger than the tensor, and other ranks', () => {
    const x = on(Array(16).fill(0), [1, 4, 4, 1]);
    expect(() => crop(x, 5, 4)).toThrow('crop: input [1×4×4×1] has no box [1×5×4×1]');
    expect(() => crop(on([1, 2], [2]), 1, 1)).toThrow('must be [N×H×W×C]');
  });
});

describe('pad', () => {
  const cases: { shape: number[]; margins: [number, number][] }[] = [
    { shape: [5], margins: [[2, 1]] },
    {
      shape: [3, 4],
      margins: [
        [0, 0],
        [4, 8],
      ],
    },
    {
      shape: [3, 4],
      margins: [
        [0, 0],
        [0, 0],
      ],
    },
    {
      shape: [2, 3, 5, 3],
      margins: [
        [0, 0],
        [0, 1],
        [0, 3],
        [0, 0],
      ],
    },
    {
      shape: [2, 3, 5, 7],
      margins: [
        [1, 0],
        [1, 2],
        [3, 1],
        [0, 1],
      ],
    },
    {
      shape: [2, 2, 2, 4],
      margins: [
        [0, 1],
        [1, 1],
        [2, 0],
        [4, 4],
      ],
    },
  ];
  it.each(cases)('$shape by $margins', ({ shape, margins }) =>
    checkOp({
      inputs: [{ shape }],
      op: ([x]) => pad(x, margins),
      reference: ([x]) =>
        boxOf(
          x,
          shape,
          margins.map(([low]) => -low),
          shape.map((n, i) => n + margins[i][0] + margins[i][1]),
        ),
    }),
  );

  it('refuses other margins', () => {
    expect(() => pad(on([1, 2], [2]), [[-1, 0]])).toThrow(
      'pad: input [2] takes 1 pairs of whole numbers from 0, got [[-1,0]]',
    );
  });
});

describe('concat', () => {
  it.each([
    { shapes: [[3], [4], [1]], axis: 0 },
    {
      shapes: [
        [2, 3, 3, 8],
        [2, 3, 3, 4],
      ],
      axis: 3,
    },
    {
      shapes: [
        [2, 3, 3, 5],
        [2, 3, 3, 3],
      ],
      axis: -1,
    },
    {
      shapes: [
        [2, 3, 4],
        [2, 1, 4],
        [2, 2, 4],
      ],
      axis: 1,
    },
    {
      shapes: [
        [2, 5],
        [3, 5],
      ],
      axis: -2,
    },
    { shapes: [[1, 7]], axis: 0 },
  ])('$shapes along $axis', ({ shapes, axis }) => {
    const along = axis < 0 ? axis + shapes[0].length : axis;
    const total = shapes.reduce((sum, shape) => sum + shape[along], 0);
    const whole = shapes[0].map((n, i) => (i === along ? total : n));
    return checkOp({
      inputs: shapes.map((shape) => ({ shape })),
      op: (tensors) => concat(tensors, axis),
      reference: (arrays) => {
        const y = new Float64Array(size(whole));
        let start = 0;
        arrays.forEach((x, k) => {
          everyIndex(shapes[k], (at, flat) => {
            y[place(whole, at.with(along, at[along] + start))] = x[flat];
          });
          start += shapes[k][along];
        });
        return y;
      },
    });
  });

  // What f16 holds is moved as it is, so nothing is rounded; sides by fours, by twos and odd.
  it.skipIf(!gpu.capabilities.f16).each([
    [8, 4],
    [6, 4],
    [5, 3],
  ])('of f16, %i and %i channels', (...channels) =>
    checkOp({
      inputs: channels.map((n) => ({ shape: [3, n] })),
      half: true,
      tolerance: 0,
      gradientTolerance: 1e-8,
      op: (tensors) => {
        const y = concat(
          tensors.map((x) => cast(x, 'f16')),
          1,
        );
        expect(y.dtype).toBe('f16');
        return cast(y, 'f32');
      },
      reference: ([a, b]) => {
        const [n, m] = channels;
        return Float64Array.from({ length: 3 * (n + m) }, (_, i) => {
          const [row, c] = [Math.floor(i / (n + m)), i % (n + m)];
          return c < n ? a[row * n + c] : b[row * m + c - n];
        });
      },
    }),
  );

  it.skipIf(!gpu.capabilities.f16)('refuses two dtypes', () => {
    const x = on([1, 2], [1, 2]);
    expect(() => concat([x, cast(x, 'f16')], 0)).toThrow('concat: cast [1×2] is f16, it must be f32');
    expect(() => concat([on([1, 2], [1, 2], 'u8')], 0)).toThrow('it must be f32, f16 or u32');
  });

  it('takes one tensor twice', () =>
    checkOp({
      inputs: [{ shape: [2, 3] }],
      op: ([x]) => concat([x, x], 0),
      reference: ([x]) => Float64Array.from([...x, ...x]),
    }));

  it('refuses shapes that differ elsewhere, and nothing at all', () => {
    expect(() => concat([on([1, 2], [1, 2]), on([1], [1, 1])], 0)).toThrow(
      'concat: input [1×1] does not go with input [1×2] along axis 0',
    );
    expect(() => concat([on([1, 2], [2])], 1)).toThrow('has no axis 1');
    expect(() => concat([], 0)).toThrow('no tensors');
  });
});

// More elements than threads, so that each thread goes through several places of the box.
it.each([
  { shape: [3, 71, 37, 8], begin: [1, 2, 3, 4], to: [2, 69, 34, 4] },
  { shape: [3, 71, 37, 7], begin: [0, -1, -3, -2], to: [3, 73, 41, 10] },
  { shape: [2, 90, 300, 4], begin: [0, -2, 0, -4], to: [2, 93, 300, 12] },
])('a large box $to of $shape', ({ shape, begin, to }) =>
  checkOp({
    inputs: [{ shape, gradient: false }],
    op: ([x]) =>
      begin[1] < 0
        ? pad(
            x,
            begin.map((low, i) => [-low, to[i] - shape[i] + low] as const),
          )
        : slice(x, begin, to),
    reference: ([x]) => boxOf(x, shape, begin, to),
  }),
);
