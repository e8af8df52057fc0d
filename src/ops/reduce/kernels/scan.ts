// Running sums along R of x [A, R, B]: those of pieces, begun with the running sums of what the pieces add up to, and so on. A tree that depends on the sizes alone, in which
// no row of additions is longer than a piece.
import { type Gpu, grid1d, type KernelCall, params, type Slice } from '../../../gpu/index.ts';
import { bytesOf, type Storage } from '../../../tensor/index.ts';
import type { Sides } from './passes.ts';

/** Elements of a piece. */
const PIECE = 32;

export interface ScanJob {
  gpu: Gpu;
  sides: Sides;
  /** From the last element to the first. */
  reverse: boolean;
  /** Without the element itself. */
  exclusive: boolean;
  stored: Storage;
}

/** y ← the running sums of x, both [A, R, B] and stored alike. */
export function scanInto({ gpu, sides, reverse, exclusive, stored }: ScanJob, x: Slice, y: Slice): void {
  const [a, r, b] = sides;
  const pieces = Math.ceil(r / PIECE);
  const count = a * pieces * b;
  const bytes = bytesOf(stored) * a * r * b;
  const call: Omit<KernelCall, 'bindings' | 'cost' | 'shader'> = {
    params: params(r, b, pieces, count),
    grid: grid1d(Math.ceil(count / 64)),
  };
  const constants = { PIECE, REVERSE: reverse, EXCLUSIVE: exclusive, OFFSETS: pieces > 1 };
  const before = pieces > 1 ? gpu.allocate('sums before pieces', count * 4) : undefined;
  if (before) {
    const sums = gpu.allocate('sums of pieces', count * 4);
    gpu.run({
      ...call,
      shader: 'reduce/scan',
      entry: 'sums',
      constants,
      types: { X: stored, Y: 'f32' },
      bindings: [x, before, sums],
      cost: { flops: a * r * b, bytes: bytes + 4 * count },
      label: 'cumsum/sums',
    });
    scanInto({ gpu, sides: [a, pieces, b], reverse: false, exclusive: true, stored: 'f32' }, sums, before);
    gpu.release(sums);
  }
  gpu.run({
    ...call,
    shader: 'reduce/scan',
    entry: 'scan',
    constants,
    types: { X: stored, Y: stored },
    bindings: [x, before ?? x, y],
    cost: { flops: a * r * b, bytes: 2 * bytes + 4 * count },
    label: 'cumsum',
  });
  if (before) gpu.release(before);
}
