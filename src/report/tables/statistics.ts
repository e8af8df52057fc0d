// What a comparison over seeds rests on: mean and spread, and how far a paired difference can be trusted when there are only a few seeds.

/** Count, mean and standard deviation of a sample. */
export interface Summary {
  n: number;
  mean: number;
  /** Of the sample (n − 1 in the denominator); absent with fewer than two values. */
  std?: number;
}

/** Mean and sample standard deviation. NaN as the mean of nothing. */
export function summarize(values: readonly number[]): Summary {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { n, mean };
  return { n, mean, std: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)) };
}

/** A median, and the interval that holds the true one with a chance of 98 % or more. */
export interface Spread {
  median: number;
  low: number;
  high: number;
}

/** The largest share of samples whose interval misses the median. */
const MISSED = 0.02;

/** Median and interval of samples that depend on nothing but their order: the k-th smallest and largest, by the signs' binomial distribution. With fewer than seven the whole range. */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const n = sorted.length;
  let chance = 0.5 ** n;
  let below = chance;
  let k = 0;
  for (let next = k + 1; next < n / 2; next++) {
    chance *= (n - next + 1) / next;
    below += chance;
    if (2 * below > MISSED) break;
    k = next;
  }
  return {
    median: n % 2 ? sorted[n >> 1] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2,
    low: sorted[k],
    high: sorted[n - 1 - k],
  };
}

/** Does a ratio's interval hold 1? Then there is no difference that could be told from noise. */
export const isNoDifference = ({ low, high }: Spread): boolean => low <= 1 && high >= 1;

/** A mean difference over pairs, with its confidence interval. */
export interface Difference extends Summary {
  /** The 95 % interval of the mean difference; absent with fewer than two pairs. */
  low?: number;
  high?: number;
}

/**
 * The mean of `a − b` over the keys (seeds) that both have, with its 95 % interval by Student's t at n − 1 degrees of freedom. Pairing takes out what
 * a seed does to both sides.
 */
export function pairedDifference<K>(a: ReadonlyMap<K, number>, b: ReadonlyMap<K, number>): Difference {
  const gaps = [...a].flatMap(([key, value]) => (b.has(key) ? [value - b.get(key)!] : []));
  const summary = summarize(gaps);
  const { n, mean, std } = summary;
  if (std === undefined) return summary;
  const half = (studentQuantile(0.975, n - 1) * std) / Math.sqrt(n);
  return { ...summary, low: mean - half, high: mean + half };
}

/** Does the interval lie above 0? Without an interval nothing is shown. */
export const isAbove = ({ low }: Difference): boolean => low !== undefined && low > 0;

/** The value that Student's t with `degrees` (whole, ≥ 1) stays below with probability `p` in (0.5, 1), to ten digits. */
export function studentQuantile(p: number, degrees: number): number {
  let [low, high] = [0, 1];
  while (studentBelow(high, degrees) < p) high *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (studentBelow(middle, degrees) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(T ≤ t) for t ≥ 0: the finite sums for whole degrees (Abramowitz and Stegun, 26.7.3 and 26.7.4). */
function studentBelow(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const odd = degrees % 2 === 1;
  let term = odd ? cos : 1;
  let sum = 0;
  for (let k = odd ? 1 : 0; k <= degrees - 2; k += 2) {
    sum += term;
    term *= (cos * cos * (k + 1)) / (k + 2);
  }
  const within = odd ? (2 / Math.PI) * (angle + sin * sum) : sin * sum;
  return (1 + within) / 2;
}
