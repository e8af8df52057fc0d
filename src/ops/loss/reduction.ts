// What a loss makes of the losses of a batch.
import { TensorError } from '../../tensor/index.ts';

/** The mean of all losses or their sum, each f32 [1], or all of them, one by one. */
export type Reduction = 'mean' | 'sum' | 'none';

/** Throws TensorError for what is no Reduction. */
export function checkReduction(op: string, reduction: Reduction): void {
  if (!['mean', 'sum', 'none'].includes(reduction))
    throw new TensorError(`${op}: reduction is ${reduction}, it must be mean, sum or none`);
}
