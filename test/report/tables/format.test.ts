// How numbers and durations read, at the edges where rounding carries over.
import { expect, test } from 'vitest';
import { formatCount, formatDuration, formatNumber, formatPercent } from '../../../src/report/tables/format.ts';

test.each([
  [0, '0.0 s'],
  [3.44, '3.4 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min 00 s'],
  [200, '3 min 20 s'],
  [3599.7, '1 h 00 min'],
  [7500, '2 h 05 min'],
  [86_399, '1 d 00 h'],
  [100_000, '1 d 04 h'],
  [-1, '0.0 s'],
  [Number.NaN, '?'],
  [Number.POSITIVE_INFINITY, '?'],
])('%d seconds read %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [11_173_962, '11,173,962'],
])('the count %d reads %s', (count, text) => {
  expect(formatCount(count)).toBe(text);
});

test('shares and measured numbers', () => {
  expect(formatPercent(0.9435)).toBe('94.35 %');
  expect(formatPercent(1, 0)).toBe('100 %');
  expect(formatPercent(Number.NaN)).toBe('?');
  expect([0, 1.23456, 0.0123456, 12_345.6, 1.23e-5, 2.5e7].map(formatNumber)).toEqual([
    '0',
    '1.235',
    '0.01235',
    '12346',
    '1.2e-5',
    '2.5e7',
  ]);
});
