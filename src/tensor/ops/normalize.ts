// The map of batch normalisation, as its coefficients give it, and its gradients. Bandwidth is what they cost, so rectifier and residual ride
// along: with its statistics, y = max(0, norm(x) + residual) moves 4 times the tensor forward and 7 backward; as three ops it is 8 and 8.
import { f32, params } from '../../gpu/index.ts';
import { empty, type Tensor } from '../tensor.ts';
import { type Layout, mapping, split, summing, typesFor, walk } from './normalize-layout.ts';
import type { Affine } from './normalize-statistics.ts';

/** `floor` of the kernels: what the output is at least. */
export const RECTIFIED = 0;
export const UNBOUNDED = -3.4028234663852886e38;

/** y ← max((x − mean)·scale + shift + residual, floor); y and residual stored as x is. */
export function normalize(
  x: Tensor,
  y: Tensor,
  layout: Layout,
  coefficients: Tensor,
  floor: number,
  residual?: Tensor,
): void {
  const { length, period } = walk(layout);
  const { constants, chunk, step, grid } = mapping(x.gpu, layout);
  x.gpu.run({
    shader: 'normalize',
    constants: { ...constants, RESIDUAL: residual !== undefined },
    types: typesFor(x, layout),
    bindings: [x.slice, (residual ?? x).slice, coefficients.slice, y.slice],
    params: params(length, chunk, period, step, f32(floor)),
    grid,
    cost: { flops: (residual ? 4 : 3) * x.size, bytes: (residual ? 3 : 2) * x.bytes },
    label: residual ? 'normalize + residual' : 'normalize',
  });
}

/** Which gradients pass the rectifier: by the output's sign, into `passed`, the residual's gradient. */
interface ByOutput {
  y: Tensor;
  passed: Tensor;
}

/**
 * Per channel the sums over the gradient and over gradient · standardised input; the latter two also as the parameters' gradients. What the
 * rectifier stops is computed from x, which must be read anyway; a residual would have to be read again, so there it is read from y.
 */
export function gradientSums(
  x: Tensor,
  dy: Tensor,
  layout: Layout,
  coefficients: Tensor,
  floor: number,
  { into, byOutput }: { into?: Affine; byOutput?: ByOutput } = {},
): Tensor {
  const { gpu } = x;
  const { channels } = layout;
  const { width, length, period } = walk(layout);
  const { entry, constants, chunk, step, count, slots, grid } = summing(gpu, layout);
  const partial = empty(gpu, [2, count * slots * width], 'gradient sums');
  const sums = empty(gpu, [2, period * width], 'gradient sums');
  const unused = [1, channels, channels].map((n) => empty(gpu, [n], 'unused'));
  gpu.run({
    shader: 'normalize_sums',
    entry,
    constants: { ...constants, OUTPUT: byOutput !== undefined },
    types: typesFor(x, layout),
    bindings: [
      x.slice,
      dy.slice,
      (byOutput?.y ?? x).slice,
      coefficients.slice,
      (byOutput?.passed ?? unused[0]).slice,
      partial.slice,
    ],
    params: params(length, chunk, period, step, f32(floor)),
    grid,
    cost: { flops: 6 * x.size, bytes: (byOutput ? 4 : 2) * x.bytes + partial.bytes },
    label: byOutput ? 'normalize/gradient sums + residual' : 'normalize/gradient sums',
  });
  const shared = split(gpu, (count * slots * width) / channels);
  gpu.run({
    shader: 'normalize_sums_finish',
    constants: shared,
    bindings: [partial.slice, sums.slice, (into?.gamma ?? unused[1]).slice, (into?.beta ?? unused[2]).slice],
    params: params(period * width, channels, count * slots * width),
    grid: [Math.ceil((period * width) / shared.CHANNELS)],
    cost: { flops: partial.size, bytes: partial.bytes },
    label: 'normalize/gradient sums finish',
  });
  for (const tensor of [partial, ...unused]) tensor.release();
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
  const { length, period } = walk(layout);
  const { constants, chunk, step, grid } = mapping(x.gpu, layout);
  x.gpu.run({
    shader: 'normalize_backward',
    constants,
    types: typesFor(x, layout),
    // With a share of 0 what stands for the sums only has to be finite.
    bindings: [x.slice, dy.slice, coefficients.slice, (sums ?? coefficients).slice, dx.slice],
    params: params(length, chunk, period, step, f32(floor), f32(sums ? 1 / layout.positions : 0)),
    grid,
    cost: { flops: 7 * x.size, bytes: 3 * x.bytes },
    label: 'normalize/backward',
  });
}
