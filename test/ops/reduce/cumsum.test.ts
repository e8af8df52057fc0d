// cumsum against float64: lengths around those of pieces and pieces of pieces, every axis and direction; gradients; 10⁶ values.
import { describe, expect, it } from 'vitest';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { cumsum } from '../../../src/ops/reduce/cumsum.ts';
import { everyIndex } from '../../support/arrays.ts';
import { checkOp } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { generator } from '../../support/random.ts';

interface Way {
  exclusive: boolean;
  reverse: boolean;
}

function running(x: Float64Array, shape: number[], axis: number, { exclusive, reverse }: Way): Float64Array {
  const step = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const n = shape[axis];
  const y = new Float64Array(x.length);
  everyIndex(shape, (at, flat) => {
    if (at[axis] > 0) return;
    let sum = 0;
    for (let k = 0; k < n; k++) {
      const i = flat + (reverse ? n - 1 - k : k) * step;
      if (!exclusive) sum += x[i];
      y[i] = sum;
      if (exclusive) sum += x[i];
    }
  });
  return y;
}

const cases: [shape: number[], axis: number][] = [
  [[1], 0],
  [[32], 0],
  [[3, 33], 1],
  [[65, 3], 0],
  [[2, 70, 4], 1],
  [[1100], 0],
  [[5, 2, 3], 0],
];

describe.each<Way>([
  { exclusive: false, reverse: false },
  { exclusive: true, reverse: false },
  { exclusive: false, reverse: true },
  { exclusive: true, reverse: true },
])('exclusive: $exclusive, reverse: $reverse', (way) => {
  it('is the running sum along each axis', async () => {
    for (const [shape, axis] of cases) {
      const job = { inputs: [{ shape }], reference: ([x]: Float64Array[]) => running(x, shape, axis, way) };
      await checkOp({ ...job, op: ([x]) => cumsum(x, axis, way) });
      // A sum of f16 is off by its own rounding.
      if (gpu.capabilities.f16 && shape.length === 2)
        await checkOp({
          ...job,
          op: ([x]) => cast(cumsum(cast(x, 'f16'), axis, way), 'f32'),
          half: true,
          tolerance: 5e-4,
          gradientTolerance: 2e-3,
        });
    }
  });
});

// Rows of at most 32 additions on four levels. Of equal values, whose roundings all go the same way, a level is off by at most 31 · 2⁻²⁵ ≈ 9e-7 of its sums.
it.each([
  ['random values', 1e-6],
  ['equal values', 4e-6],
] as const)('of 10⁶ %s keeps its digits', async (name, most) => {
  const next = generator(3);
  const data = Float32Array.from({ length: 1e6 }, () => (name === 'equal values' ? 0.1 : next()));
  const x = on(data, [1e6]);
  const y = await cumsum(x).floats();
  let [sum, worst] = [0, 0];
  data.forEach((v, i) => {
    sum += v;
    worst = Math.max(worst, Math.abs(y[i] / sum - 1));
  });
  expect(worst).toBeLessThan(most);
  const again = await cumsum(x).floats();
  expect(again.every((v, i) => v === y[i])).toBe(true);
  x.release();
});

it('counts from the last side, and passes NaN on but not back', async () => {
  const x = on([1, Number.NaN, 2, 3, 4, 5], [2, 3]);
  expect([...(await cumsum(x).floats())]).toEqual([1, Number.NaN, Number.NaN, 3, 7, 12]);
  expect([...(await cumsum(x, -2, { exclusive: true }).floats())]).toEqual([0, 0, 0, 1, Number.NaN, 2]);
  expect(() => cumsum(x, 2)).toThrow('cumsum: input [2×3] has no axis 2; it takes -2 to 1');
  expect(() => cumsum(on([1], [1], 'u32'))).toThrow('cumsum: input [1] is u32, it must be f32 or f16');
});
