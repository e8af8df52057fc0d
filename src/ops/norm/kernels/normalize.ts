// The map of batch normalization, as its coefficients give it, and its gradients. Bandwidth is what they cost, so ReLU and residual ride
// along: with its statistics, y = max(0, norm(x) + residual) moves 4 times the tensor forward and 7 backward; as three ops it is 8 and 8.
import { f32, params } from '../../../gpu/index.ts';
import { empty, type Tensor } from '../../../tensor/index.ts';
import { floorTypes } from '../../elementwise/floor-types.ts';
import { channelLayout, type Layout, mapLaunch, reduceLaunch, split, trafficOf, typesFor } from './layout.ts';
import type { Affine } from './statistics.ts';

/** `floor` of the kernels: what the output is at least. */
export const RELU_FLOOR = 0;
export const NO_FLOOR = Number.NEGATIVE_INFINITY;

/** y ← max((x − mean)·scale + shift + residual, floor); y and residual stored as x is, but never row-strided. */
export function normalize(
  x: Tensor,
  y: Tensor,
  layout: Layout,
  coefficients: Tensor,
  floor: number,
  residual?: Tensor,
): void {
  const { length, period, gap } = channelLayout(layout);
  const { elements, bytes } = trafficOf(x, layout);
  const { constants, chunk, step, grid } = mapLaunch(x.gpu, layout);
  const types = typesFor(x, layout);
  x.gpu.run({
    shader: 'norm/normalize',
    constants: { ...constants, RESIDUAL: residual !== undefined },
    types: { ...types, ...floorTypes(types.V) },
    bindings: [x.slice, (residual ?? x).slice, coefficients.slice, y.slice],
    params: params(length, chunk, period, step, gap, f32(floor)),
    grid,
    cost: { flops: (residual ? 4 : 3) * elements, bytes: (residual ? 3 : 2) * bytes },
    label: residual ? 'normalize + residual' : 'normalize',
  });
}

/** Which gradients pass the ReLU: by the output's sign, into `passed`, the residual's gradient. */
interface ByOutput {
  y: Tensor;
  passed: Tensor;
}

/**
 * Per channel the sums over the gradient and over gradient · standardized input; the latter two also as the parameters' gradients. What the
 * ReLU stops is computed from x, which must be read anyway; a residual would have to be read again, so there it is read from y.
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
  const { width, length, period, gap } = channelLayout(layout);
  const { elements, bytes } = trafficOf(x, layout);
  const { entry, constants, chunk, step, count, partials, grid } = reduceLaunch(gpu, layout);
  const partial = empty(gpu, [2, count * partials * width], 'gradient sums');
  const sums = empty(gpu, [2, period * width], 'gradient sums');
  const unused = [1, channels, channels].map((n) => empty(gpu, [n], 'unused'));
  gpu.run({
    shader: 'norm/normalize_sums',
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
    params: params(length, chunk, period, step, gap, f32(floor)),
    grid,
    cost: { flops: 6 * elements, bytes: (byOutput ? 4 : 2) * bytes + partial.bytes },
    label: byOutput ? 'normalize/gradient sums + residual' : 'normalize/gradient sums',
  });
  const shared = split(gpu, (count * partials * width) / channels);
  gpu.run({
    shader: 'norm/normalize_sums_finish',
    constants: shared,
    bindings: [partial.slice, sums.slice, (into?.gamma ?? unused[1]).slice, (into?.beta ?? unused[2]).slice],
    params: params(period * width, channels, count * partials * width),
    grid: [Math.ceil((period * width) / shared.CHANNELS)],
    cost: { flops: partial.size, bytes: partial.bytes },
    label: 'normalize/gradient sums finish',
  });
  for (const tensor of [partial, ...unused]) tensor.release();
  return sums;
}

interface Backward {
  floor: number;
  /** Of the statistics' own gradients; without, they are fixed. */
  sums?: Tensor;
  /** Is dx there already, to be added to? */
  adds: boolean;
}

/** dx ← the input's gradient, or dx + that. What a row-strided dx holds behind the channels stays. */
export function normalizeBackward(
  x: Tensor,
  dy: Tensor,
  dx: Tensor,
  layout: Layout,
  coefficients: Tensor,
  { floor, sums, adds }: Backward,
): void {
  const { length, period, gap } = channelLayout(layout);
  const { elements, bytes } = trafficOf(x, layout);
  const { constants, chunk, step, grid } = mapLaunch(x.gpu, layout);
  x.gpu.run({
    shader: 'norm/normalize_backward',
    constants: { ...constants, ADDS: adds },
    types: typesFor(x, layout),
    // With a share of 0 what stands for the sums only has to be finite.
    bindings: [x.slice, dy.slice, coefficients.slice, (sums ?? coefficients).slice, dx.slice],
    params: params(length, chunk, period, step, gap, f32(floor), f32(sums ? 1 / layout.positions : 0)),
    grid,
    cost: { flops: (adds ? 8 : 7) * elements, bytes: (adds ? 4 : 3) * bytes },
    label: 'normalize/backward',
  });
}
