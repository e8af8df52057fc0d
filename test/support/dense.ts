// A small dense block, as DenseNet has them (norm, ReLU, convolution; each layer reads all before it), joined by place or by concat, and in float64.

import { conv2d } from '../../src/ops/conv/conv2d.ts';
import { cast } from '../../src/ops/elementwise/cast.ts';
import { batchNorm } from '../../src/ops/norm/batch-norm.ts';
import { concat } from '../../src/ops/shape/concat.ts';
import { writeChannels } from '../../src/ops/shape/write-channels.ts';
import { count, empty, type Tensor } from '../../src/tensor/tensor.ts';
import type { Input } from './check.ts';
import { gpu } from './gpu.ts';
import { referenceOf } from './norm.ts';

export interface Dense {
  /** N×H×W×C of what comes in. */
  shape: number[];
  /** Channels that each layer adds. */
  growth: number[];
}

const last = (shape: readonly number[]): number => shape[shape.length - 1];

/** Channels before each layer, and after the last. */
const widths = ({ shape, growth }: Dense): number[] =>
  [0, ...growth].map((_, i) => growth.slice(0, i).reduce((sum, n) => sum + n, last(shape)));

/** x; scale, shift and weight of each layer; scale and shift of the norm after the block. */
export function denseInputs(dense: Dense): Input[] {
  const reached = widths(dense);
  const norm = (n: number): Input[] => [{ shape: [n] }, { shape: [n] }];
  return [
    { shape: dense.shape },
    ...dense.growth.flatMap((n, i) => [...norm(reached[i]), { shape: [1, 1, reached[i], n] }]),
    ...norm(last(reached)),
  ];
}

const as = (x: Tensor, dtype: 'f32' | 'f16'): Tensor => (x.dtype === dtype ? x : cast(x, dtype));

type Join = 'place' | 'concat';

/** The block on f32 tensors, stored and computed as f32 or f16. */
export function denseBlock({ shape, growth }: Dense, join: Join, stored: 'f32' | 'f16' = 'f32') {
  return ([x, ...parameters]: Tensor[]): Tensor => {
    const total = last(widths({ shape, growth }));
    const norm = (input: Tensor): Tensor =>
      batchNorm(input, parameters[at++], parameters[at++], { training: true, relu: true });
    let at = 0;
    let reached = last(shape);
    let block = as(x, stored);
    if (join === 'place') block = writeChannels(empty(gpu, [...shape.slice(0, -1), total], 'block', stored), block, 0);
    for (const n of growth) {
      const y = conv2d(norm(block), parameters[at++]);
      block = join === 'place' ? writeChannels(block, y, reached) : concat([block, y], -1);
      reached += n;
    }
    return as(norm(block), 'f32');
  };
}

/** The same in float64. */
export function denseReference({ shape, growth }: Dense): (inputs: Float64Array[]) => Float64Array {
  const norms = Array.from({ length: growth.length + 1 }, () => referenceOf({ relu: true }));
  const rows = count(shape) / last(shape);
  return ([x, ...parameters]) => {
    let block = x;
    for (const [k, n] of growth.entries()) {
      const [gamma, beta, w] = parameters.slice(3 * k);
      const h = norms[k]([block, gamma, beta]);
      const width = h.length / rows;
      const wider = new Float64Array(rows * (width + n));
      for (let row = 0; row < rows; row++) {
        wider.set(block.subarray(row * width, (row + 1) * width), row * (width + n));
        for (let o = 0; o < n; o++) {
          let sum = 0;
          for (let c = 0; c < width; c++) sum += h[row * width + c] * w[c * n + o];
          wider[row * (width + n) + width + o] = sum;
        }
      }
      block = wider;
    }
    return norms[growth.length]([block, ...parameters.slice(-2)]);
  };
}
