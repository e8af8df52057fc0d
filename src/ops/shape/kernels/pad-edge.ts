// Launches margins that are made of what is inside, a side at a time.
import { params } from '../../../gpu/index.ts';
import { BYTES, chunkLaunch, count, empty, positionOf, type Shape, type Tensor } from '../../../tensor/index.ts';
import { elemOf, sumOf } from './words.ts';

/** A side that gets margins, and the tensor's shape before and after. */
export interface PaddedSide {
  axis: number;
  low: number;
  mirrored: boolean;
  inside: Shape;
  outside: Shape;
}

/** y ← x padded along one side after the other, or with `backward` the gradients of y summed into those of x, from the last side to the first. */
export function padEdge(entry: 'forward' | 'backward', x: Tensor, y: Tensor, sides: readonly PaddedSide[]): void {
  const list = entry === 'forward' ? sides : sides.toReversed();
  let from = x;
  list.forEach((side, i) => {
    const shape = entry === 'forward' ? side.outside : side.inside;
    const to = i === list.length - 1 ? y : empty(y.gpu, shape, 'pad', y.dtype);
    launch(entry, from, to, side);
    if (from !== x) from.release();
    from = to;
  });
}

function launch(
  entry: 'forward' | 'backward',
  x: Tensor,
  y: Tensor,
  { axis, low, mirrored, inside, outside }: PaddedSide,
): void {
  const inner = count(inside.slice(axis + 1));
  const { width, types } = elemOf(x.dtype, [inner], entry === 'forward' ? 'words' : 'numbers');
  const [n, padded] = [inside[axis], outside[axis]];
  const sides = [1, count(inside.slice(0, axis)), entry === 'forward' ? padded : n, inner / width];
  const { constants, grid } = chunkLaunch(y.gpu, count(sides));
  y.gpu.run({
    shader: 'shape/pad_edge',
    entry,
    constants,
    types: { ...types, Sum: sumOf(types.Elem) },
    bindings: [x.slice, y.slice],
    params: params(...sides, ...positionOf(constants.GROUP, sides), n, padded, low, Number(mirrored), count(sides)),
    grid,
    cost: { flops: entry === 'forward' ? 0 : x.size, bytes: (x.size + y.size) * BYTES[x.dtype] },
    label: `pad/${entry}`,
  });
}
