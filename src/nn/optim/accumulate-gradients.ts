// Larger batches than memory holds: the gradients of several passes, added up where they lie.
import { needArguments } from '../../gpu/index.ts';
import { scale } from '../../ops/index.ts';
import { addInPlace, backward, scope, Tensor, TensorError, zeros } from '../../tensor/index.ts';
import type { Optimizer } from './optimizer.ts';

/**
 * Leaves the mean gradient of `passes` losses in the optimizer's gradients, and returns the mean loss, f32 [1]: for losses that are means over batches of one size,
 * what one large batch would leave. `pass` makes each batch's loss, f32 [1]; what it makes is released behind it. It replays in a captured step.
 * Throws TensorError for less than one pass.
 *
 * @example
 * const program = gpu.capture('step of 4 batches', () => {
 *   loss = accumulateGradients(optimizer, 4, () => {
 *     stream.next();
 *     return crossEntropy(network.forward(stream.x, TRAIN), stream.y);
 *   });
 *   optimizer.step();
 * });
 */
export function accumulateGradients(optimizer: Optimizer, passes: number, pass: (i: number) => Tensor): Tensor {
  needArguments('accumulateGradients', 'an object', { optimizer });
  needArguments('accumulateGradients', 'an object', { 'optimizer.gradients': optimizer.gradients });
  needArguments('accumulateGradients', 'a function', { pass });
  if (!(Number.isInteger(passes) && passes >= 1))
    throw new TensorError(`accumulateGradients: passes is ${passes}, it must be a whole number from 1`);
  const { gradients, lossScale } = optimizer;
  const { gpu } = gradients;
  gpu.fill(gradients.slice, 0);
  return scope(() => {
    const gradient = scale(lossScale, 1 / passes);
    const total = zeros(gpu, [1], 'sum of losses');
    for (let i = 0; i < passes; i++)
      scope(() => {
        const loss = pass(i);
        if (!(loss instanceof Tensor))
          throw new TensorError(
            `accumulateGradients: pass ${i} returned ${typeof loss}, it must return a loss, f32 [1]`,
          );
        backward(loss, { gradient, accumulate: true });
        addInPlace(total, loss);
      });
    return scale(total, 1 / passes);
  });
}
