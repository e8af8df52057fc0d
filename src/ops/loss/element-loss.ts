// Losses of one value against another, element by element: a definition each. Forward is one kernel and a reduction, backward one kernel for each side that wants a
// gradient, from the two sides alone. Losses are f32 whatever the sides are, so that neither squares nor sums leave f16's range.
import {
  empty,
  evaluate,
  needFloats,
  needTensors,
  record,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';
import { reduceInto } from '../reduce/reduce.ts';
import { checkReduction, type Reduction } from './reduction.ts';

/** Expressions for four elements at once, see evaluate: of a and b, the two sides, and of further names. */
export interface ElementLoss {
  value: string;
  /** What g is made into for a, and for b where that has a gradient. */
  slopes: readonly [a: string, b?: string];
}

/** What losses against targets of one's own take. */
export interface LossReduction {
  /** Default mean. */
  reduction?: Reduction;
}

/**
 * Losses of `a` against `b`, floats of one shape, in f32: [1], or their shape without reduction. `named` is what further names stand for; tensors among it are
 * constants that repeat as NumPy's do. `given` is what a mean divides by, by default how many there are. Throws TensorError for shapes and dtypes that do not fit.
 */
export function elementLoss(
  op: string,
  { value, slopes }: ElementLoss,
  [a, b]: readonly [Tensor, Tensor],
  reduction: Reduction = 'mean',
  named: Readonly<Record<string, Tensor | number>> = {},
  given?: number,
): Tensor {
  needTensors(op, a, b);
  const count = given ?? a.size;
  checkReduction(op, reduction);
  for (const side of [a, b]) needFloats(op, side);
  if (shapeText(a.shape) !== shapeText(b.shape))
    throw new TensorError(
      `${op}: ${a.label} ${shapeText(a.shape)} and ${b.label} ${shapeText(b.shape)} must be of one shape; nothing repeats`,
    );
  const { gpu, shape } = a;
  const all = { a, b, ...named };
  let loss = empty(gpu, shape, reduction === 'none' ? op : 'losses');
  evaluate(op, value, all, loss);
  const share = reduction === 'mean' ? 1 / count : 1;
  if (reduction !== 'none') {
    const losses = loss;
    loss = empty(gpu, [1], op);
    reduceInto(losses, [...shape.keys()], 'sum', loss, { factor: share });
    losses.release();
  }
  return record(op, loss, slopes[1] ? [a, b] : [a], (g, sink) => {
    for (const [i, slope] of slopes.entries())
      if (slope) sink.write(i, (out) => evaluate(`${op}/backward`, `share * (${slope})`, { ...all, g, share }, out));
  });
}
