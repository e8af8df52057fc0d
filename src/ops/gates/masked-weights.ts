// W ⊙ P for all layers of a network at once (docs/method.md §1: gates that act on the weight, before the convolution).
import { empty, keep, needTensors, record, type Tensor, view, writeAll, writeOrDiscard } from '../../tensor/index.ts';
import { type BufferGroup, type GatedWeight, gateCounts, gatedBy, groupByBuffer, launchGates } from './gates.ts';

/** Masked weights begin at multiples of this many elements, 256 bytes of f16, so that each can be bound alone. */
const ALIGNMENT = 128;

/**
 * Each weight times its gates, f32, with a copy in f16 where the weights have one; p holds the gates of all of them. One dispatch for weights that
 * share an arena, and one backward for the gradients of gates and weights. Throws TensorError where p is too short, or a weight has another rank.
 */
export function maskedWeights(weights: readonly GatedWeight[], p: Tensor): Tensor[] {
  needTensors('maskedWeights', p);
  const { gpu } = p;
  const end = gateCounts('maskedWeights', weights, p);
  const covered = weights.reduce((sum, of) => sum + gatedBy('maskedWeights', of).gates, 0) === p.size;
  let length = 0;
  const results = weights.map(({ weight }) => {
    const begin = length;
    length += Math.ceil(weight.size / ALIGNMENT) * ALIGNMENT;
    return begin;
  });
  const tensors = weights.map(({ weight }) => weight);
  const all = empty(gpu, [length], 'masked weights');
  const halves = tensors.some(({ half }) => half) ? empty(gpu, [length], 'masked weights in f16', 'f16') : undefined;
  const unused = halves ? undefined : empty(gpu, [1], 'unused');
  for (const { members, slice, begins } of groupByBuffer(tensors))
    launchGates({
      shader: 'gates/multiply',
      weights: members.map((i) => weights[i]),
      begins: members.map((i, m) => ({ weight: begins[m], result: results[i] })),
      bindings: [slice, p.slice, all.slice, (halves ?? unused!).slice],
      constants: { HALF: halves !== undefined },
      types: { H: halves ? 'f16' : 'f32' },
      cost: { flops: length, bytes: (halves ? 10 : 8) * length + 4 * end },
      label: 'gates/multiply',
    });
  unused?.release();
  /** Gradients of the gates of some weights and, where there is a target, of these weights. */
  const pull = (dy: Tensor, dp: Tensor, chosen: readonly number[], target?: BufferGroup): void => {
    const unused = target ? undefined : empty(gpu, [1], 'unused');
    for (const { members, slice, begins } of groupByBuffer(chosen.map((i) => tensors[i])))
      launchGates({
        shader: 'gates/multiply_backward',
        weights: members.map((m) => weights[chosen[m]]),
        begins: members.map((m, k) => ({ weight: begins[k], result: results[chosen[m]], other: target?.begins[m] })),
        bindings: [slice, p.slice, dy.slice, dp.slice, (target ?? unused!).slice],
        constants: { WEIGHT: target !== undefined },
        cost: { flops: length * (target ? 3 : 2), bytes: length * (target ? 12 : 8) + 4 * end },
        label: 'gates/gradient',
      });
    unused?.release();
  };
  record('maskedWeights', all, [p, ...tensors], (dy, sink) =>
    writeOrDiscard(sink, 0, p, (dp) => {
      if (!covered) gpu.fill(dp.slice, 0);
      const inputs = tensors.map((_, i) => i + 1);
      const constant = inputs.filter((input) => !sink.wants(input)).map((input) => input - 1);
      if (constant.length > 0) pull(dy, dp, constant);
      writeAll(sink, inputs, (open) => {
        for (const target of groupByBuffer(open.map(({ out }) => out)))
          pull(
            dy,
            dp,
            target.members.map((m) => open[m].input - 1),
            target,
          );
      });
    }),
  );
  return tensors.map(({ shape, label }, i) => {
    const masked = view(all, shape, results[i], label);
    if (halves) masked.half = keep(halves.alias(shape, results[i] * 2, `${label} in f16`));
    return masked;
  });
}
