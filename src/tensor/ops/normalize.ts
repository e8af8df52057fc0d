// What batchNorm and standardize share: statistics of each channel over the rest of its row, the affine map they give, and its gradients.
// Channels lie last, so one walk through memory serves all of them, four values at a time wherever a row is a multiple of four.
import { f32, type Gpu, grid1d, params } from '../../gpu/index.ts';
import { empty, type Tensor } from '../tensor.ts';

/** x seen as rows × (positions × channels): each row has statistics of its own, for each channel, over the positions. */
export interface Layout {
  rows: number;
  positions: number;
  channels: number;
}

/** Fixed statistics, or those to be updated: running ← (1 − momentum)·running + momentum·batch. */
export interface Running {
  mean: Tensor;
  variance: Tensor;
  /** Default 0.1. */
  momentum?: number;
}

interface Affine {
  gamma: Tensor;
  beta: Tensor;
}

/** `floor` of the kernels: what the output is at least. */
export const RECTIFIED = 0;
export const UNBOUNDED = -3.4028234663852886e38;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** How the kernels walk a row: `length` values of type V, of which a period holds each channel equally often. */
function walk({ positions, channels }: Layout): { V: string; width: number; length: number; period: number } {
  const width = (positions * channels) % 4 === 0 ? 4 : 1;
  return {
    V: width === 4 ? 'vec4f' : 'f32',
    width,
    length: (positions * channels) / width,
    period: width === 4 ? channels / gcd(channels, 4) : channels,
  };
}

/** A multiple of the period: threads for each row so that every one has about `each` values to walk, up to `most` threads in all. */
function threadsFor(layout: Layout, each: number, most: number): number {
  const { length, period } = walk(layout);
  const wanted = Math.max(Math.min(length / each, most / layout.rows), length / 512);
  return period * Math.min(length / period, Math.max(1, Math.round(wanted / period)));
}

/** A software adapter pays for every thread, a GPU needs many to hide its memory's latency. */
const summing = (gpu: Gpu, layout: Layout): number => threadsFor(layout, 16, gpu.adapter.software ? 1024 : 16384);

const gridOf = (threads: number, rows: number): [number, number, number] => [Math.ceil(threads / 64), ...grid1d(rows)];

/** Workgroup size and how many of them share all rows: few and narrow on a software adapter, as in shaders/stretch.wgsl; enough to fill a GPU. */
const STRETCH = { software: { group: 8, most: 32 }, gpu: { group: 64, most: 4096 } };

/** The stretches of a row that shaders/normalize.wgsl gives its workgroups: `step` keeps a thread on its channels, `chunk` is a multiple of it. */
function stretches(gpu: Gpu, layout: Layout) {
  const { length, period } = walk(layout);
  const { group, most } = gpu.adapter.software ? STRETCH.software : STRETCH.gpu;
  const step = period * Math.ceil(group / period);
  const wanted = Math.max(1, Math.round(Math.min(most / layout.rows, length / (8 * step))));
  const chunk = step * Math.ceil(length / (step * wanted));
  const grid: [number, number, number] = [Math.ceil(length / chunk), ...grid1d(layout.rows)];
  return { constants: { GROUP: group }, chunk, step, grid };
}

/** How a workgroup of 64 is shared among channels when `parts` partial sums each are added up. */
function split(parts: number): { CHANNELS: number; LANES: number } {
  const LANES = parts <= 16 ? 1 : parts <= 256 ? 8 : 64;
  return { CHANNELS: 64 / LANES, LANES };
}

