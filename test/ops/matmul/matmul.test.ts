// matmul against float64: every transpose, batched and broadcast, odd sizes; then every kernel on shapes that hit its edges.
import { describe, expect, it } from 'vitest';
import type { Slice } from '../../../src/gpu/kernel/memory.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import type { Gemm } from '../../../src/ops/matmul/kernels/gemm.ts';
import { plain } from '../../../src/ops/matmul/kernels/plain.ts';
import { stationary, stationaryLanes } from '../../../src/ops/matmul/kernels/stationary.ts';
import { tiled } from '../../../src/ops/matmul/kernels/tiled.ts';
import { type MatmulOptions, matmul } from '../../../src/ops/matmul/matmul.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { empty } from '../../../src/tensor/tensor.ts';
import { everyIndex, place } from '../../support/arrays.ts';
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

it.skipIf(!gpu.capabilities.f16)('of f16 and f32 is f16, with gradients as the operands are', () =>
  checkOp({
    inputs: [{ shape: [2, 5, 6] }, { shape: [6, 7] }, { shape: [7] }],
    half: true,
    op: ([x, y, bias]) => {
      const z = matmul(cast(x, 'f16'), y, { bias });
      expect(z.dtype).toBe('f16');
      return cast(z, 'f32');
    },
    reference: ([x, y, bias]) => reference({ m: 5, n: 7, k: 6, a: 2 }, {})([x, y]).map((v, i) => v + bias[i % 7]),
    tolerance: 2 ** -10 + 2e-6, // a kernel that leaves the bias to a pass of its own rounds twice
    gradientTolerance: 2 ** -11 + 2e-6,
  }),
);

/** Every batch side that NumPy lines up, in float64. */
function broadcastReference(a: number[], b: number[], { transposeA, transposeB }: MatmulOptions) {
  const [outerA, outerB] = [a.slice(0, -2), b.slice(0, -2)];
  const rank = Math.max(outerA.length, outerB.length);
  const [p, q] = [outerA, outerB].map((sides) => [...Array(rank - sides.length).fill(1), ...sides]);
  const batch = p.map((n, i) => Math.max(n, q[i]));
  const [m, k] = transposeA ? [a[a.length - 1], a[a.length - 2]] : a.slice(-2);
  const n = transposeB ? b[b.length - 2] : b[b.length - 1];
  return ([x, y]: Float64Array[]): Float64Array => {
    const c = new Float64Array(batch.reduce((all, side) => all * side, 1) * m * n);
    everyIndex(batch, (at, plane) => {
      const parts = [x.subarray(place(p, at) * m * k), y.subarray(place(q, at) * k * n)];
      c.set(reference({ m, n, k }, { transposeA, transposeB })(parts), plane * m * n);
    });
    return c;
  };
}

describe('batches', () => {
  const cases: { a: number[]; b: number[]; options?: MatmulOptions }[] = [
    { a: [2, 3, 4, 5], b: [2, 3, 5, 6] },
    { a: [2, 3, 4, 5], b: [5, 6] },
    { a: [4, 5], b: [2, 3, 5, 6] },
    { a: [2, 1, 4, 5], b: [2, 3, 5, 6] },
    { a: [2, 3, 4, 5], b: [2, 1, 5, 6] },
    { a: [2, 1, 4, 5], b: [3, 5, 6] },
    { a: [3, 2, 4, 5], b: [2, 5, 6] },
    { a: [2, 2, 3, 1, 3, 4], b: [1, 2, 1, 2, 4, 3] },
    { a: [2, 1, 2, 1, 3, 4], b: [2, 1, 3, 4, 3] },
    { a: [1, 2, 1, 2, 3, 2], b: [2, 1, 2, 1, 2, 3] },
    { a: [1, 1, 3, 4], b: [1, 4, 2] },
  ];
  const all = cases.flatMap((one, i) => [
    one,
    ...(i % 2 ? transposes.slice(1) : [transposes[3]]).map((options) => ({ ...one, options })),
  ]);
  const stored = (shape: number[], transposed = false): number[] =>
    transposed ? [...shape.slice(0, -2), ...shape.slice(-2).reverse()] : shape;
  it.each(all)('$a by $b, $options', ({ a, b, options = {} }) => {
    const [x, y] = [stored(a, options.transposeA), stored(b, options.transposeB)];
    return checkOp({
      inputs: [{ shape: x }, { shape: y }],
      op: (inputs) => matmul(inputs[0], inputs[1], options),
      reference: broadcastReference(x, y, options),
      samples: 6,
    });
  });

  it.skipIf(!gpu.capabilities.f16)('of f16', () =>
    checkOp({
      inputs: [{ shape: [2, 1, 4, 5] }, { shape: [3, 5, 6] }],
      half: true,
      op: ([x, y]) => cast(matmul(cast(x, 'f16'), cast(y, 'f16')), 'f32'),
      reference: broadcastReference([2, 1, 4, 5], [3, 5, 6], {}),
      tolerance: 2 ** -11 + 2e-6,
      gradientTolerance: 2 ** -10 + 2e-6,
    }),
  );
});

