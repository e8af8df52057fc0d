// Launches picks by index: rows of a side, or element by element.
import { params } from '../../../gpu/index.ts';
import { chunkLaunch, count, positionOf, type Tensor } from '../../../tensor/index.ts';
import { elemOf } from './words.ts';

/** x as [outer, rows, width], of which an index picks rows to [outer, picks, width]: the same ones for all, or with `each` its own for every element of those. */
export interface Picks {
  outer: number;
  rows: number;
  picks: number;
  width: number;
  each: boolean;
}

/** NaN, and as a label no class: what a row that is not there is filled with. */
export const MISSING = 0xffffffff;

/** y ← the rows of x, both f32, f16 or u32, that `index` picks; the words `missing` for those that x lacks. */
export function pick(
  x: Tensor,
  index: Tensor,
  y: Tensor,
  { outer, rows, picks, width, each }: Picks,
  missing = MISSING,
): void {
  const { width: wide, ...elem } = elemOf(x.dtype, [each ? 1 : width]);
  const sides = [1, outer, picks, width / wide];
  const { constants, grid } = chunkLaunch(y.gpu, count(sides));
  y.gpu.run({
    shader: 'shape/gather',
    constants: { ...constants, EACH: each },
    ...elem,
    bindings: [x.slice, index.slice, y.slice],
    params: params(...sides, ...positionOf(constants.GROUP, sides), rows, count(sides), missing),
    grid,
    cost: { flops: 0, bytes: 2 * y.bytes + index.bytes },
  });
}