/** Coefficients from the statistics of x itself, for `normalize`; updates `running`. */
export function batchCoefficients(x: Tensor, layout: Layout, eps: number, affine?: Affine, running?: Running): Tensor {
  const { gpu } = x;
  const { rows, positions, channels } = layout;
  const { V, width, length, period } = walk(layout);
  const threads = summing(gpu, layout);
  const partial = empty(gpu, [rows, 2, threads * width], 'moments');
  gpu.run({
    shader: 'moments',
    types: { V },
    bindings: [x.slice, partial.slice],
    params: params(rows, length, threads),
    grid: gridOf(threads, rows),
    cost: { flops: 4 * x.size, bytes: x.bytes },
    label: 'normalize/moments',
  });
  const coefficients = empty(gpu, [rows, 4, period * width], 'normalize coefficients');
  const unused = running ? undefined : [empty(gpu, [channels], 'unused'), empty(gpu, [channels], 'unused')];
  const constants = split((threads * width) / channels);
  gpu.run({
    shader: 'moments_finish',
    entry: 'batch',
    constants,
    bindings: [
      partial.slice,
      (affine?.gamma ?? x).slice,
      (affine?.beta ?? x).slice,
      coefficients.slice,
      (running?.mean ?? unused![0]).slice,
      (running?.variance ?? unused![1]).slice,
    ],
    params: params(
      rows,
      period * width,
      channels,
      threads * width,
      positions * channels,
      affine ? 1 : 0,
      f32(eps),
      f32(running ? (running.momentum ?? 0.1) : 0),
    ),
    grid: [Math.ceil((period * width) / constants.CHANNELS), ...grid1d(rows)],
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
  const { width, period } = walk(layout);
  const coefficients = empty(gpu, [1, 4, period * width], 'normalize coefficients');
  gpu.run({
    shader: 'moments_finish',
    entry: 'running',
    constants: split(1),
    bindings: [
      gamma.slice, // in place of partial sums, which this entry does not read
      gamma.slice,
      beta.slice,
      coefficients.slice,
      running.mean.slice,
      running.variance.slice,
    ],
    params: params(1, period * width, layout.channels, 0, 0, 1, f32(eps), f32(0)),
    grid: [Math.ceil((period * width) / 64)],
    cost: { flops: 0, bytes: coefficients.bytes * 2 },
    label: 'normalize/running',
  });
  return coefficients;
}

/** y ← max((x − mean)·scale + shift, floor). */
export function normalize(x: Tensor, y: Tensor, layout: Layout, coefficients: Tensor, floor: number): void {
  const { rows } = layout;
  const { V, length, period } = walk(layout);
  const { constants, chunk, step, grid } = stretches(x.gpu, layout);
  x.gpu.run({
    shader: 'normalize',
    constants,
    types: { V },
    bindings: [x.slice, coefficients.slice, y.slice],
    params: params(rows, length, chunk, period, step, f32(floor)),
    grid,
    cost: { flops: 3 * x.size, bytes: 2 * x.bytes },
    label: 'normalize',
  });
}

/** Per channel the sums over the gradient and over gradient · standardised input; the latter two also as the parameters' gradients. */
export function gradientSums(
  x: Tensor,
  dy: Tensor,
  layout: Layout,
  coefficients: Tensor,
  floor: number,
  into?: { gamma: Tensor; beta: Tensor },
): Tensor {
  const { gpu } = x;
  const { rows, channels } = layout;
  const { V, width, length, period } = walk(layout);
  const threads = summing(gpu, layout);
  const partial = empty(gpu, [rows, 2, threads * width], 'gradient sums');
  gpu.run({
    shader: 'normalize_sums',
    types: { V },
    bindings: [x.slice, dy.slice, coefficients.slice, partial.slice],
    params: params(rows, length, threads, period, f32(floor)),
    grid: gridOf(threads, rows),
    cost: { flops: 6 * x.size, bytes: 2 * x.bytes },
    label: 'normalize/gradient sums',
  });
  const sums = empty(gpu, [rows, 2, period * width], 'gradient sums');
  const unused = into ? undefined : [empty(gpu, [1], 'unused'), empty(gpu, [1], 'unused')];
  const constants = split((threads * width) / channels);
  gpu.run({
    shader: 'normalize_sums_finish',
    constants,
    bindings: [partial.slice, sums.slice, (into?.gamma ?? unused![0]).slice, (into?.beta ?? unused![1]).slice],
    params: params(rows, period * width, channels, threads * width, into ? 1 : 0),
    grid: [Math.ceil((period * width) / constants.CHANNELS), ...grid1d(rows)],
    cost: { flops: partial.size, bytes: partial.bytes },
    label: 'normalize/gradient sums finish',
  });
  partial.release();
  for (const tensor of unused ?? []) tensor.release();
  return sums;
}

/** dx ← the input's gradient; without `sums` that of fixed statistics. */
export function normalizeBackward(
  x: Tensor,
  dy: Tensor,
  dx: Tensor,
  layout: Layout,
  coefficients: Tensor,
  floor: number,
  sums?: Tensor,
): void {
  const { rows, positions } = layout;
  const { V, length, period } = walk(layout);
  const { constants, chunk, step, grid } = stretches(x.gpu, layout);
  x.gpu.run({
    shader: 'normalize_backward',
    constants,
    types: { V },
    // With a share of 0 what stands for the sums only has to be finite.
    bindings: [x.slice, dy.slice, coefficients.slice, (sums ?? coefficients).slice, dx.slice],
    params: params(rows, length, chunk, period, step, f32(floor), f32(sums ? 1 / positions : 0)),
    grid,
    cost: { flops: 7 * x.size, bytes: 3 * x.bytes },
    label: 'normalize/backward',
  });
}
