// Stochastic gradient descent with momentum, in torch's form, over all parameters at once.
import { needScalars } from '../../tensor/index.ts';
import type { FlatParameters } from './flat-parameters.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';

/** What SGD takes besides. */
export interface SgdOptions extends OptimizerOptions {
  /** Default 0. */
  momentum?: number;
  /** Looks ahead by one momentum step (Nesterov). Default false. */
  nesterov?: boolean;
}

/**
 * w ← w − lr·v, v ← momentum·v + g; see OptimizerOptions for decay, groups, clipping and loss scaling.
 *
 * @example
 * const optimizer = new Sgd(network.arena, { lr: 0.1, momentum: 0.9 });
 */
export class Sgd extends Optimizer {
  /** For a network: its arena. Throws TensorError that names what is missing or does not fit, ArgumentError for an option that there is not. */
  constructor(flat: FlatParameters, options: SgdOptions) {
    const { momentum = 0, nesterov = false } = options ?? {};
    needScalars('Sgd', { momentum }, 1);
    super('Sgd', flat, options, {
      shader: 'optim/sgd',
      constants: { MOMENTUM: momentum > 0 },
      options: ['momentum', 'nesterov'],
      moments: momentum > 0 ? { momentum: 'momentum' } : {},
      own: [momentum, nesterov ? 1 : 0],
      flops: momentum > 0 ? 7 : 5,
    });
  }
}
