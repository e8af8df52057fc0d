// What a training step needs of a loss.
import type { Tensor } from '../../tensor/index.ts';

/** What every loss is told; one that has no use for a setting leaves it. */
export interface LossOptions {
  /** How much of the target is spread evenly over all classes, from 0 to 1. Default 0. */
  labelSmoothing?: number;
}

/** A batch's mean loss, f32 [1], from logits f32 [N, C] and labels u32 [N]; differentiable in the logits. */
export type LossFunction = (logits: Tensor, labels: Tensor, options: LossOptions) => Tensor;

/** A loss with its options: from logits f32 [N, C] and labels u32 [N] to the batch's mean, f32 [1]. */
export type Loss = (logits: Tensor, labels: Tensor) => Tensor;
