// 1×1 convolutions without padding are matrix products of pixels by channels in all three directions; with strides, after the pixels that count have been
// copied together.
import { type Gpu, params, type Slice } from '../../../gpu/index.ts';
import { chunkLaunch } from '../../../tensor/index.ts';
import { multiply } from '../../matmul/kernels/candidates.ts';
import type { Gemm } from '../../matmul/kernels/gemm.ts';
import { type ConvGeometry, elementBytes, storageOf } from './geometry.ts';
import type { ConvLaunches } from './job.ts';

/** Who multiplies: C ← op(A)·op(B), `slices` being A, B, C. */
export type Multiplier = (gpu: Gpu, product: Gemm, slices: Slice[]) => void;

export const pointwiseFits = (g: ConvGeometry): boolean =>
  g.groups === 1 && g.kh === 1 && g.kw === 1 && g.ph === 0 && g.pw === 0;

const strided = (g: ConvGeometry): boolean => g.sh > 1 || g.sw > 1;

const gemmOf = (
  g: ConvGeometry,
  [m, n, k]: [m: number, n: number, k: number],
  transposeA: boolean,
  transposeB: boolean,
  result: Gemm['result'] = storageOf(g),
): Gemm => ({
  ...{ m, n, k, transposeA, transposeB, planes: 1, sums: 1, manyA: false, manyB: false },
  ...{ operands: storageOf(g), result },
});

const pixels = (g: ConvGeometry): number => g.n * g.ho * g.wo;

/** y ← x ∗ w. */
export function pointwiseForward(gpu: Gpu, g: ConvGeometry, x: Slice, w: Slice, y: Slice, by: Multiplier = multiply) {
  taken(gpu, g, x, (from) => by(gpu, gemmOf(g, [pixels(g), g.co, g.ci], false, false), [from, w, y]));
}

/** dx ← the gradient of the input. */
export function pointwiseData(gpu: Gpu, g: ConvGeometry, dy: Slice, w: Slice, dx: Slice, by: Multiplier = multiply) {
  const to = strided(g) ? gpu.allocate('conv pixels', pixels(g) * g.ci * elementBytes(g)) : undefined;
  by(gpu, gemmOf(g, [pixels(g), g.ci, g.co], false, true), [dy, w, to ?? dx]);
  if (!to) return;
  copy(gpu, g, 'spread', [to, dx]);
  gpu.release(to);
}

/** dw ← the gradient of the weight, in f32. */
export function pointwiseWeight(gpu: Gpu, g: ConvGeometry, x: Slice, dy: Slice, dw: Slice, by: Multiplier = multiply) {
  taken(gpu, g, x, (from) => by(gpu, gemmOf(g, [g.ci, g.co, pixels(g)], true, false, 'f32'), [from, dy, dw]));
}

/** Calls `use` with the pixels of x that meet an output: x itself without strides. */
function taken(gpu: Gpu, g: ConvGeometry, x: Slice, use: (x: Slice) => void): void {
  if (!strided(g)) {
    use(x);
    return;
  }
  const made = gpu.allocate('conv pixels', pixels(g) * g.ci * elementBytes(g));
  copy(gpu, g, 'take', [x, made]);
  use(made);
  gpu.release(made);
}

function copy(gpu: Gpu, g: ConvGeometry, entry: 'take' | 'spread', bindings: Slice[]): void {
  const width = g.ci % 4 === 0 ? 4 : 1;
  const written = (entry === 'take' ? pixels(g) : g.n * g.h * g.w) * g.ci;
  gpu.run({
    shader: 'conv/pixels',
    entry,
    types: { V: g.half ? (width === 4 ? 'vec2u' : 'f16') : width === 4 ? 'vec4f' : 'f32' },
    bindings,
    params: params(g.n, g.h, g.w, g.ci / width, g.ho, g.wo, g.sh, g.sw),
    ...chunkLaunch(gpu, written / width),
    cost: { flops: 0, bytes: elementBytes(g) * (pixels(g) * g.ci + written) },
    label: `conv/pixels ${entry}`,
  });
}

export const pointwise: ConvLaunches = {
  forward: (gpu, g, x, w, y) => pointwiseForward(gpu, g, x, w, y),
  dataGradient: (gpu, g, dy, w, dx) => pointwiseData(gpu, g, dy, w, dx),
  weightGradient: (gpu, g, x, dy, dw) => pointwiseWeight(gpu, g, x, dy, dw),
};
