// What a comparison rests on: medians of interleaved times, and a measure of disagreement that NaN cannot slip through.

/** Of the two middle values the mean. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

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
