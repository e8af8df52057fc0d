// The sides of two kernels that are to be one: what both are divided into, and how operands repeat along these.
import type { Pointwise, PointwiseOperand } from './pointwise.ts';

/** Do both repeat along the same sides? */
export const sameSides = (a: PointwiseOperand, b: PointwiseOperand): boolean =>
  a.own.every((own, i) => own === b.own[i]);

/** Sides from which both lists come by merging neighbors; undefined where there are none. */
export function refined(a: readonly number[], b: readonly number[]): number[] | undefined {
  const sides: number[] = [];
  const [p, q] = [a.filter((n) => n > 1), b.filter((n) => n > 1)];
  while (p.length > 0 && q.length > 0) {
    const [x, y] = [p.pop()!, q.pop()!];
    const [large, small] = x > y ? [x, y] : [y, x];
    if (large % small !== 0) return undefined;
    sides.unshift(small);
    if (x > y) p.push(large / small);
    else if (y > x) q.push(large / small);
    // A rest of 1 is no side.
    for (const list of [p, q]) if (list.at(-1) === 1) list.pop();
  }
  return p.length === 0 && q.length === 0 ? sides : undefined;
}

/** The same kernel on finer sides. */
export function alongSides(call: Pointwise, sides: readonly number[]): Pointwise {
  const operands = call.operands.map((operand) => {
    const own: boolean[] = [];
    let side = call.sides.length;
    let rest = 1;
    for (let i = sides.length - 1; i >= 0; i--) {
      while (rest === 1 && side > 0) rest = call.sides[--side];
      own.unshift(operand.own[side] ?? true);
      rest /= sides[i];
    }
    return { ...operand, own };
  });
  return { ...call, sides, operands };
}
