// Runs the kernels that treat every element alike, four elements a thread: bandwidth decides, so they share one launch shape.
import { f32, params } from '../../../gpu/index.ts';
import { chunkLaunch, type Tensor, vectorOf } from '../../../tensor/index.ts';
import { floorTypes } from './floor-types.ts';

const launch = (x: Tensor) => chunkLaunch(x.gpu, Math.ceil(x.size / 4));

/** y ← f(a) or f(a, b), `entry` of shaders/elementwise/functions.wgsl; all of one size, f32 or f16 alike. */
export function elementwise(entry: string, [a, b]: Tensor[], y: Tensor): void {
  y.gpu.run({
    shader: 'elementwise/functions',
    entry,
    types: { V: vectorOf(y.dtype), ...floorTypes('vec4f') },
    bindings: [a.slice, (b ?? a).slice, y.slice],
    ...launch(y),
    cost: { flops: y.size, bytes: y.bytes * (b ? 3 : 2) },
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
