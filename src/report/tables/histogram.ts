// How often values fall where: what the report draws of gates, and what TensorBoard gets of them.
import type { Histogram } from '../types.ts';

/** Of the values of all parts. The bins reach from 0 to 1, and further where values do; values that are not finite are left out. */
export function histogramOf(parts: readonly Float32Array[], bins = 40): Histogram {
  let [min, max, count, sum, sumSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (const value of finite(parts)) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    count++;
    sum += value;
    sumSquares += value * value;
  }
  if (count === 0) return { min: 0, max: 0, count, sum, sumSquares, limits: [1], counts: [0] };
  const low = Math.min(0, min);
  const high = Math.max(1, max);
  const width = (high - low) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of finite(parts)) counts[Math.max(0, Math.min(bins - 1, Math.ceil((value - low) / width) - 1))]!++;
  const limits = counts.map((_, i) => (i === bins - 1 ? high : low + (i + 1) * width));
  return { min, max, count, sum, sumSquares, limits, counts };
}

function* finite(parts: readonly Float32Array[]): Generator<number> {
  for (const part of parts) for (const value of part) if (Number.isFinite(value)) yield value;
}
