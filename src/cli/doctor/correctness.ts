// Do kernels compute what they should on this adapter? A product and a convolution against the same on the CPU, in float64.
import { AstroError, type Gpu } from '../../gpu/index.ts';
import { conv2d, matmul } from '../../ops/index.ts';
import { type Tensor, tensor, uniformArray } from '../../tensor/index.ts';
import type { Finding } from './finding.ts';

/** Sums of at most 64 products of numbers up to 1 in float32, against one that is of the order of 1. */
const TOLERANCE = 1e-4;

const random = (length: number, stream: number): Float32Array => uniformArray(length, 7, stream).map((x) => 2 * x - 1);

export async function correctnessFindings(gpu: Gpu): Promise<Finding[]> {
  return [
    await compare('a matrix product', () => product(gpu)),
    await compare('a convolution', () => convolution(gpu)),
  ];
}

async function compare(name: string, run: () => { found: Tensor; wanted: Float64Array }): Promise<Finding> {
  try {
    const { found, wanted } = run();
    const values = await found.floats();
    const error = wanted.reduce((most, value, i) => Math.max(most, Math.abs(values[i] - value)), 0);
    // A NaN stays the maximum, and is no error that is small enough.
    return error <= TOLERANCE
      ? { state: 'ok', what: `${name} is right to ${error.toExponential(1)}` }
      : {
          state: 'failure',
          what: `${name} is wrong on this adapter, by ${error.toExponential(1)}`,
          advice: 'update the driver; results from this adapter cannot be trusted',
        };
  } catch (error) {
    const reason = error instanceof AstroError ? error.message : String(error);
    return { state: 'failure', what: `${name} fails: ${reason}`, advice: 'update the driver' };
  }
}

function product(gpu: Gpu): { found: Tensor; wanted: Float64Array } {
  const [m, k, n] = [13, 64, 17];
  const [a, b] = [random(m * k, 0), random(k * n, 1)];
  const wanted = Float64Array.from({ length: m * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let i = 0; i < k; i++) sum += a[row * k + i] * b[i * n + column];
    return sum;
  });
  return { found: matmul(tensor(gpu, a, [m, k]), tensor(gpu, b, [k, n])), wanted };
}

function convolution(gpu: Gpu): { found: Tensor; wanted: Float64Array } {
  const [side, ci, co] = [7, 5, 6];
  const [x, w] = [random(side * side * ci, 2), random(9 * ci * co, 3)];
  const wanted = Float64Array.from({ length: side * side * co }, (_, at) => {
    const [position, o] = [Math.floor(at / co), at % co];
    const [y0, x0] = [Math.floor(position / side) - 1, (position % side) - 1];
    let sum = 0;
    for (let tap = 0; tap < 9; tap++) {
      const [row, column] = [y0 + Math.floor(tap / 3), x0 + (tap % 3)];
      if (row < 0 || column < 0 || row >= side || column >= side) continue;
      for (let i = 0; i < ci; i++) sum += x[(row * side + column) * ci + i] * w[(tap * ci + i) * co + o];
    }
    return sum;
  });
  const found = conv2d(tensor(gpu, x, [1, side, side, ci]), tensor(gpu, w, [3, 3, ci, co]), { padding: 1 });
  return { found, wanted };
}
