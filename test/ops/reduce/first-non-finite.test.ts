// The first NaN or infinity, wherever it hides; the undefined slack behind the last element is not looked at.
import { expect, it } from 'vitest';
import { ALL_FINITE, firstNonFinite } from '../../../src/ops/reduce/first-non-finite.ts';
import { on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

it.each([1, 5, 7, 100003])('none among %d', async (n) => {
  expect(await firstNonFinite(on(values(1, n), [n])).item()).toBe(ALL_FINITE);
});

it.each([
  { n: 1, bad: [0], value: Number.NaN },
  { n: 7, bad: [6, 3], value: Number.POSITIVE_INFINITY },
  { n: 70001, bad: [70000], value: Number.NEGATIVE_INFINITY },
  { n: 70001, bad: [69999, 16390, 50000], value: Number.NaN },
])('$value at $bad of $n', async ({ n, bad, value }) => {
  const x = values(2, n);
  for (const at of bad) x[at] = value;
  expect(await firstNonFinite(on(x, [n])).item()).toBe(Math.min(...bad));
});

it('takes f32 only, largest magnitudes included', async () => {
  expect(await firstNonFinite(on([3.4028234663852886e38, -3.4028234663852886e38], [2])).item()).toBe(ALL_FINITE);
  expect(() => firstNonFinite(on([1], [1], 'u32'))).toThrow('must be f32');
});
