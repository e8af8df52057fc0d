// softmax and logSoftmax against float64: along every axis, on every kernel, then values at the ends of f32, and long axes.
import { afterEach, describe, expect, it } from 'vitest';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { logSoftmax, softmax } from '../../../src/ops/reduce/softmax.ts';
import type { Shape } from '../../../src/tensor/tensor.ts';
import { everyIndex, place } from '../../support/arrays.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

afterEach(() => {
  gpu.tuner.force = undefined;
});

const along = (x: Float64Array, shape: Shape, axis: number, log: boolean): Float64Array => {
  const kept = shape.map((n, i) => (i === (axis + shape.length) % shape.length ? 1 : n));
  const count = kept.reduce((a, b) => a * b);
  const [highest, total] = [new Float64Array(count).fill(Number.NEGATIVE_INFINITY), new Float64Array(count)];
  const each = (visit: (group: number, flat: number) => void): void =>
    everyIndex(shape, (at, flat) => visit(place(kept, at), flat));
  each((group, i) => {
    highest[group] = Math.max(highest[group], x[i]);
  });
  each((group, i) => {
    total[group] += Math.exp(x[i] - highest[group]);
  });
  const y = new Float64Array(x.length);
  each((group, i) => {
    const gap = x[i] - highest[group];
    y[i] = log ? gap - Math.log(total[group]) : Math.exp(gap) / total[group];
  });
  return y;
};

const cases: [shape: number[], axis: number][] = [
  [[1], 0],
  [[3, 5], -1],
  [[5, 128], 1],
  [[2, 3, 301], 2],
  [[301, 3], 0],
  [[40, 8], 0],
  [[2, 7, 3, 4], 1],
  [[2, 3, 1, 5], 2],
  [[600, 36], 1],
  [[40, 132], 0],
];

describe.each([
  ['softmax', softmax, false],
  ['logSoftmax', logSoftmax, true],
] as const)('%s', (_, op, log) => {
  it.each(['subgroup', 'rows', 'columns', 'plain'])('on the %s kernel', async (kernel) => {
    gpu.tuner.force = kernel;
    for (const [shape, axis] of cases) {
      const job = {
        inputs: [{ shape }],
        samples: shape[0] < 40 ? 24 : 4,
        reference: ([x]: Float64Array[]) => along(x, shape, axis, log),
      };
      await checkOp({ ...job, op: ([x]) => op(x, axis) });
      if (gpu.capabilities.f16 && shape.length === 2 && shape[0] < 40 && shape[1] !== 3)
        await checkOp({
          ...job,
          op: ([x]) => cast(op(cast(x, 'f16'), axis), 'f32'),
          half: true,
          tolerance: 5e-4,
          gradientTolerance: 2e-3,
        });
    }
  });

  it('of values that f32 ends with', async () => {
    const big = 1.5e38;
    for (const row of [
      [big, -big, 0, 1],
      [big, big, -big, 0],
      [-big, -big, -big, -big],
      [100, 101, 102, 103],
    ])
      for (const axis of [0, 1]) {
        const x = on([...row, ...row.map((v) => v / 2)], axis === 1 ? [2, 4] : [4, 2]);
        const expected = along(Float64Array.from(await x.floats()), x.shape, axis, log);
        expect(relativeError(await op(x, axis).floats(), expected), `${row}`).toBeLessThan(1e-6);
      }
  });

  it('is NaN all along where a value is NaN or ∞, or all are −∞', async () => {
    for (const n of [4, 5, 128, 131])
      for (const [special, everywhere] of [
        [Number.NaN, false],
        [Number.POSITIVE_INFINITY, false],
        [Number.NEGATIVE_INFINITY, true],
      ] as const)
        for (const shape of [
          [2, n],
          [n, 2],
        ]) {
          const axis = shape[0] === 2 ? 1 : 0;
          const first = (i: number): boolean => (axis === 1 ? i < n : i % 2 === 0);
          const data = values(n, 2 * n).map((v, i) => (first(i) && (everywhere || i < 2) ? special : v));
          const y = await op(on(data, shape), axis).floats();
          expect(
            y.every((v, i) => Number.isNaN(v) === first(i)),
            `${special} in ${n} along ${axis}`,
          ).toBe(true);
        }
  });

  it('leaves out what is −∞', async () => {
    const y = await op(on([0, Number.NEGATIVE_INFINITY, 0], [3])).floats();
    const half = Math.fround(Math.LN2);
    expect([...y]).toEqual(log ? [-half, Number.NEGATIVE_INFINITY, -half] : [0.5, 0, 0.5]);
  });

  // Equal values: all roundings go the same way.
  it('along 300,000 equal values', async () => {
    for (const shape of [[300_000], [300_000, 2]]) {
      const y = await op(on(new Float32Array(shape[0] * (shape[1] ?? 1)).fill(0.1), shape), 0).floats();
      const expected = log ? -Math.log(300_000) : 1 / 300_000;
      expect(Math.abs(y[7] / expected - 1)).toBeLessThan(2e-5);
    }
  });

  it('refuses other axes and dtypes', () => {
    const name = log ? 'logSoftmax' : 'softmax';
    expect(() => op(on([1, 2], [2]), 1)).toThrow(`${name}: input [2] has no axis 1; it takes -1 to 0`);
    expect(() => op(on([1, 2], [2], 'u32'))).toThrow(`${name}: input [2] is u32, it must be f32 or f16`);
  });
});
