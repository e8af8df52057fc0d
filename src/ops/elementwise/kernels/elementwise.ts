// Runs the kernels that treat every element alike, four elements a thread: bandwidth decides, so they share one launch shape.
import { f32, params } from '../../../gpu/index.ts';
import type { Tensor } from '../../../tensor/index.ts';
import { chunkLaunch, vectorOf } from '../../../tensor/index.ts';

const launch = (x: Tensor) => chunkLaunch(x.gpu, Math.ceil(x.size / 4));

/** y ← f(x), `entry` of shaders/elementwise/unary.wgsl; both f32 or both f16. */
export function unary(entry: 'relu' | 'sigmoid' | 'absolute', x: Tensor, y: Tensor): void {
  x.gpu.run({
    shader: 'elementwise/unary',
    entry,
    types: { V: vectorOf(y.dtype) },
    bindings: [x.slice, y.slice],
    ...launch(x),
    cost: { flops: x.size, bytes: x.bytes * 2 },
    label: entry,
  });
}

export type Binary = 'reluBackward' | 'sigmoidBackward' | 'absBackward' | 'normBackward' | 'add' | 'sub' | 'mul';

/** y ← f(a, b), `entry` of shaders/elementwise/binary.wgsl; all three of one size, f32 or f16 alike. */
export function binary(entry: Binary, a: Tensor, b: Tensor, y: Tensor): void {
  y.gpu.run({
    shader: 'elementwise/binary',
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
    shader: 'elementwise/scale',
    types: { X: vectorOf(x.dtype), Y: vectorOf(y.dtype) },
    bindings: [x.slice, y.slice],
    params: params(f32(factor), f32(shift)),
    ...launch(y),
    cost: { flops: 2 * y.size, bytes: x.bytes + y.bytes },
  });
}
