// Lion, found by a search over programs (Chen et al. 2023, "Symbolic discovery of optimization algorithms"): the sign of a momentum, so that every weight moves alike.
import { needScalars } from '../../tensor/index.ts';
import type { FlatParameters } from './flat-parameters.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';

/** What Lion takes besides; its weight decay is always decoupled. */
export interface LionOptions extends Omit<OptimizerOptions, 'decoupled'> {
  /** Weight of the momentum in the update. Default 0.9. */
  beta1?: number;
  /** Weight of the momentum in the next one. Default 0.99. */
  beta2?: number;
}

/**
 * w ← w − lr·(sign(beta1·m + (1 − beta1)·g) + weightDecay·w), m ← beta2·m + (1 − beta2)·g. Its authors take a third to a tenth of AdamW's rate, and as many times its
 * decay. See OptimizerOptions for groups, clipping and loss scaling.
 */
export class Lion extends Optimizer {
  /** For a network: its arena. Throws TensorError that names what is missing or does not fit, ArgumentError for an option that there is not. */
  constructor(flat: FlatParameters, options: LionOptions) {
    const { beta1 = 0.9, beta2 = 0.99 } = options ?? {};
    needScalars('Lion', { beta1, beta2 }, 1);
    super(
      'Lion',
      flat,
      { ...options, decoupled: true },
      {
        shader: 'optim/lion',
        options: ['beta1', 'beta2'],
        moments: { momentum: 'momentum' },
        own: [beta1, 1 - beta1, beta2, 1 - beta2],
        flops: 9,
      },
    );
  }
}
