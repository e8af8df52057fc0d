// Losses by name. A new one is a file with its LossFunction beside this one, made of ops, and one line here.
import { AstroError, needArguments } from '../../gpu/index.ts';
import { crossEntropy, focalLoss } from '../../ops/index.ts';
import type { Loss, LossFunction, LossOptions } from './loss.ts';

const builtIn = {
  'cross-entropy': crossEntropy,
  focal: focalLoss,
} satisfies Record<string, LossFunction>;

/** A loss of `lossNames`, or one that addLoss was given. */
export type LossName = keyof typeof builtIn | (string & {});

/** The losses that are there without addLoss. */
export const lossNames = Object.keys(builtIn) as readonly (keyof typeof builtIn)[];

const losses = new Map<string, LossFunction>(Object.entries(builtIn));

/** Makes a loss of one's own known by a name, which a recipe can then have. Returns what takes it out again. Throws AstroError for a name that is taken. */
export function addLoss(name: string, loss: LossFunction): () => void {
  needArguments('addLoss', 'a text', { name });
  needArguments('addLoss', 'a function', { loss });
  if (losses.has(name)) throw new AstroError(`there is a loss "${name}" already; take another name`);
  losses.set(name, loss);
  return () => losses.delete(name);
}

/** A loss by name, with its options. Throws AstroError that lists the names for another one; the loss itself throws TensorError for tensors that do not fit. */
export function createLoss(name: LossName, options: LossOptions = {}): Loss {
  const loss = losses.get(name);
  if (!loss) throw new AstroError(`there is no loss "${name}"; there are ${[...losses.keys()].join(', ')}`);
  return (logits, labels) => loss(logits, labels, options);
}
