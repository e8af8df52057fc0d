// Launches resizing: forward both sides at once; backward one after the other, so that an image made of few pixels does not sum all of a large one in each of them.
import { f32, grid1d, params, type Slice } from '../../../gpu/index.ts';
import type { Tensor } from '../../../tensor/index.ts';
import { elemOf, sumOf } from '../../shape/kernels/words.ts';

/** A side of n elements that becomes one of m: see shaders/resize/taps.wgsl. */
export interface ResizedSide {
  n: number;
  m: number;
  ratio: number;
  aligned: boolean;
}

export interface Resizing {
  taps: 1 | 2 | 4;
  images: number;
  rows: ResizedSide;
  columns: ResizedSide;
  channels: number;
}

const wordsOf = ({ n, m, ratio, aligned }: ResizedSide) => [n, m, f32(ratio), Number(aligned)];

/** y ← x resized. */
export function resizeForward(x: Tensor, y: Tensor, { taps, rows, columns, channels }: Resizing): void {
  const { width, types } = elemOf(x.dtype, [channels], taps === 1 ? 'words' : 'numbers');
  const total = y.size / width;
  x.gpu.run({
    shader: 'resize/forward',
    constants: { TAPS: taps },
    types: { ...types, Sum: sumOf(types.Elem) },
    bindings: [x.slice, y.slice],
    params: params(...wordsOf(rows), ...wordsOf(columns), channels / width, total),
    grid: grid1d(Math.ceil(total / 64)),
    cost: { flops: taps === 1 ? 0 : 2 * taps * (taps + 1) * y.size, bytes: x.bytes + y.bytes },
    label: 'resize',
  });
}

/** dx ← the gradient of x for that of its resizing, dy. */
export function resizeBackward(dy: Tensor, dx: Tensor, { taps, images, rows, columns, channels }: Resizing): void {
  const { gpu } = dx;
  const along = (
    from: Slice,
    to: Slice,
    types: [From: string, To: string],
    side: ResizedSide,
    outer: number,
    inner: number,
  ) => {
    const total = outer * side.n * inner;
    gpu.run({
      shader: 'resize/backward',
      constants: { TAPS: taps },
      types: { From: types[0], To: types[1], Sum: sumOf(types[0]) },
      bindings: [from, to],
      params: params(...wordsOf(side), inner, total),
      grid: grid1d(Math.ceil(total / 64)),
      cost: { flops: 2 * taps * Math.max(side.n, side.m) * outer * inner * width, bytes: from.size + to.size },
      label: 'resize/backward',
    });
  };
  const { width, types } = elemOf(dy.dtype, [channels], 'numbers');
  const inner = channels / width;
  const sum = sumOf(types.Elem);
  const lines = gpu.allocate('gradient along rows', images * rows.m * columns.n * channels * 4);
  along(dy.slice, lines, [types.Elem, sum], columns, images * rows.m, inner);
  along(lines, dx.slice, [sum, types.Elem], rows, images, columns.n * inner);
  gpu.release(lines);
}
