// Runs the kernels that treat every element alike, four elements a thread: bandwidth decides, so they share one launch shape.
import { f32, type Gpu, params } from '../../gpu/index.ts';
import type { DType, Tensor } from '../tensor.ts';

/** Threads that fill the machine. On two cores of llvmpipe 4096 to 65536 take the same time, one thread an element 2-3× as long. */
const ENOUGH = { software: 16384, gpu: 262144 };

/** The grid for shaders/strided.wgsl, in workgroups of 64, and the number of threads in it, for `elements` (often vec4s). */
export function strided(gpu: Gpu, elements: number): { grid: [number, number]; threads: number } {
  const most = gpu.adapter.software ? ENOUGH.software : ENOUGH.gpu;
  const groups = Math.ceil(Math.min(elements, most) / 64);
  return { grid: [groups, 1], threads: groups * 64 };
}

/** The place of element `n` in a box of four sides: how far a thread of shaders/strided.wgsl jumps. */
export function placeOf(n: number, sides: readonly number[]): number[] {
  let rest = n;
  const place = [...sides];
  for (let i = sides.length - 1; i > 0; i--) {
    place[i] = rest % sides[i];
    rest = Math.floor(rest / sides[i]);
  }
  place[0] = rest;
  return place;
}

/** Workgroup size and number for shaders/stretch.wgsl; see there for what was measured. */
const STRETCH = { software: { group: 8, most: 32, least: 8 }, gpu: { group: 256, most: 1024, least: 1 } };

/** GROUP and the grid for shaders/stretch.wgsl, for `elements` (often vec4s). */
export function stretched(gpu: Gpu, elements: number): { constants: { GROUP: number }; grid: [number] } {
  const { group, most, least } = gpu.adapter.software ? STRETCH.software : STRETCH.gpu;
  return { constants: { GROUP: group }, grid: [Math.max(1, Math.min(most, Math.ceil(elements / (group * least))))] };
}

/** How kernels store four elements, which they compute in f32. */
export const vectorOf = (dtype: DType): 'vec4h' | 'vec4f' => (dtype === 'f16' ? 'vec4h' : 'vec4f');

const launch = (x: Tensor) => stretched(x.gpu, Math.ceil(x.size / 4));

/** y ← f(x), `entry` of shaders/unary.wgsl; both f32 or both f16. */
export function unary(entry: 'relu' | 'sigmoid' | 'magnitude', x: Tensor, y: Tensor): void {
  x.gpu.run({
    shader: 'unary',
    entry,
    types: { V: vectorOf(y.dtype) },
    bindings: [x.slice, y.slice],
    ...launch(x),
    cost: { flops: x.size, bytes: x.bytes * 2 },
    label: entry,
  });
}

export type Binary = 'reluBackward' | 'sigmoidBackward' | 'magnitudeBackward' | 'normBackward' | 'add' | 'sub' | 'mul';

/** y ← f(a, b), `entry` of shaders/binary.wgsl; all three of one size, f32 or f16 alike. */
export function binary(entry: Binary, a: Tensor, b: Tensor, y: Tensor): void {
  y.gpu.run({
    shader: 'binary',
    entry,
    types: { V: vectorOf(y.dtype) },
    bindings: [a.slice, b.slice, y.slice],
    ...launch(y),
    cost: { flops: y.size, bytes: y.bytes * 3 },
    label: entry,
  });
}

/** y ← factor·x + shift; each f32 or f16. */
export function affine(x: Tensor, y: Tensor, factor: number, shift: number): void {
  y.gpu.run({
    shader: 'scale',
    types: { X: vectorOf(x.dtype), Y: vectorOf(y.dtype) },
    bindings: [x.slice, y.slice],
    params: params(f32(factor), f32(shift)),
    ...launch(y),
    cost: { flops: 2 * y.size, bytes: x.bytes + y.bytes },
  });
}
