// NumPy's broadcasting: sides are lined up from the last, a side of 1 repeats.
import { evaluate, type Shape, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';

/** A shape with sides of 1 before it, up to `rank`. */
export const lined = (shape: Shape, rank: number): number[] => [...Array(rank - shape.length).fill(1), ...shape];

/** The shape that all of them repeat to. Throws TensorError naming them. */
export function broadcastShape(op: string, ...tensors: readonly Tensor[]): Shape {
  const rank = Math.max(...tensors.map(({ shape }) => shape.length));
  const all = tensors.map(({ shape }) => lined(shape, rank));
  return Array.from({ length: rank }, (_, i) => {
    const wide = all.map((shape) => shape[i]).filter((n) => n !== 1);
    if (new Set(wide).size > 1)
      throw new TensorError(
        `${op}: ${tensors.map(({ label, shape }) => `${label} ${shapeText(shape)}`).join(' and ')} do not go together; sides from the last must be equal or 1`,
      );
    return wide[0] ?? 1;
  });
}

/** y ← factor·x, repeated to the shape of y; `shape` is that of x with its sides of 1 kept. */
export const expandInto = (x: Tensor, shape: Shape, y: Tensor, factor = 1): void =>
  evaluate('expand', factor === 1 ? 'x' : 'factor * x', { x, factor }, y, { x: shape });
