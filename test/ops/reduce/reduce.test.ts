// Reductions against float64: every choice of axes, on every kernel, then reductions long enough to go by pieces.
import { afterEach, describe, expect, it } from 'vitest';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { max, min } from '../../../src/ops/reduce/extreme.ts';
import { logSumExp } from '../../../src/ops/reduce/log-sum-exp.ts';
import { norm } from '../../../src/ops/reduce/norm.ts';
import { prod } from '../../../src/ops/reduce/prod.ts';
import { mean, sum } from '../../../src/ops/reduce/sum.ts';
import { std, variance } from '../../../src/ops/reduce/variance.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { gathered } from '../../support/arrays.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

const add = (list: number[]): number => list.reduce((total, v) => total + v, 0);
const all = { correction: 0 };
const spread = (list: number[]): number => {
  const center = add(list) / list.length;
  return add(list.map((v) => (v - center) ** 2)) / list.length;
};
const folds: {
  name: string;
  op: (x: Tensor, axes?: number[], keep?: boolean) => Tensor;
  f: (list: number[]) => number;
}[] = [
  { name: 'sum', op: sum, f: add },
  { name: 'mean', op: mean, f: (list) => add(list) / list.length },
  { name: 'max', op: max, f: (list) => list.reduce((p, q) => Math.max(p, q)) },
  { name: 'min', op: min, f: (list) => list.reduce((p, q) => Math.min(p, q)) },
  { name: 'norm', op: norm, f: (list) => Math.sqrt(add(list.map((v) => v * v))) },
  { name: 'prod', op: prod, f: (list) => list.reduce((p, q) => p * q) },
  { name: 'variance', op: (x, axes, keep) => variance(x, axes, keep, all), f: spread },
  { name: 'std', op: (x, axes, keep) => std(x, axes, keep, all), f: (list) => Math.sqrt(spread(list)) },
  { name: 'logSumExp', op: logSumExp, f: (list) => Math.log(add(list.map(Math.exp))) },
];
const cases: { shape: number[]; axes?: number[] }[] = [
  { shape: [1] },
  { shape: [7, 13] },
  { shape: [2, 3, 5, 7], axes: [] },
  { shape: [3, 300], axes: [1] },
  { shape: [70, 5], axes: [0] },
  { shape: [70, 8], axes: [0] },
  { shape: [3, 2, 5, 12], axes: [1, 2] },
  { shape: [3, 2, 5, 7], axes: [0, 1, 2] },
  { shape: [3, 2, 5, 7], axes: [0, -1] },
  { shape: [5, 1, 4, 6], axes: [0, 2] },
  { shape: [5, 133], axes: [-1] },
];

afterEach(() => {
  gpu.tuner.force = undefined;
});

