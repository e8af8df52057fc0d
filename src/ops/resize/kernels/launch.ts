// Launches resizing: forward both sides at once; backward one after the other, so that an image made of few pixels does not sum all of a large one in each of them.
import { f32, params, type Slice } from '../../../gpu/index.ts';
import { chunkLaunch, count, positionOf, type Tensor } from '../../../tensor/index.ts';
import { elemOf, sumOf } from '../../shape/kernels/words.ts';

/** A side of n elements that becomes one of m: see shaders/resize/taps.wgsl. */
export interface ResizedSide {
  n: number;
  m: number;
  ratio: number;
  shift: number;
}

export interface Resizing {
  taps: 1 | 2 | 4;
  images: number;
  rows: ResizedSide;
  columns: ResizedSide;
  channels: number;
}

const wordsOf = ({ n, m, ratio, shift }: ResizedSide) => [n, m, f32(ratio), f32(shift)];

/** y ← x resized. */
export function resizeForward(x: Tensor, y: Tensor, { taps, images, rows, columns, channels }: Resizing): void {
  const { width, types } = elemOf(x.dtype, [channels], taps === 1 ? 'words' : 'numbers');
  const sides = [images, rows.m, columns.m, channels / width];
  const { constants, grid } = chunkLaunch(x.gpu, count(sides));
  x.gpu.run({
    shader: 'resize/forward',
    constants: { ...constants, TAPS: taps },
    types: { ...types, Sum: sumOf(types.Elem) },
    bindings: [x.slice, y.slice],
    params: params(
      ...[...wordsOf(rows), ...wordsOf(columns)],
      ...[...sides, ...positionOf(constants.GROUP, sides), count(sides)],
    ),
    grid,
    cost: { flops: taps === 1 ? 0 : 2 * taps * (taps + 1) * y.size, bytes: x.bytes + y.bytes },
    label: 'resize',
  });
}

/** dx ← the gradient of x for that of its resizing, dy. */
export function resizeBackward(dy: Tensor, dx: Tensor, { taps, images, rows, columns, channels }: Resizing): void {
  const { gpu } = dx;
  const { width, types } = elemOf(dy.dtype, [channels], 'numbers');
  const Sum = sumOf(types.Elem);
  const along = (side: ResizedSide, outer: number, inner: number, from: [Slice, string], to: [Slice, string]): void => {
    const sides = [1, outer, side.n, inner];
    const { constants, grid } = chunkLaunch(gpu, count(sides));
    gpu.run({
      shader: 'resize/backward',
      constants: { ...constants, TAPS: taps },
      types: { From: from[1], To: to[1], Sum },
      bindings: [from[0], to[0]],
      params: params(...wordsOf(side), ...sides, ...positionOf(constants.GROUP, sides), count(sides)),
      grid,
      cost: {
        flops: 2 * taps * Math.max(side.n, side.m) * outer * inner * width,
        bytes: from[0].size + to[0].size,
      },
      label: 'resize/backward',
    });
  };
  const inner = channels / width;
  const lines = gpu.allocate('gradient along rows', images * rows.m * columns.n * channels * 4);
  along(columns, images * rows.m, inner, [dy.slice, types.Elem], [lines, Sum]);
  along(rows, images, columns.n * inner, [lines, Sum], [dx.slice, types.Elem]);
  gpu.release(lines);
}
