// The two updates that alternate: one of the task network, one of the astrocyte (docs/method.md §5). Both are plain recordings, ready to be captured.
import type { Regulated, Regulator } from '../../astro/index.ts';
import type { Network } from '../../models/index.ts';
import { createLoss, type Loss, type LossName, type LossOptions, type Pass } from '../../nn/index.ts';
import { add, countCorrect } from '../../ops/index.ts';
import { backward, frozen, scope, type Tensor } from '../../tensor/index.ts';
import type { JobConfig } from '../config.ts';
import type { RunningMetrics } from './running-metrics.ts';

/** What an update learns from. */
export interface Batch {
  /** N×H×W×C. */
  x: Tensor;
  /** [N] u32. */
  y: Tensor;
}

/** What a task makes of a batch. */
export interface TaskLoss {
  /** f32 [1]: what is minimized. */
  loss: Tensor;
  /** u32 [1]: how many answers were right, where that can be said. */
  correct?: Tensor;
}

/** What moves a network's parameters, or those of an astrocyte. */
export interface Steps {
  step(): void;
  /** f32 [1]: the gradient that backward() starts with. Default 1. */
  readonly lossScale?: Tensor;
}

/** Something that learns: the optimizer that steps its parameters, and where its losses are summed. */
export interface Learner {
  optimizer: Steps;
  metrics?: RunningMetrics;
}

/** Of a recipe, what decides the loss of the task: E of docs/method.md §5. */
export interface LossChoice extends LossOptions {
  /** By name, of `lossNames` or added. Default cross-entropy. */
  loss?: LossName;
}

/** What the astrocyte's loss has beside the task's: L_AN of docs/method.md §5. */
export type Penalty = Pick<JobConfig, 'lambda' | 'sparsityWeight'>;

/** The loss that a recipe asks for. Throws AstroError for a name that is none. */
export const lossOf = ({ loss = 'cross-entropy', labelSmoothing }: LossChoice): Loss =>
  createLoss(loss, { labelSmoothing });

/** E(H(x, W), y) of a network's logits in a pass, as a function to be run under gates. */
export const taskLoss =
  (network: Pick<Network, 'forward'>, { x, y }: Batch, pass: Pass, choice: LossChoice) =>
  (): TaskLoss => {
    const logits = network.forward(x, pass);
    return { loss: lossOf(choice)(logits, y), correct: countCorrect(logits, y) };
  };

/**
 * L_NN = E(H(x, W ⊙ P), y), which `run` makes, minimized over W, P being the committed gates unless others are given; without a regulator, a plain network's update.
 */
export function nnUpdate(nn: Learner, run: () => TaskLoss, regulator?: Regulator, gate?: Tensor): void {
  scope(() => {
    const { loss, correct } = regulator ? regulator.gated(run, gate) : run();
    backward(loss, { gradient: nn.optimizer.lossScale });
    nn.metrics?.add(loss, correct);
    nn.optimizer.step();
  });
}

/**
 * L_AN = E(H(x, W ⊙ Pᵗ), y) + λ·|eᵗ − eᵗ⁻¹| + sparsityWeight·mean Pᵗ, minimized over the AN with W constant; `run` makes E. `regulated` must have been recorded, and its
 * graph is freed. The network is to normalize by the batch and leave its running statistics alone (BATCH_STATS).
 */
export function anUpdate(
  an: Learner,
  run: () => TaskLoss,
  { lambda, sparsityWeight }: Penalty,
  regulator: Regulator,
  regulated: Regulated,
): void {
  scope(() => {
    const { loss, correct } = frozen(regulator.layout.network.arena.tensors.values(), () =>
      regulator.gated(run, regulated.gate),
    );
    const penalty = regulator.penalty(regulated, lambda, sparsityWeight);
    const total = penalty ? add(loss, penalty) : loss;
    backward(total, { gradient: an.optimizer.lossScale });
    an.metrics?.add(total, correct);
    an.optimizer.step();
  });
}
