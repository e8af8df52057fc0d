// Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), in torch's form, over all parameters at once.
import { needScalars } from '../../tensor/index.ts';
import type { FlatParameters } from './flat-parameters.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';

/** What Adam takes besides. */
export interface AdamOptions extends OptimizerOptions {
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.999. */
  beta2?: number;
  /** Default 1e-8. */
  eps?: number;
}

/** w ← w − lr·m̂ / (√v̂ + eps); see OptimizerOptions for decay, groups, clipping and loss scaling. */
export class Adam extends Optimizer {
  /** For a network: its arena. Throws TensorError that names what is missing or does not fit, ArgumentError for an option that there is not. */
  constructor(flat: FlatParameters, options: AdamOptions) {
    const { name } = new.target;
    const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = options ?? {};
    needScalars(name, { eps });
    needScalars(name, { beta1, beta2 }, 1);
    super(name, flat, options, {
      shader: 'optim/adam',
      options: ['beta1', 'beta2', 'eps'],
      moments: { m: 'first moment', v: 'second moment' },
      own: [1 - beta1, beta2, 1 - beta2, eps],
      betas: [beta1, beta2],
      flops: 15,
    });
  }
}

/** Adam with a weight decay that shrinks the weights themselves, by default 0.01 as torch's. */
export class AdamW extends Adam {
  /** For a network: its arena. Throws TensorError that names what is missing or does not fit, ArgumentError for an option that there is not. */
  constructor(flat: FlatParameters, options: Omit<AdamOptions, 'decoupled'>) {
    super(flat, { ...options, weightDecay: options?.weightDecay ?? 0.01, decoupled: true });
  }
}
