// Sums, products, extremes and the like over any axes. Axes that lie side by side are merged, so that what runs is always x [A, R, B] → y [A, B];
// how that is done is kernels/candidates.ts' choice.
import { type Allocation, needArguments, type Slice } from '../../gpu/index.ts';
import {
  axisOf,
  count,
  empty,
  evaluate,
  type Shape,
  type Storage,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';
import { expandInto } from '../elementwise/broadcast.ts';
import { reduce } from './kernels/candidates.ts';
import { type Finish, type Fold, foldOfPartials, type Sides } from './kernels/passes.ts';

/** The axes to reduce (default: all), from 0 and in order. Throws TensorError. */
export function axesOf(op: string, x: Tensor, axes?: number | readonly number[]): number[] {
  if (axes === undefined) return x.shape.map((_, i) => i);
  const list = typeof axes === 'number' ? [axes] : axes;
  needArguments(op, 'a list', { axes: list });
  return [...new Set(list.map((axis) => axisOf(op, x, axis)))].sort((a, b) => a - b);
}

/** The shape left by a reduction: sides of 1 with `keepDims`, else the other sides alone, [1] where none is left. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  if (keepDims) return shape.map((n, i) => (axes.includes(i) ? 1 : n));
  const rest = shape.filter((_, i) => !axes.includes(i));
  return rest.length > 0 ? rest : [1];
}

/** The merged sides, alternately kept and reduced; sides of 1 vanish. */
function groups(shape: Shape, axes: readonly number[]): { n: number; reduced: boolean }[] {
  const merged: { n: number; reduced: boolean }[] = [];
  shape.forEach((n, i) => {
    if (n === 1) return;
    const last = merged.at(-1);
    if (last?.reduced === axes.includes(i)) last.n *= n;
    else merged.push({ n, reduced: axes.includes(i) });
  });
  return merged;
}

/** The sides [A, R, B] of each reduction that together make the one over `axes`, last axes first. At least one. */
export function steps(shape: Shape, axes: readonly number[]): Sides[] {
  const merged = groups(shape, axes);
  const list: Sides[] = [];
  for (let at = merged.length - 1; at >= 0; at--) {
    if (!merged[at].reduced) continue;
    const product = (part: { n: number }[]): number => part.reduce((n, group) => n * group.n, 1);
    list.push([product(merged.slice(0, at)), merged[at].n, product(merged.slice(at + 1))]);
    merged.splice(at, 1);
  }
  return list.length > 0 ? list : [[1, 1, count(shape)]];
}

/** The sides [A, R, B] around one axis. */
export const alongAxis = (shape: Shape, axis: number): Sides => [
  count(shape.slice(0, axis)),
  shape[axis],
  count(shape.slice(axis + 1)),
];

/**
 * y ← x reduced over `axes`; each f32 or f16, reduced in f32. y has the elements that are left, in order. `origin`, f32 and as many, where the fold or the finish
 * takes one.
 */
export function reduceInto(
  x: Tensor,
  axes: readonly number[],
  fold: Fold,
  y: Tensor,
  finish: Finish = {},
  origin?: Tensor,
): void {
  const { gpu } = x;
  if (x.size === 0) {
    fillNothing(fold, y, finish);
    return;
  }
  const list = steps(x.shape, axes);
  const wide = origin && list.length > 1 ? widened(x.shape, axes, origin) : origin;
  let from: Slice = x.slice;
  let spare: Allocation | undefined;
  list.forEach((sides, i) => {
    const last = i === list.length - 1;
    const made = last ? undefined : gpu.allocate(`partial ${fold}`, sides[0] * sides[2] * 4);
    const stored = [i > 0 ? 'f32' : x.dtype, last ? y.dtype : 'f32'] as [Storage, Storage];
    const job = { gpu, sides, fold: i > 0 ? foldOfPartials(fold) : fold, finish: last ? finish : {}, stored };
    reduce(job, from, made ?? y.slice, (i === 0 ? wide : last ? origin : undefined)?.slice);
    if (spare) gpu.release(spare);
    if (made) from = made;
    spare = made;
  });
  if (wide !== origin) wide?.release();
}

/** What is made of no values: 0 or, of a product, 1, with the finish that follows; of nothing there is no extreme, see needValues. */
function fillNothing(fold: Fold, y: Tensor, { factor = 1, last }: Finish): void {
  const total = (fold === 'product' || fold === 'nonzeros' ? 1 : 0) * factor;
  evaluate(`${fold} of nothing`, 'total', { total: last === 'log' ? Number.NEGATIVE_INFINITY : total }, y);
}

/** Throws TensorError where a result of x reduced over `axes` would be of no values, which have no extreme. */
export function needValues(op: string, x: Tensor, axes: readonly number[]): void {
  if (axes.some((axis) => x.shape[axis] === 0))
    throw new TensorError(
      `${op}: ${x.label} ${shapeText(x.shape)} has no values along axis ${axes.find((axis) => x.shape[axis] === 0)}`,
    );
}

/** An origin for each result of the first step, where there are more. */
function widened(shape: Shape, axes: readonly number[], origin: Tensor): Tensor {
  const merged = groups(shape, axes);
  const innermost = merged.findLastIndex(({ reduced }) => reduced);
  const sides = (one: (i: number) => boolean): number[] => merged.map(({ n }, i) => (one(i) ? 1 : n));
  const wide = empty(
    origin.gpu,
    sides((i) => i === innermost),
    'origins',
  );
  expandInto(
    origin,
    sides((i) => merged[i].reduced),
    wide,
  );
  return wide;
}