describe.each(folds)('$name', ({ name, op, f }) => {
  describe.each(['subgroup', 'rows', 'columns', 'plain'])('%s kernel', (kernel) => {
    it.each(cases)('$shape over $axes', ({ shape, axes }) => {
      gpu.tuner.force = kernel;
      const over = (axes ?? shape.map((_, i) => i)).map((axis) => (axis < 0 ? axis + shape.length : axis));
      return checkOp({
        inputs: [{ shape }],
        op: ([x]) => op(x, axes),
        reference: ([x]) => Float64Array.from(gathered(x, shape, over).map(f)),
      });
    });
  });

  // Sums are made in f32, so that the result is off by its own rounding; a gradient by that and by what it is made of.
  it.skipIf(!gpu.capabilities.f16).each(['subgroup', 'rows', 'columns', 'plain'])(
    'of f16, %s kernel',
    async (kernel) => {
      gpu.tuner.force = kernel;
      for (const { shape, axes } of [cases[3], cases[4], cases[5], cases[8]]) {
        const over = (axes ?? shape.map((_, i) => i)).map((axis) => (axis < 0 ? axis + shape.length : axis));
        await checkOp({
          inputs: [{ shape }],
          op: ([x]) => cast(op(cast(x, 'f16'), axes), 'f32'),
          reference: ([x]) => Float64Array.from(gathered(x, shape, over).map(f)),
          half: true,
          tolerance: 5e-4,
          gradientTolerance: 2e-3,
        });
      }
    },
  );

  it('keeps sides of 1 when asked', () => {
    const x = on(values(1, 30), [2, 3, 5]);
    expect(op(x, [0, 2], true).shape).toEqual([1, 3, 1]);
    expect(op(x, [0, 2]).shape).toEqual([3]);
    expect(op(x).shape).toEqual([1]);
    expect(() => op(x, [3])).toThrow(`${name}: input [2×3×5] has no axis 3; it takes -3 to 2`);
  });

  // Values in [0, 1), so that sums do not cancel: a tree of partial sums, each of at most some thousand terms, errs by less than
  // 2000 · 6e-8 if every rounding goes the same way, and by about √2000 · 6e-8 = 3e-6 as roundings go.
  it.each([
    { shape: [300007], axes: [0] },
    { shape: [3, 70001], axes: [1] },
    { shape: [40000, 8], axes: [0] },
    { shape: [40000, 3], axes: [0] },
    { shape: [2, 9001, 4], axes: [0, 1] },
    { shape: [600, 36], axes: [1] },
    { shape: [40, 132], axes: [0] },
  ])('$shape over $axes, by pieces', async ({ shape, axes }) => {
    const data = values(
      3,
      shape.reduce((product, n) => product * n),
    ).map(Math.abs);
    const expected = gathered(Float64Array.from(data), shape, axes).map(f);
    expect(relativeError(await op(on(data, shape), axes).floats(), expected, 1e-30)).toBeLessThan(3e-6);
  });
});

