// The launch that puts values back to where they were picked along an axis: the gradient of what picks.
import { grid1d, params } from '../../../gpu/index.ts';
import type { Tensor } from '../../../tensor/index.ts';
import type { Sides } from './passes.ts';

/** out [A, R, B] ← values [A, picks, B] at `index` along R, no place twice; what no index names stays as it is. */
export function place(index: Tensor, values: Tensor, out: Tensor, [, rows, columns]: Sides, picks: number): void {
  out.gpu.run({
    shader: 'reduce/place',
    types: { V: out.dtype },
    bindings: [index.slice, values.slice, out.slice],
    params: params(rows, columns, picks, values.size),
    grid: grid1d(Math.ceil(values.size / 64)),
    cost: { flops: 0, bytes: index.bytes + 2 * values.bytes },
  });
}
