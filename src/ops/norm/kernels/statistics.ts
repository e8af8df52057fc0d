// Statistics of each channel, or running ones, as the coefficients with which shaders/norm/normalize.wgsl maps values.
import { f32, params } from '../../../gpu/index.ts';
import { empty, type Tensor } from '../../../tensor/index.ts';
import { channelLayout, type Layout, reduceLaunch, split, trafficOf, typesFor } from './layout.ts';

/** Fixed statistics, or those to be updated: running ← (1 − momentum)·running + momentum·batch. */
export interface Running {
  mean: Tensor;
  variance: Tensor;
  /** Default 0.1. */
  momentum?: number;
}

/** Of batch normalization, f32 [C] each: scale and shift, or their gradients. */
export interface Affine {
  gamma: Tensor;
  beta: Tensor;
}

/** Coefficients from the statistics of x itself, f32 or f16, for `normalize`; updates `running`. */
export function batchCoefficients(
  x: Tensor,
  layout: Layout,
  eps: number,
  { gamma, beta }: Affine,
  running?: Running,
): Tensor {
  const { gpu } = x;
  const { positions, channels } = layout;
  const { width, length, period, gap } = channelLayout(layout);
  const { elements, bytes } = trafficOf(x, layout);
  const { entry, constants, chunk, step, count, partials, grid } = reduceLaunch(gpu, layout);
  const partial = empty(gpu, [2, count * partials * width], 'moments');
  gpu.run({
    shader: 'norm/moments',
    entry,
    constants,
    types: typesFor(x, layout),
    bindings: [x.slice, partial.slice],
    params: params(length, chunk, period, step, gap),
    grid,
    cost: { flops: 4 * elements, bytes: bytes + partial.bytes },
    label: 'normalize/moments',
  });
  const coefficients = empty(gpu, [4, period * width], 'normalize coefficients');
  const unused = running ? undefined : [empty(gpu, [channels], 'unused'), empty(gpu, [channels], 'unused')];
  const shared = split(gpu, (count * partials * width) / channels);
  const left = length - (count - 1) * chunk;
  gpu.run({
    shader: 'norm/moments_finish',
    entry: 'batch',
    constants: shared,
    bindings: [
      partial.slice,
      gamma.slice,
      beta.slice,
      coefficients.slice,
      (running?.mean ?? unused![0]).slice,
      (running?.variance ?? unused![1]).slice,
    ],
    params: params(
      ...[period * width, channels, positions, count * partials * width],
      ...[(count - 1) * partials * width, chunk / partials, Math.floor(left / partials), (left % partials) * width],
      f32(eps),
      f32(running ? (running.momentum ?? 0.1) : 0),
    ),
    grid: [Math.ceil((period * width) / shared.CHANNELS)],
    cost: { flops: 6 * partial.size, bytes: partial.bytes },
    label: 'normalize/moments finish',
  });
  partial.release();
  for (const tensor of unused ?? []) tensor.release();
  return coefficients;
}

/** Coefficients from running statistics. */
export function runningCoefficients(layout: Layout, eps: number, { gamma, beta }: Affine, running: Running): Tensor {
  const { gpu } = gamma;
  const { width, period } = channelLayout(layout);
  const coefficients = empty(gpu, [4, period * width], 'normalize coefficients');
  gpu.run({
    shader: 'norm/running',
    entry: 'running',
    bindings: [gamma, beta, running.mean, running.variance, coefficients].map(({ slice }) => slice),
    params: params(period * width, layout.channels, f32(eps)),
    grid: [Math.ceil((period * width) / 64)],
    cost: { flops: 0, bytes: coefficients.bytes * 2 },
    label: 'normalize/running',
  });
  return coefficients;
}