describe('corner cases', () => {
  it.each([max, min])('the gradient of an extreme goes to the first of equals (%o)', async (op) => {
    const tied = async (data: number[], shape: number[], axes?: number[]): Promise<number[]> => {
      const x = on(op === max ? data : data.map((v) => -v), shape);
      x.requiresGrad = true;
      scope(() => backward(sum(op(x, axes))));
      return [...(await x.grad!.floats())];
    };
    expect(await tied([1, 3, 3, 3], [4])).toEqual([0, 1, 0, 0]);
    expect(await tied([1, 2, 2, 1, 2, 2], [2, 3], [1])).toEqual([0, 1, 0, 0, 1, 0]);
    expect(await tied([0, 5, 5, 0, 5, 5, 5, 5], [2, 2, 2], [0, 2])).toEqual([0, 1, 1, 0, 0, 0, 0, 0]);
    const long = new Array(9000).fill(-1);
    long[4321] = long[8765] = 2;
    expect((await tied(long, [9000])).flatMap((v, i) => (v === 1 ? [i] : []))).toEqual([4321]);
  });

  it('an extreme of infinities is one', async () => {
    for (const n of [9, 99, 999])
      for (const value of [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])
        for (const op of [max, min]) expect(await op(on(new Array(n).fill(value), [n])).item()).toBe(value);
  });

  // A NaN with its sign set is below −∞ in the order of bits.
  it.each(['subgroup', 'rows', 'columns', 'plain'])(
    'an extreme of NaN is NaN, and takes the gradient (%s)',
    async (kernel) => {
      gpu.tuner.force = kernel;
      const negative = new Float32Array(Uint32Array.of(0xffc00000).buffer)[0];
      for (const shape of [[1000], [70001], [300, 8], [300, 3]])
        for (const [op, nan] of [
          [max, Number.NaN],
          [max, negative],
          [min, Number.NaN],
          [min, negative],
        ] as const) {
          const data = values(
            3,
            shape.reduce((a, b) => a * b),
          );
          const columns = shape[1] ?? 1;
          const at = 217 * columns;
          data[at] = nan;
          data[at + columns] = op === max ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
          const x = on(data, shape);
          x.requiresGrad = true;
          const y = op(x, 0);
          const highest = await y.floats();
          expect(highest[0]).toBeNaN();
          expect(highest.subarray(1).every(Number.isFinite)).toBe(true);
          scope(() => backward(sum(y)));
          const gradient = await x.grad!.floats();
          expect(gradient[at]).toBe(1);
          expect(gradient.reduce((total, v) => total + v)).toBe(columns);
        }
    },
  );

  it('the gradient of a norm at 0 is 0', async () => {
    const x = on([0, 0, 3, 4], [2, 2]);
    x.requiresGrad = true;
    scope(() => backward(sum(norm(x, 1))));
    expect(relativeError(await x.grad!.floats(), [0, 0, 0.6, 0.8])).toBeLessThan(2e-7);
  });

  // PyTorch's gradients: Π of the others.
  it('the gradient of a product is that of the others, with no, one and two zeros', async () => {
    const x = on([2, 3, 4, 0, 3, 4, 0, 3, 0, 0, -0, 0], [4, 3]);
    x.requiresGrad = true;
    scope(() => backward(prod(x, 1), { gradient: on([1, 2, 3, 4], [4]) }));
    expect([...(await x.grad!.floats())]).toEqual([12, 8, 6, 24, 0, 0, 0, 0, 0, 0, 0, 0]);
    const all = on([2, 0, 5, 3], [2, 2]);
    all.requiresGrad = true;
    scope(() => backward(prod(all)));
    expect([...(await all.grad!.floats())]).toEqual([0, 30, 0, 0]);
  });

  it('a variance is that of a sample, and keeps its digits far from 0', async () => {
    const x = on([10001, 10002, 10004, 10005], [4]);
    expect(await variance(x).item()).toBeCloseTo(10 / 3, 5);
    expect(await std(x).item()).toBeCloseTo(Math.sqrt(10 / 3), 5);
    expect(await variance(x, 0, true, { correction: 2 }).item()).toBeCloseTo(5, 5);
    expect(await variance(on([3], [1])).item()).toBeNaN();
    for (const correction of [-1, Number.NaN])
      expect(() => std(x, 0, false, { correction })).toThrow(
        `std: correction is ${correction}, it must be a number from 0`,
      );
    x.requiresGrad = true;
    scope(() => backward(variance(x)));
    expect(relativeError(await x.grad!.floats(), [-4 / 3, -2 / 3, 2 / 3, 4 / 3])).toBeLessThan(1e-6);
  });

  it('a sum of powers does not overflow, and is −∞ of nothing', async () => {
    const nothing = Number.NEGATIVE_INFINITY;
    const x = on([1000, 1000, -1000, -1001, nothing, nothing, nothing, 5], [4, 2]);
    x.requiresGrad = true;
    const y = logSumExp(x, 1);
    const expected = [1000 + Math.LN2, -1000 + Math.log1p(Math.exp(-1)), nothing, 5].map(Math.fround);
    expect(
      (await y.floats()).map((v, i) => (v === expected[i] ? 0 : v - expected[i])).every((v) => Math.abs(v) < 1e-4),
    ).toBe(true);
    scope(() => backward(sum(y)));
    // Half a unit in the last place of 1000 is 3e-5, and the exponents are off by that.
    const share = 1 / (1 + Math.exp(-1));
    expect(relativeError(await x.grad!.floats(), [0.5, 0.5, share, 1 - share, 0, 0, 0, 1])).toBeLessThan(4e-5);
    for (const special of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(Object.is(await logSumExp(on([1, special, 2], [3])).item(), special)).toBe(true);
  });

  it('gives the same bits twice', async () => {
    const x = on(values(9, 100003), [100003]);
    const [first, second] = [sum(x), sum(x)];
    expect(await second.floats()).toEqual(await first.floats());
  });
});