describe('vectors', () => {
  it.each([
    { a: [5], b: [5], shape: [1] },
    { a: [5], b: [5, 3], shape: [3] },
    { a: [5], b: [2, 3, 5, 4], shape: [2, 3, 4] },
    { a: [3, 5], b: [5], shape: [3] },
    { a: [2, 3, 5], b: [5], shape: [2, 3] },
  ])('$a by $b', ({ a, b, shape }) =>
    checkOp({
      inputs: [{ shape: a }, { shape: b }],
      op: ([x, y]) => {
        const c = matmul(x, y);
        expect(c.shape).toEqual(shape);
        return c;
      },
      reference: broadcastReference(a.length > 1 ? a : [1, ...a], b.length > 1 ? b : [...b, 1], {}),
    }),
  );
});

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

// What repeats, goes on and is summed, all in one: planes [2, 3] of which A has the first side and B the second, each the sum of two products.
it.each(['stationary', 'tiled small', 'plain'])('planes of several sides, by the kernel %s', async (kernel) => {
  if (kernel === 'stationary' && !stationaryLanes(gpu)) return;
  for (const options of [transposes[0], transposes[3]])
    for (const sizes of [
      { m: 33, n: 35, k: 17 },
      { m: 4, n: 8, k: 12 },
    ]) {
      const { m, n, k } = sizes;
      const nest = { sides: [2, 3], a: [2, 0], b: [0, 1], nextA: 1, nextB: 3, countA: 4, countB: 6 };
      const [x, y] = [m * k * 4, k * n * 6].map((length, i) => on(values(i + m, length), [length]));
      const product: Gemm = {
        ...{ transposeA: false, transposeB: false, ...options, ...sizes },
        ...{ planes: 6, sums: 2, manyA: true, manyB: true, nest },
      };
      const c = empty(gpu, [6, m, n], 'c');
      const slices = [x, y, c].map(({ slice }) => slice);
      if (kernel === 'stationary') stationary(gpu, product, stationaryLanes(gpu)!, slices);
      else if (kernel === 'plain') plain(gpu, product, slices);
      else tiled(gpu, product, 'small', slices);
      const [left, right] = [await x.floats(), await y.floats()];
      const expected = new Float64Array(c.size);
      for (let plane = 0; plane < 6; plane++)
        for (const r of [0, 1]) {
          const [i, j] = [2 * Math.floor(plane / 3) + r, (plane % 3) + 3 * r];
          const part = reference(sizes, options)([left.subarray(i * m * k), right.subarray(j * k * n)]);
          for (const [at, value] of part.entries()) expected[plane * m * n + at] += value;
        }
      expect(relativeError(await c.floats(), expected)).toBeLessThanOrEqual(2e-5);
      for (const tensor of [x, y, c]) tensor.release();
    }
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
  it('vectors have no transpose', () =>
    expect(() => matmul(on([1, 2], [2]), on([1, 2], [2, 1]), { transposeA: true })).toThrow(
      'a vector has no transpose',
    ));

  it.each([
    [[2, 3], [4, 5], /^matmul: left \[2×3\] does not fit right \[4×5\]/],
    [[2, 3, 4], [3, 4, 5], /sides before those must be equal or 1/],
    [[3], [4, 5], /left \[1×3\] does not fit right/],
  ])('%j by %j', (first, second, message) => {
    const left = empty(gpu, first, 'left');
    const right = empty(gpu, second, 'right');
    expect(() => matmul(left, right)).toThrow(message);
    left.release();
    right.release();
  });
});
