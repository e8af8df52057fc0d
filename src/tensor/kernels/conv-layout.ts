// Copies between layouts, for kernels that need channels padded or weights transposed.
import { type Gpu, grid1d, params, type Slice } from '../../gpu/index.ts';

/** Output [a, b, c] takes input element i·sa + j·sb + k·sc where j < jn and k < kn, zeros elsewhere. */
export interface Layout {
  a: number;
  b: number;
  c: number;
  sa: number;
  sb: number;
  sc: number;
  jn: number;
  kn: number;
}

export function relay(gpu: Gpu, { a, b, c, sa, sb, sc, jn, kn }: Layout, input: Slice, output: Slice): void {
  gpu.run({
    shader: 'conv_layout',
    bindings: [input, output],
    params: params(a, b, c, sa, sb, sc, jn, kn),
    grid: grid1d(Math.ceil((a * b * c) / 64)),
    cost: { flops: 0, bytes: 4 * (a * b * c + a * jn * kn) },
    label: 'conv/layout',
  });
}

/** Calls `use` with `pixels` rows of `to` channels made from rows of `have` channels, the surplus zero: the tensor itself where nothing is to do. */
export function padded(
  gpu: Gpu,
  slice: Slice,
  pixels: number,
  have: number,
  to: number,
  use: (slice: Slice) => void,
): void {
  if (have === to) {
    use(slice);
    return;
  }
  const made = gpu.allocate('conv padding', pixels * to * 4);
  relay(gpu, { a: pixels, b: 1, c: to, sa: have, sb: 0, sc: 1, jn: 1, kn: have }, slice, made);
  use(made);
  gpu.release(made);
}

/** Calls `use` with room for `pixels` rows of `to` channels and keeps the first `have` of each. */
export function cropped(
  gpu: Gpu,
  slice: Slice,
  pixels: number,
  have: number,
  to: number,
  use: (slice: Slice) => void,
): void {
  if (have === to) {
    use(slice);
    return;
  }
  const made = gpu.allocate('conv padding', pixels * to * 4);
  use(made);
  relay(gpu, { a: pixels, b: 1, c: have, sa: to, sb: 0, sc: 1, jn: 1, kn: have }, made, slice);
  gpu.release(made);
}

export const roundUp = (n: number, step: number): number => Math.ceil(n / step) * step;
