// Copies between layouts, for kernels that need channels padded or weights transposed.
import { type Gpu, grid1d, params, type Slice } from '../../../gpu/index.ts';
import { bytesOf, type Storage } from '../../../tensor/index.ts';

/** `to` of a pixel's channels from `have`: the surplus zero, or the rest dropped. */
function channels(
  gpu: Gpu,
  input: Slice,
  output: Slice,
  pixels: number,
  have: number,
  to: number,
  type: Storage,
): void {
  gpu.run({
    shader: 'matmul/relayout',
    entry: 'channels',
    types: { Elem: type },
    bindings: [input, output],
    params: params(pixels, 1, to, have, 0, 1, 1, Math.min(have, to)),
    grid: grid1d(Math.ceil(pixels / 64)),
    cost: { flops: 0, bytes: bytesOf(type) * pixels * (have + to) },
    label: 'conv/channels',
  });
}

/** Calls `use` with `to` channels a pixel, the surplus zero, made from `have`: with the tensor itself where nothing is to do. */
export function padded(
  gpu: Gpu,
  slice: Slice,
  pixels: number,
  have: number,
  to: number,
  use: (slice: Slice) => void,
  type: Storage = 'f32',
): void {
  const made = have === to ? undefined : gpu.allocate('padded channels', pixels * to * bytesOf(type));
  if (made) channels(gpu, slice, made, pixels, have, to, type);
  use(made ?? slice);
  if (made) gpu.release(made);
}

/** Calls `use` with room for `to` channels a pixel and keeps the first `have`: with the tensor itself where nothing is to do. */
export function cropped(
  gpu: Gpu,
  slice: Slice,
  pixels: number,
  have: number,
  to: number,
  use: (slice: Slice) => void,
  type: Storage = 'f32',
): void {
  const made = have === to ? undefined : gpu.allocate('padded channels', pixels * to * bytesOf(type));
  use(made ?? slice);
  if (!made) return;
  channels(gpu, made, slice, pixels, to, have, type);
  gpu.release(made);
}

/** A weight's new layout: [taps, b, c], element [j, k] at j·sb + k·sc of its tap where j < jn and k < kn, zero elsewhere. */
export interface WeightLayout {
  b: number;
  c: number;
  sb: number;
  sc: number;
  jn: number;
  kn: number;
}

/** Calls `use` with a copy of the weight [taps, ci, co] in another layout. */
export function relayoutWeights(
  gpu: Gpu,
  { kh, kw, ci, co }: { kh: number; kw: number; ci: number; co: number },
  { b, c, sb, sc, jn, kn }: WeightLayout,
  weight: Slice,
  use: (weight: Slice) => void,
  type: Storage = 'f32',
): void {
  const elements = kh * kw * b * c;
  const made = gpu.allocate('conv weight', elements * bytesOf(type));
  gpu.run({
    shader: 'matmul/relayout',
    entry: 'weights',
    types: { Elem: type },
    bindings: [weight, made],
    params: params(kh * kw, b, c, ci * co, sb, sc, jn, kn),
    grid: grid1d(Math.ceil(elements / 64)),
    cost: { flops: 0, bytes: bytesOf(type) * (elements + kh * kw * ci * co) },
    label: 'conv/weights',
  });
  use(made);
  gpu.release(made);
}

export const roundUp = (n: number, step: number): number => Math.ceil(n / step) * step;
