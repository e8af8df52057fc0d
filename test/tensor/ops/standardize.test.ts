// standardize against float64: one long row, many short ones, lengths that are no multiple of four, rows without spread.
import { describe, expect, it } from 'vitest';
import { noGrad, TensorError } from '../../../src/tensor/index.ts';
import { standardize } from '../../../src/tensor/ops/standardize.ts';
import { checkOp } from '../../support/check.ts';
import { on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

function reference(x: Float64Array, length: number, eps: number): Float64Array {
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += length) {
    const row = x.subarray(start, start + length);
    const mean = row.reduce((sum, v) => sum + v, 0) / length;
    const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / length;
    for (let i = 0; i < length; i++) y[start + i] = (row[i] - mean) / Math.sqrt(variance + eps);
  }
  return y;
}

describe.each([
  [1, 2],
  [3, 7],
  [257, 3],
  [2, 64],
  [5, 1000],
  [1, 4099],
  [2, 20_000],
])('%i rows of %i', (rows, length) => {
  // Up to three levels of sums and a division by a deviation of about 0.6: some ten roundings of 6e-8 on values of a few.
  it.each([1e-5, 1e-12])('eps %d', (eps) =>
    checkOp({
      inputs: [{ shape: [rows, length] }],
      tolerance: 5e-6,
      samples: 6,
      op: ([x]) => standardize(x, eps),
      reference: ([x]) => reference(x, length, eps),
    }),
  );
});

it('a row of 262,144 is as exact as a short one', async () => {
  const length = 512 * 512;
  const data = values(3, length).map((v) => Math.fround(v + 10));
  const y = await noGrad(() => standardize(on(data, [1, length]), 1e-12)).floats();
  const expected = reference(Float64Array.from(data), length, 1e-12);
  // The mean, near 10, rounds at 4.8e-7, which moves all values by that over a deviation of 0.58.
  let worst = 0;
  for (let i = 0; i < length; i++) worst = Math.max(worst, Math.abs(y[i] - expected[i]));
  expect(worst).toBeLessThan(3e-6);
});

it('a row without spread becomes zeros', async () => {
  const y = await noGrad(() => standardize(on([3, 3, 3, 3, 3, 7], [6, 1]), 1e-5)).floats();
  expect(y).toEqual(new Float32Array(6));
  const flat = await noGrad(() => standardize(on(new Float32Array(40).fill(0.1), [2, 20]), 1e-12)).floats();
  expect(flat.every((v) => v === 0)).toBe(true);
});

it('names what does not fit', () => {
  expect(() => standardize(on([1, 2], [2]), 1e-5)).toThrow(TensorError);
});
