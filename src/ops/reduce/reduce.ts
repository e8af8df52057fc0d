// Sums, sums of squares and maxima over any axes. Axes that lie side by side are merged, so that what runs is always x [A, R, B] → y [A, B];
// how that is done is kernels/candidates.ts' choice.
import type { Allocation, Slice } from '../../gpu/index.ts';
import { axisOf, count, type Shape, type Tensor } from '../../tensor/index.ts';
import { reduce } from './kernels/candidates.ts';
import { type Finish, type Fold, foldOfPartials, type Sides } from './kernels/passes.ts';

/** The axes to reduce (default: all), from 0 and in order. Throws TensorError. */
export function axesOf(op: string, x: Tensor, axes?: number | readonly number[]): number[] {
  if (axes === undefined) return x.shape.map((_, i) => i);
  const list = typeof axes === 'number' ? [axes] : axes;
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

/** y ← x reduced over `axes`. y has the elements that are left, in order. */
export function reduceInto(x: Tensor, axes: readonly number[], fold: Fold, y: Tensor, finish: Finish = {}): void {
  const { gpu } = x;
  const list = steps(x.shape, axes);
  let from: Slice = x.slice;
  let spare: Allocation | undefined;
  list.forEach((sides, i) => {
    const last = i === list.length - 1;
    const made = last ? undefined : gpu.allocate(`partial ${fold}`, sides[0] * sides[2] * 4);
    reduce(
      { gpu, sides, fold: i > 0 ? foldOfPartials(fold) : fold, finish: last ? finish : {} },
      from,
      made ?? y.slice,
    );
    if (spare) gpu.release(spare);
    if (made) from = made;
    spare = made;
  });
}
