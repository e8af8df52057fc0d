// What is remembered of weights that gates have cut is forgotten: in place, for all layers of a network at once.
import { needDType, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { type GatedWeight, gateCounts, launchGates } from './gates.ts';

/**
 * Makes 0 what `values` has of each weight whose gate in p is 0, and leaves the rest: `values`, f32, lies as `arena` does, of which the weights are parts. In place, a plain recording. Throws TensorError
 * where p is too short, for values of another size, and for a weight of another rank.
 */
export function clearCut(weights: readonly GatedWeight[], p: Tensor, values: Tensor, arena: Tensor): void {
  const op = 'clearCut';
  const end = gateCounts(op, weights, p);
  needDType(op, 'f32', values, arena);
  if (values.size !== arena.size)
    throw new TensorError(
      `${op}: ${values.label} ${shapeText(values.shape)} does not fit ${arena.label} ${shapeText(arena.shape)}`,
    );
  const size = weights.reduce((sum, { weight }) => sum + weight.size, 0);
  launchGates({
    shader: 'gates/clear',
    weights,
    begins: weights.map(({ weight }) => ({ weight: 0, other: (weight.slice.offset - arena.slice.offset) / 4 })),
    bindings: [arena.slice, p.slice, values.slice],
    cost: { flops: 0, bytes: 4 * (size + end) },
    label: 'gates/clear',
  });
}
