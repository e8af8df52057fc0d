// Modules and functions one after the other, as one module.
import { AstroError } from '../../gpu/index.ts';
import { Tensor } from '../../tensor/index.ts';
import { Module, type Pass } from '../module.ts';

/** What stands in a Sequential: a module that makes a tensor of a tensor, or a function, such as an op. */
export type SequentialPart =
  | (Module & { forward(x: Tensor, pass: Pass): Tensor })
  | ((x: Tensor, pass: Pass) => Tensor);

/**
 * Each part's result is what the next part takes. Parameters are named by places, as torch's are: `0.weight`, `2.bias`; functions take a place, too.
 *
 * @example
 * const mlp = new Sequential(new Linear(784, 64), relu, new Linear(64, 10)).to(gpu, 1);
 * const logits = mlp.forward(x, TRAIN);
 */
export class Sequential extends Module {
  /** Modules and functions in the order in which they are applied. */
  readonly parts: readonly SequentialPart[];

  /** Throws AstroError for a part that is neither a module with `forward` nor a function. */
  constructor(...parts: SequentialPart[]) {
    super();
    for (const [i, part] of parts.entries())
      if (!(part instanceof Module ? typeof part.forward === 'function' : typeof part === 'function'))
        throw new AstroError(
          `Sequential: part ${i} is ${part instanceof Module ? `a ${part.constructor.name} without forward()` : typeof part}; each must be a module or a function of a tensor`,
        );
    this.parts = parts;
  }

  protected override *members(): Iterable<[string, Module]> {
    for (const [i, part] of this.parts.entries()) if (part instanceof Module) yield [`${i}`, part];
  }

  /** `pass` goes to every part; only those that behave otherwise in training need one, and say so. Throws TensorError for shapes that a part does not take. */
  forward(x: Tensor, pass?: Pass): Tensor {
    let y = x;
    for (const [i, part] of this.parts.entries()) {
      y = part instanceof Module ? part.forward(y, pass as Pass) : part(y, pass as Pass);
      if (!(y instanceof Tensor)) throw new AstroError(`Sequential: part ${i} returned ${typeof y}, not a tensor`);
    }
    return y;
  }
}
