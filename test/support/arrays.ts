// float64 references for ops on arrays of any rank: slow, and simple enough to be believed.
import type { Shape } from '../../src/tensor/tensor.ts';

const size = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** Calls `visit` with every index of a shape, in memory order. */
export function everyIndex(shape: Shape, visit: (at: number[], flat: number) => void): void {
  for (let flat = 0; flat < size(shape); flat++) {
    let rest = flat;
    const at = shape.map(() => 0);
    for (let i = shape.length - 1; i >= 0; i--) {
      at[i] = rest % shape[i];
      rest = Math.floor(rest / shape[i]);
    }
    visit(at, flat);
  }
}

/** Where an index lies in memory; sides of 1 repeat, missing leading sides are ignored. */
export function place(shape: Shape, at: readonly number[]): number {
  const inner = at.slice(at.length - shape.length);
  return shape.reduce((flat, n, i) => flat * n + (n === 1 ? 0 : inner[i]), 0);
}

/** f over two operands with broadcasting into `shape`. */
export function broadcast2(
  f: (a: number, b: number) => number,
  a: Float64Array,
  aShape: Shape,
  b: Float64Array,
  bShape: Shape,
  shape: Shape,
): Float64Array {
  const y = new Float64Array(size(shape));
  everyIndex(shape, (at, flat) => {
    y[flat] = f(a[place(aShape, at)], b[place(bShape, at)]);
  });
  return y;
}

/** The values that fall together when `axes` go, for each element left, in order. */
export function gathered(x: Float64Array, shape: Shape, axes: readonly number[]): number[][] {
  const kept = shape.map((n, i) => (axes.includes(i) ? 1 : n));
  const cells: number[][] = Array.from({ length: size(kept) }, () => []);
  everyIndex(shape, (at, flat) => cells[place(kept, at)].push(x[flat]));
  return cells;
}
