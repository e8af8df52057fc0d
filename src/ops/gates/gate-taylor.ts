// What hangs on each gate to first order: the weights times their gradients, gate by gate, of all layers at once (Molchanov et al. 2019 rank filters by it).
import { empty, needDType, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { type GatedWeight, gateCounts, groupByBuffer, launchGates } from './gates.ts';

/**
 * The mean of |w · g| over the weights w of each gate, f32 [gates of all weights], with the `gradients` g f32 in the shapes of the weights. A constant: there is no gradient.
 * Throws TensorError where there is another number of gradients, for one of another size, and for a weight of another rank.
 */
export function gateTaylor(weights: readonly GatedWeight[], gradients: readonly Tensor[]): Tensor {
  const total = gateCounts('gateTaylor', weights);
  needDType('gateTaylor', 'f32', ...gradients);
  const tensors = weights.map(({ weight }) => weight);
  for (const [i, { label, shape, size }] of tensors.entries())
    if (gradients[i]?.size !== size || gradients.length !== tensors.length)
      throw new TensorError(
        `gateTaylor: ${label} ${shapeText(shape)} needs a gradient of its shape, and each weight one; there are ${gradients.length} for ${tensors.length}`,
      );
  const { gpu } = tensors[0];
  const y = empty(gpu, [total], 'gateTaylor');
  const unused = empty(gpu, [1], 'unused', 'u32');
  const size = tensors.reduce((sum, tensor) => sum + tensor.size, 0);
  for (const owned of groupByBuffer(tensors))
    for (const held of groupByBuffer(owned.members.map((i) => gradients[i])))
      launchGates({
        shader: 'gates/features',
        weights: held.members.map((m) => weights[owned.members[m]]),
        begins: held.members.map((m, k) => ({ weight: owned.begins[m], other: held.begins[k] })),
        bindings: [owned.slice, held.slice, y.slice, unused.slice],
        constants: { MAX: false, ABSOLUTE: true, GATED: false, TIMES: true },
        cost: { flops: 2 * size, bytes: 4 * (2 * size + total) },
        label: 'gates/taylor',
      });
  unused.release();
  return record('gateTaylor', y, [], () => {});
}
