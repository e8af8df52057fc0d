// Copies boxes between tensors: slice, pad, crop and concat, and the gradients of each, are all "a box of x, zero outside, at a position in y".
import { params } from '../../gpu/index.ts';
import {
  BYTES,
  count,
  gridStrideLaunch,
  positionOf,
  type Shape,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';

const MAX_RANK = 4;

/** What the kernel moves at a time, by the number of elements in it. */
const ELEMENTS = {
  f32: { 4: 'vec4f', 2: 'vec2f', 1: 'f32' },
  f16: { 4: 'vec2u', 2: 'u32', 1: 'f16' },
};

interface Box {
  size: number[];
  /** The tensors' whole sides. */
  from: number[];
  to: number[];
  /** Where the box begins; in x that may lie outside. */
  begin: number[];
  at: number[];
}

/**
 * y[at + i] ← x[begin + i] for every i inside `size`, 0 where that lies outside of x. The rest of y is left alone. All of one rank, up to four
 * after neighbors that are copied whole are merged; TensorError otherwise. Both f32 or both f16.
 */
export function copyBox(x: Tensor, y: Tensor, size: Shape, begin: readonly number[], at: readonly number[]): void {
  const box = merged({ size: [...size], from: [...x.shape], to: [...y.shape], begin: [...begin], at: [...at] });
  const last = MAX_RANK - 1;
  const { size: n, from, to, begin: b, at: a } = box;
  const lists = [n, from, to, b, a];
  const width = ([4, 2] as const).find((k) => lists.every((list) => list[last] % k === 0)) ?? 1;
  for (const list of lists) list[last] /= width;
  const strides = [to[1] * to[2] * to[3], to[2] * to[3], to[3], 1];
  const offset = strides.reduce((sum, stride, i) => sum + stride * a[i], 0);
  const total = count(n);
  const bytes = count(size) * BYTES[x.dtype];
  const { grid, threads } = gridStrideLaunch(y.gpu, total);
  y.gpu.run({
    shader: 'shape/window',
    types: { Elem: ELEMENTS[x.dtype as 'f32' | 'f16'][width] },
    bindings: [x.slice, y.slice],
    params: params(...n, ...from, ...b, ...strides, ...positionOf(threads, n), offset, total),
    grid,
    cost: { flops: 0, bytes: 2 * bytes },
  });
}

/** Merges each side that is copied whole into the one before it, then fills up to four sides. */
function merged(box: Box): Box {
  const lists = [box.size, box.from, box.to, box.begin, box.at];
  for (let i = box.size.length - 1; i > 0; i--) {
    const n = box.size[i];
    if (n !== box.from[i] || n !== box.to[i] || box.begin[i] !== 0 || box.at[i] !== 0) continue;
    for (const list of lists) {
      list[i - 1] *= n;
      list.splice(i, 1);
    }
  }
  if (box.size.length > MAX_RANK)
    throw new TensorError(
      `a copy that cuts more than ${MAX_RANK} sides of a tensor of rank ${box.size.length}; cut them one after another`,
    );
  for (const list of lists) {
    const fill = list === box.begin || list === box.at ? 0 : 1;
    while (list.length < MAX_RANK) list.unshift(fill);
  }
  return box;
}
