// How often values fall where: what the report draws of gates, and what TensorBoard gets of them.

/** A count of values in bins of one width. */
export interface Histogram {
  min: number;
  max: number;
  /** How many values there are. */
  count: number;
  sum: number;
  sumSquares: number;
  /** Upper ends of the bins, rising. The first begins at 0, or at the least value where that is negative. */
  limits: number[];
  /** Values in each bin: above the limit before it, up to its own. Those at the lower end are in the first. */
  counts: number[];
}

/** The bins reach from 0 to 1, and further where values do; values that are not finite are left out. */
export function histogramOf(values: ArrayLike<number>, bins = 40): Histogram {
  let [min, max, count, sum, sumSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    count++;
    sum += value;
    sumSquares += value * value;
  }
  if (count === 0) return { min: 0, max: 0, count, sum, sumSquares, limits: [1], counts: [0] };
  const low = Math.min(0, min);
  const width = (Math.max(1, max) - low) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isFinite(value)) counts[Math.max(0, Math.min(bins - 1, Math.ceil((value - low) / width) - 1))]!++;
  }
  const limits = counts.map((_, i) => low + (i + 1) * width);
  return { min, max, count, sum, sumSquares, limits, counts };
}
