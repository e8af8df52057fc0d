// The conversion between f32 and f16 storage, of memory that need not be a tensor's.
import type { Gpu, Slice } from '../gpu/index.ts';
import type { Storage } from './storage.ts';

/** y ← x, `elements` of them, from one storage type to the other. */
export function convert(gpu: Gpu, x: Slice, y: Slice, elements: number, from: Storage, to: Storage): void {
  gpu.pointwise({
    sides: [elements],
    operands: [{ slice: x, stored: from, own: [true] }],
    steps: [{ label: `cast/${to}`, code: 'x', values: { x: { operand: 0 } } }],
    results: [{ slice: y, stored: to, step: 0 }],
  });
}
