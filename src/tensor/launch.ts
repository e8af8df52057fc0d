// How many threads a kernel gets that treats every element alike: bandwidth decides, so such kernels share two launch shapes.
import { chunkGrid, type Gpu } from '../gpu/index.ts';
import type { DType } from './tensor.ts';

/** The grid for shaders/tensor/grid_stride.wgsl, in workgroups of 64, and the number of threads in it, for `elements` (often vec4s). */
export function gridStrideLaunch(gpu: Gpu, elements: number): { grid: [number, number]; threads: number } {
  const groups = Math.ceil(Math.min(elements, gpu.machine.elementwise.gridStride) / 64);
  return { grid: [groups, 1], threads: groups * 64 };
}

/** The position of element `n` in a box of four sides: how far a thread of shaders/tensor/grid_stride.wgsl jumps. */
export function positionOf(n: number, sides: readonly number[]): number[] {
  let rest = n;
  const position = [...sides];
  for (let i = sides.length - 1; i > 0; i--) {
    position[i] = rest % sides[i];
    rest = Math.floor(rest / sides[i]);
  }
  position[0] = rest;
  return position;
}

/** GROUP and the grid for shaders/tensor/chunk.wgsl, for `elements` (often vec4s). */
export const chunkLaunch = (gpu: Gpu, elements: number): ReturnType<typeof chunkGrid> =>
  chunkGrid(gpu.machine, elements);

/** How kernels store four elements, which they compute in f32. */
export const vectorOf = (dtype: DType): 'vec4h' | 'vec4f' => (dtype === 'f16' ? 'vec4h' : 'vec4f');
