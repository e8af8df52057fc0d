// Activations that are computed twice, so that they need not be stored (Chen et al. 2016, "Training deep nets with sublinear memory cost"): a function runs without the tape, and
// once more, with it, when its gradient is wanted.
import { record, recordAgain } from './autograd.ts';
import { needTensors } from './checks.ts';
import { frozen, frozenNow, noGrad, recordsNow, watchLeaves } from './recording.ts';
import { recordKeys, replayKeys } from './replay.ts';
import { scope } from './scope.ts';
import { type Tensor, TensorError } from './tensor.ts';

/** What a checkpointed function may return. */
export type Results = Tensor | readonly Tensor[];

/**
 * What `fn` makes of the inputs, as torch.utils.checkpoint has it: in memory only the inputs and results stay until backward, which runs `fn` once more. Gradients are those of
 * `fn` alone, to the bit where no value is used both inside and outside: random numbers of a RandomState come again, running statistics move once. Parameters that `fn` uses get theirs; every other tensor with a gradient has to be
 * an input. Throws TensorError for one that is not.
 *
 * @example
 * const y = checkpoint((x) => block.forward(x, TRAIN), x);
 */
export function checkpoint<T extends Results>(fn: (...inputs: Tensor[]) => T, ...inputs: Tensor[]): T {
  if (typeof fn !== 'function') throw new TensorError('checkpoint: takes a function, and the tensors that it is of');
  if (inputs.length > 0) needTensors('checkpoint', ...inputs);
  if (!recordsNow()) return fn(...inputs);
  let learns = inputs.some(({ requiresGrad }) => requiresGrad);
  const see = (leaf: Tensor): void => {
    learns = true;
    if (leaf.node && !inputs.includes(leaf))
      throw new TensorError(
        `checkpoint: the function uses ${leaf.label}, which has a gradient and is no input of it: give it as one`,
      );
  };
  const still = frozenNow();
  const { result, drawn } = recordKeys(() => watchLeaves(see, () => noGrad(() => scope(() => fn(...inputs)))));
  const results: Tensor[] = Array.isArray(result) ? [...result] : [result as Tensor];
  if (!learns) {
    for (const key of drawn) key.release();
    return result;
  }
  // An input that comes through is a result of its own.
  const outputs = results.map((made, i) => (inputs.includes(made) || results.indexOf(made) < i ? made.alias() : made));
  recordAgain(outputs, inputs, drawn, () => {
    const own = inputs.map((x) =>
      x.requiresGrad ? record('checkpoint', x.alias(), [x], (gradient, sink) => sink.forward(0, gradient)) : x,
    );
    const made = replayKeys(drawn, () => frozen(still, () => fn(...own)));
    const again: Tensor[] = Array.isArray(made) ? [...made] : [made as Tensor];
    return again.map((y, i) =>
      y.node === undefined || again.indexOf(y) < i
        ? record('checkpoint', y.alias(), [y], (gradient, sink) => sink.forward(0, gradient))
        : y,
    );
  });
  return (Array.isArray(result) ? outputs : outputs[0]) as T;
}
