// How many threads a kernel gets that treats every element alike and takes them in chunks (shaders/tensor/chunk.wgsl).
import type { Machine } from '../device/machine.ts';

/** GROUP and the grid for shaders/tensor/chunk.wgsl, for `elements` (often vec4s). */
export function chunkGrid(machine: Machine, elements: number): { constants: { GROUP: number }; grid: [number] } {
  const { group, most, least } = machine.elementwise.chunk;
  return { constants: { GROUP: group }, grid: [Math.min(most, Math.ceil(elements / (group * least)))] };
}
