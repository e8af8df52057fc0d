// Batch normalization in float64, and what its tests go through: fusions, and the kernels that a GPU would get.
import { afterAll, beforeAll } from 'vitest';
import { gpu } from './gpu.ts';

const EPS = 1e-5;

/** Mean and population variance of each channel. */
export function moments(x: ArrayLike<number>, channels: number): { mean: Float64Array; variance: Float64Array } {
  const n = x.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  for (let i = 0; i < x.length; i++) mean[i % channels] += x[i] / n;
  for (let i = 0; i < x.length; i++) variance[i % channels] += (x[i] - mean[i % channels]) ** 2 / n;
  return { mean, variance };
}

export interface Mode {
  relu: boolean;
  /** Fixed statistics. */
  mean?: ArrayLike<number>;
  variance?: ArrayLike<number>;
}

/** The op in float64. Which outputs the ReLU lets through is settled by the first call: differences across its kink are no derivative. */
export function referenceOf({ relu, mean, variance }: Mode): (inputs: Float64Array[]) => Float64Array {
  let open: boolean[] | undefined;
  return ([x, gamma, beta, residual]) => {
    const channels = gamma.length;
    const own = mean && variance ? { mean, variance } : moments(x, channels);
    const y = x.map((v, i) => {
      const c = i % channels;
      return ((v - own.mean[c]) / Math.sqrt(own.variance[c] + EPS)) * gamma[c] + beta[c] + (residual ? residual[i] : 0);
    });
    open ??= Array.from(y, (v) => !relu || v > 0);
    return y.map((v, i) => (open![i] ? v : 0));
  };
}

/** relu and residual, in all combinations. */
export const fusions = [0, 1, 2, 3].map((bits) => ({ relu: (bits & 1) > 0, residual: (bits & 2) > 0 }));

/** Runs a block of tests with the kernels that a GPU would get, where the adapter is a software one. */
export function asOnGpu(): void {
  const { software } = gpu.adapter;
  beforeAll(() => {
    gpu.adapter.software = false;
  });
  afterAll(() => {
    gpu.adapter.software = software;
  });
}
