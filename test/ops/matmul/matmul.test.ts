// matmul against float64: every transpose, batched and broadcast, odd sizes; then every kernel on shapes that hit its edges.
import { describe, expect, it } from 'vitest';
import type { Slice } from '../../../src/gpu/kernel/memory.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import type { Gemm } from '../../../src/ops/matmul/kernels/gemm.ts';
import { stationary, stationaryLanes } from '../../../src/ops/matmul/kernels/stationary.ts';
import { tiled } from '../../../src/ops/matmul/kernels/tiled.ts';
import { type MatmulOptions, matmul } from '../../../src/ops/matmul/matmul.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { empty } from '../../../src/tensor/tensor.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

interface Sizes {
  m: number;
  n: number;
  k: number;
  /** Batch of A and of B; 0 for a 2-D operand. */
  a?: number;
  b?: number;
}

function shapes({ m, n, k, a = 0, b = 0 }: Sizes, { transposeA, transposeB }: MatmulOptions): [number[], number[]] {
  return [
    [...(a ? [a] : []), ...(transposeA ? [k, m] : [m, k])],
    [...(b ? [b] : []), ...(transposeB ? [n, k] : [k, n])],
  ];
}

function reference({ m, n, k, a = 0, b = 0 }: Sizes, { transposeA, transposeB }: MatmulOptions) {
  return ([x, y]: ArrayLike<number>[]): Float64Array => {
    const planes = Math.max(a, b, 1);
    const c = new Float64Array(planes * m * n);
    for (let at = 0; at < c.length; at++) {
      const [plane, row, column] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
      const [px, py] = [a ? plane * m * k : 0, b ? plane * k * n : 0];
      for (let i = 0; i < k; i++)
        c[at] +=
          x[px + (transposeA ? i * m + row : row * k + i)] * y[py + (transposeB ? column * k + i : i * n + column)];
    }
    return c;
  };
}

const transposes: MatmulOptions[] = [
  {},
  { transposeB: true },
  { transposeA: true },
  { transposeA: true, transposeB: true },
];
const name = (options: MatmulOptions): string =>
  `${options.transposeA ? 'Aᵀ' : 'A'}·${options.transposeB ? 'Bᵀ' : 'B'}`;

describe.each(transposes.map((options) => ({ options, title: name(options) })))('$title', ({ options }) => {
  it.each<Sizes>([
    { m: 1, n: 1, k: 1 },
    { m: 7, n: 10, k: 13 },
    { m: 5, n: 17, k: 1 },
    { m: 13, n: 1, k: 5 },
    { m: 33, n: 36, k: 20 },
    { m: 3, n: 5, k: 7, a: 2, b: 2 },
    { m: 4, n: 8, k: 12, a: 3, b: 3 },
    { m: 3, n: 5, k: 7, a: 3 },
    { m: 3, n: 5, k: 7, b: 3 },
    { m: 2, n: 3, k: 2, a: 1, b: 1 },
  ])('values and gradients, $m×$k by $k×$n, batches $a and $b', (sizes) => {
    const [a, b] = shapes(sizes, options);
    return checkOp({
      inputs: [{ shape: a }, { shape: b }],
      op: ([x, y]) => matmul(x, y, options),
      reference: reference(sizes, options),
    });
  });
});

it.each([{}, { transposeA: true, transposeB: true }])('a bias, options %j', (options) => {
  const sizes = { m: 5, n: 7, k: 6 };
  const [a, b] = shapes(sizes, options);
  return checkOp({
    inputs: [{ shape: a }, { shape: b }, { shape: [7] }],
    op: ([x, y, bias]) => matmul(x, y, { ...options, bias }),
    reference: ([x, y, bias]) => reference(sizes, options)([x, y]).map((value, i) => value + bias[i % 7]),
  });
});

// Operands that f16 holds exactly: the sums err as in f32, and the result is rounded once, by 2⁻¹¹ of it.
it.skipIf(!gpu.capabilities.f16).each<Sizes>([
  { m: 7, n: 10, k: 13 },
  { m: 65, n: 70, k: 66 }, // beyond what the plain kernel is first for
  { m: 3, n: 5, k: 7, a: 2, b: 2 },
])('f16, $m×$k by $k×$n, batches $a and $b', (sizes) => {
  const [a, b] = shapes(sizes, {});
  return checkOp({
    inputs: [{ shape: a }, { shape: b }],
    half: true,
    op: ([x, y]) => cast(matmul(cast(x, 'f16'), cast(y, 'f16')), 'f32'),
    reference: reference(sizes, {}),
    tolerance: 2 ** -11 + 2e-6,
    gradientTolerance: 2 ** -11 + 2e-6,
  });
});

it('refuses operands of two dtypes', () =>
  expect(() => matmul(on([1], [1, 1]), on([1], [1, 1], 'f16'))).toThrow('both must be stored alike'));

