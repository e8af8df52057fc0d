// Axes in another order: jax-js wants images as NCHW and filters as OIHW, where astrogpu has NHWC and HWIO.
import type { Shape } from 'astrogpu/tensor';

/** NHWC to NCHW. */
export const CHANNELS_FIRST = [0, 3, 1, 2] as const;
/** NCHW to NHWC. */
export const CHANNELS_LAST = [0, 2, 3, 1] as const;
/** HWIO to OIHW, and OIHW to HWIO by the second. */
export const OUTPUTS_FIRST = [3, 2, 0, 1] as const;
export const OUTPUTS_LAST = [2, 3, 1, 0] as const;

/** Axis i of the result is axis `axes[i]` of the argument. */
export const permutedShape = (shape: Shape, axes: readonly number[]): number[] => axes.map((axis) => shape[axis]);

/** The values of `shape`, in the order that they have when the axes are exchanged as in `permutedShape`. */
export function permuted(values: Float32Array, shape: Shape, axes: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const target = permutedShape(shape, axes);
  const result = new Float32Array(values.length);
  let at = 0;
  const walk = (depth: number, offset: number): void => {
    if (depth === axes.length) {
      result[at++] = values[offset];
      return;
    }
    for (let i = 0; i < target[depth]; i++) walk(depth + 1, offset + i * strides[axes[depth]]);
  };
  walk(0, 0);
  return result;
}
