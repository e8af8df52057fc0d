// A histogram counts every finite value once, in the bin whose limits it lies between.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { histogramOf } from '../../../src/report/tables/histogram.ts';

test('a histogram counts values of all parts up to the limit of their bin', () => {
  const { limits, counts, ...sums } = histogramOf([Float32Array.of(0, 0.25, 0.5), Float32Array.of(0.75, 1)], 4);
  expect(limits).toEqual([0.25, 0.5, 0.75, 1]);
  expect(counts).toEqual([2, 1, 1, 1]);
  expect(sums).toEqual({ min: 0, max: 1, count: 5, sum: 2.5, sumSquares: 1.875 });
});

test('a histogram holds every finite value, and reaches as far as they do', () => {
  fc.assert(
    fc.property(fc.float32Array(), (values) => {
      const finite = [...values].filter(Number.isFinite);
      const { limits, counts, count } = histogramOf([values]);
      expect(count).toBe(finite.length);
      expect(counts.reduce((sum, n) => sum + n, 0)).toBe(finite.length);
      expect(limits).toHaveLength(counts.length);
      if (finite.length > 0) expect(limits.at(-1)).toBeGreaterThanOrEqual(Math.max(...finite));
    }),
  );
});

test('a histogram of nothing is empty', () => expect(histogramOf([])).toMatchObject({ count: 0, counts: [0] }));
