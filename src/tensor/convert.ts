// Launches the conversion between f32 and f16 storage.
import type { Gpu, Slice } from '../gpu/index.ts';
import { chunkLaunch } from './launch.ts';
import { bytesOf, type Storage } from './storage.ts';

const VECTOR = { f16: 'vec4h', f32: 'vec4f' };

/** y ← x, `elements` of them, from one storage type to the other. */
export function convert(gpu: Gpu, x: Slice, y: Slice, elements: number, from: Storage, to: Storage): void {
  gpu.run({
    shader: 'tensor/cast',
    types: { From: VECTOR[from], To: VECTOR[to] },
    bindings: [x, y],
    ...chunkLaunch(gpu, Math.ceil(elements / 4)),
    cost: { flops: 0, bytes: elements * (bytesOf(from) + bytesOf(to)) },
    label: `cast/${to}`,
  });
}
