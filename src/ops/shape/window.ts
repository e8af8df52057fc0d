// Copies boxes between tensors: slice, pad, crop and concat, and the gradients of each, are all "a box of x, something else outside, at a position in y".
import type { Shape, Tensor } from '../../tensor/index.ts';
import { move, stepsOf } from './kernels/move.ts';

/**
 * y[at + i] ← x[begin + i] for every i inside `size`, the words `fill` where that lies outside of x. The rest of y is left alone. All of one rank, and both tensors
 * f32, f16 or u32. Throws TensorError beyond eight sides.
 */
export function copyBox(
  x: Tensor,
  y: Tensor,
  size: Shape,
  begin: readonly number[],
  at: readonly number[],
  fill = 0,
): void {
  const [from, to] = [stepsOf(x.shape), stepsOf(y.shape)];
  const leaves = (i: number): boolean => begin[i] < 0 || begin[i] + size[i] > x.shape[i];
  move(x, y, {
    sides: size.map((n, i) => ({
      ...{ n, from: from[i], to: to[i] },
      ...(leaves(i) && { checked: { begin: begin[i], end: x.shape[i] } }),
    })),
    from: from.reduce((sum, step, i) => sum + (leaves(i) ? 0 : step * begin[i]), 0),
    to: to.reduce((sum, step, i) => sum + step * at[i], 0),
    fill,
  });
}
