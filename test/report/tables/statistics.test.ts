// Mean, spread and intervals against values worked out by hand and against the printed tables of Student's t.
import { describe, expect, it } from 'vitest';
import {
  isAbove,
  isNoDifference,
  pairedDifference,
  spreadOf,
  studentQuantile,
  summarize,
} from '../../../src/report/tables/statistics.ts';
import { normalArray } from '../../../src/tensor/random.ts';

describe('spreadOf', () => {
  it('is the median, and samples around it by the binomial distribution of signs', () => {
    expect(spreadOf([3])).toEqual({ median: 3, low: 3, high: 3 });
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, low: 1, high: 4 });
    // The fifth of 21 from either end: P(B ≤ 4) = 0.0036 on each side, P(B ≤ 5) = 0.0133.
    expect(spreadOf(Array.from({ length: 21 }, (_, i) => i))).toEqual({ median: 10, low: 4, high: 16 });
    expect(spreadOf([7, 6, 5, 4, 3, 2, 1])).toEqual({ median: 4, low: 1, high: 7 });
  });

  it('holds 1 for two that are alike, nearly always, and not for two that are not', () => {
    let missed = 0;
    for (let trial = 0; trial < 500; trial++) {
      const noise = normalArray(42, trial, 7).map((value) => Math.exp(0.2 * value));
      const ratios = Array.from({ length: 21 }, (_, i) => noise[2 * i] / noise[2 * i + 1]);
      if (!isNoDifference(spreadOf(ratios))) missed++;
      expect(isNoDifference(spreadOf(ratios.map((ratio) => 0.4 * ratio)))).toBe(false);
    }
    // 0.7 % are expected: 3.6 of 500, with a deviation of 1.9.
    expect(missed).toBeLessThan(12);
  });
});

describe('summarize', () => {
  it('gives the mean and the sample standard deviation', () => {
    // Deviations −2, 0, 2: the sum of squares is 8, halved is 4.
    expect(summarize([1, 3, 5])).toEqual({ n: 3, mean: 3, std: 2 });
  });

  it('has no spread for one value, and no mean for none', () => {
    expect(summarize([7])).toEqual({ n: 1, mean: 7 });
    expect(summarize([]).mean).toBeNaN();
  });
});

describe('studentQuantile', () => {
  // Two-sided 95 %, as printed in any table of the distribution.
  it.each([
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [5, 2.571],
    [9, 2.262],
    [10, 2.228],
    [30, 2.042],
    [120, 1.98],
  ])('%i degrees: %f', (degrees, expected) => {
    expect(studentQuantile(0.975, degrees)).toBeCloseTo(expected, 3);
  });

  it('is exact where a formula is: tan for one degree', () => {
    expect(studentQuantile(0.975, 1)).toBeCloseTo(Math.tan(0.475 * Math.PI), 9);
  });
});

describe('pairedDifference', () => {
  const of = (...pairs: [number, number][]): Map<number, number> => new Map(pairs);

  it('pairs by key, whatever the order, and leaves out what only one side has', () => {
    // Differences 1, 2, 3: std 1, so the interval is 2 ± 4.303/√3.
    const found = pairedDifference(of([1, 11], [2, 22], [3, 33], [5, 0]), of([3, 30], [1, 10], [2, 20], [4, 0]));
    expect(found).toMatchObject({ n: 3, mean: 2, std: 1 });
    expect(found.low).toBeCloseTo(2 - 4.30265 / Math.sqrt(3), 4);
    expect(found.high).toBeCloseTo(2 + 4.30265 / Math.sqrt(3), 4);
    expect(isAbove(found)).toBe(false);
  });

  it('is above 0 when the whole interval is', () => {
    expect(isAbove(pairedDifference(of([1, 11], [2, 21.1], [3, 31]), of([1, 10], [2, 20], [3, 30])))).toBe(true);
  });

  it('has no interval for one pair, and shows nothing', () => {
    const one = pairedDifference(of([1, 50]), of([1, 10]));
    expect(one).toEqual({ n: 1, mean: 40 });
    expect(isAbove(one)).toBe(false);
  });
});
