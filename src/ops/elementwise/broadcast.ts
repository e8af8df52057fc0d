// NumPy's broadcasting: sides are lined up from the last, a side of 1 repeats. Sides that behave alike are merged first, so that a bias is
// "short operand with a period" and a gate per image and channel has three sides, whatever the rank was.
import { type Shape, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { type Combine, lined, MAX_RANK, sidesOf, type Weights } from './kernels/broadcast-job.ts';
import { broadcast } from './kernels/candidates.ts';
import { elementwise } from './kernels/elementwise.ts';

/** The shape of op(a, b). Throws TensorError naming both. */
export function broadcastShape(op: string, a: Tensor, b: Tensor): Shape {
  const rank = Math.max(a.shape.length, b.shape.length);
  const [p, q] = [lined(a.shape, rank), lined(b.shape, rank)];
  if (rank > MAX_RANK || p.some((n, i) => n !== q[i] && n !== 1 && q[i] !== 1))
    throw new TensorError(
      `${op}: ${a.label} ${shapeText(a.shape)} and ${b.label} ${shapeText(b.shape)} do not go together; ` +
        `up to ${MAX_RANK} sides, from the last equal or 1`,
    );
  return p.map((n, i) => Math.max(n, q[i]));
}

/** y ← a combined with b, in the shape of y. */
export function broadcastInto(combine: Combine, a: Tensor, b: Tensor, y: Tensor, weights: Weights = [1, 1]): void {
  const sides = sidesOf(y.shape, a.shape, combine === 'first' ? y.shape : b.shape);
  const second = combine === 'first' ? a : b;
  const oneType = a.dtype === y.dtype && second.dtype === y.dtype;
  const simple = oneType && sides.length === 1 && sides[0].a && sides[0].b ? entryFor(combine, weights) : undefined;
  if (simple) {
    elementwise(simple, [a, b], y);
    return;
  }
  if (sides.length > MAX_RANK)
    throw new TensorError(
      `${a.label} ${shapeText(a.shape)} repeats along more than ${MAX_RANK} groups of sides of ${shapeText(y.shape)}`,
    );
  broadcast({ gpu: y.gpu, combine, a, b: second, y, weights, sides });
}

/** The entry for operands of one shape, where there is one. */
function entryFor(combine: Combine, [first, second]: Weights): 'add' | 'sub' | 'mul' | undefined {
  if (combine === 'product') return 'mul';
  if (combine !== 'sum' || first !== 1 || Math.abs(second) !== 1) return undefined;
  return second === 1 ? 'add' : 'sub';
}

/** y ← factor·x, repeated to the shape of y; `shape` is that of x with its sides of 1 kept. */
export function expandInto(x: Tensor, shape: Shape, y: Tensor, factor = 1): void {
  const seen = x.alias(shape);
  broadcastInto('first', seen, y, y, [factor, 1]);
  seen.release();
}
