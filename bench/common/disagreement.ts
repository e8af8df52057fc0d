// How far two results are apart, by a measure that NaN cannot slip through.

/**
 * Largest difference relative to the largest magnitude of `expected`. Infinite where lengths differ, either side is not finite, or `expected` is
 * nothing but zeros: on random data that is a kernel that did not run. Exactly 0 is possible: both sides may add in the same order.
 */
export function disagreement(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length || actual.length === 0) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const gap = Math.abs(actual[i] - expected[i]);
    if (!Number.isFinite(gap)) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, gap);
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return largest > 0 ? worst / largest : Number.POSITIVE_INFINITY;
}