/** The kernels straight, whatever the adapter and the size: what each of them records, and how much of it. */
const kernels: { kernel: string; shapes: Sizes[]; run: (product: Gemm, slices: Slice[]) => void }[] = [
  {
    kernel: 'stationary',
    // Rows odd and even, more and fewer than a share; columns and depths that end inside a vec4, a lane row and a block; one block and many.
    shapes: [
      { m: 1, n: 4, k: 4 },
      { m: 131, n: 33, k: 65 },
      { m: 64, n: 36, k: 32 },
      { m: 7, n: 30, k: 130 },
      { m: 3, n: 40, k: 36, a: 3, b: 3 },
      { m: 5, n: 7, k: 9, a: 2 },
    ],
    run: (product, slices) => stationary(gpu, product, stationaryLanes(gpu)!, slices),
  },
  {
    kernel: 'tiled small',
    shapes: [
      { m: 1, n: 1, k: 1 },
      { m: 36, n: 64, k: 20 },
      { m: 33, n: 35, k: 17 },
      { m: 5, n: 7, k: 33, a: 2, b: 2 },
    ],
    run: (product, slices) => tiled(gpu, product, 'small', slices),
  },
  {
    kernel: 'tiled large',
    shapes: [{ m: 130, n: 65, k: 33 }],
    run: (product, slices) => tiled(gpu, product, 'large', slices),
  },
];

describe.each(kernels)('$kernel', ({ kernel, shapes: list, run }) => {
  describe.skipIf(kernel === 'stationary' && !stationaryLanes(gpu)).each(
    // Tiles load A and B independently, so two pairs of transposes reach every path; the large tile differs in its constants alone.
    (kernel === 'stationary'
      ? transposes
      : kernel === 'tiled small'
        ? [transposes[0], transposes[3]]
        : [transposes[0]]
    ).map((options) => ({ options, title: name(options) })),
  )('$title', ({ options }) => {
    it.each(list)('$m×$k by $k×$n, batches $a and $b', async (sizes) => {
      const { m, n, k, a = 0, b = 0 } = sizes;
      const [x, y] = shapes(sizes, options).map((shape, i) =>
        on(
          values(
            i + m,
            shape.reduce((p, q) => p * q),
          ),
          shape,
        ),
      );
      const planes = Math.max(a, b, 1);
      const product = { transposeA: false, transposeB: false, ...options, m, n, k, manyA: a > 0, manyB: b > 0 };
      const exact = reference(sizes, options)([await x.floats(), await y.floats()]);
      const check = async (planes: number, sums: number, expected: Float64Array): Promise<void> => {
        const c = empty(gpu, [planes, m, n], 'c');
        run({ ...product, planes, sums }, [x.slice, y.slice, c.slice]);
        // Sums of up to 131 products below 1: f32 rounds each addition by at most 2⁻²⁴ of a partial sum that stays below 20.
        expect(relativeError(await c.floats(), expected)).toBeLessThanOrEqual(2e-5);
        c.release();
      };
      await check(planes, 1, exact);
      if (planes > 1) {
        const summed = new Float64Array(m * n).map((_, i) => {
          let total = 0;
          for (let plane = 0; plane < planes; plane++) total += exact[plane * m * n + i];
          return total;
        });
        await check(1, planes, summed);
      }
      x.release();
      y.release();
    });
  });
});

it('takes the fast kernel of the adapter for large shapes, with the result of the plain one', async () => {
  const multiply = async (force?: string): Promise<Float32Array[]> => {
    gpu.tuner.force = force;
    const [a, b] = [on(values(1, 96 * 80), [96, 80]), on(values(2, 80 * 88), [80, 88])];
    a.requiresGrad = b.requiresGrad = true;
    const c = matmul(a, b);
    const result = await c.floats();
    backward(c, { gradient: on(values(3, 96 * 88), [96, 88]) });
    return [result, await a.grad!.floats(), await b.grad!.floats()];
  };
  const [plain, fast] = [await multiply('plain'), await multiply()];
  gpu.tuner.force = undefined;
  for (const i of [0, 1, 2]) expect(relativeError(fast[i], plain[i])).toBeLessThanOrEqual(2e-5);
});

describe('shapes that do not fit', () => {
  it.each([
    [[2, 3], [4, 5], /^matmul: left \[2×3\] does not fit right \[4×5\]/],
    [[2, 3, 4], [3, 4, 5], /batches must be equal/],
    [[3], [3, 4], /left \[3\] is f32; it takes f32 or f16 in 2 or 3 dimensions/],
    [[1, 2, 3, 4], [4, 5], /2 or 3 dimensions/],
  ])('%j by %j', (first, second, message) => {
    const left = empty(gpu, first, 'left');
    const right = empty(gpu, second, 'right');
    expect(() => matmul(left, right)).toThrow(message);
    left.release();
    right.release();
  });
});
