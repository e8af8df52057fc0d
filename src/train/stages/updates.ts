// The two updates that alternate: one of the task network, one of the astrocyte (docs/method.md §5). Both are plain recordings, ready to be captured.
import type { Regulated, Regulator } from '../../astro/index.ts';
import type { Network } from '../../models/index.ts';
import {
  BATCH_STATS,
  createLoss,
  type Loss,
  type LossName,
  type LossOptions,
  type Pass,
  TRAIN,
} from '../../nn/index.ts';
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

/** Something that learns: its parameters, the optimizer that steps them, and its metrics. */
export interface Learner<M> {
  module: M;
  optimizer: { step(): void; lossScale: Tensor };
  metrics: RunningMetrics;
}

/** Of a recipe, what decides the loss of the task: E of docs/method.md §5. */
export interface LossChoice extends LossOptions {
  /** By name, of `lossNames` or added. Default cross-entropy. */
  loss?: LossName;
}

/** What decides the loss of the astrocyte: L_AN of docs/method.md §5. */
export type AnLossChoice = LossChoice & Pick<JobConfig, 'lambda' | 'sparsityWeight'>;

/** The loss that a recipe asks for. Throws AstroError for a name that is none. */
export const lossOf = ({ loss = 'cross-entropy', labelSmoothing }: LossChoice): Loss =>
  createLoss(loss, { labelSmoothing });

function taskLoss(
  network: Network,
  { x, y }: Batch,
  pass: Pass,
  choice: LossChoice,
): { loss: Tensor; correct: Tensor } {
  const logits = network.forward(x, pass);
  return { loss: lossOf(choice)(logits, y), correct: countCorrect(logits, y) };
}

/** L_NN = E(H(x, W ⊙ P), y), minimized over W, P being the committed gates unless others are given; without a regulator, a plain network's update. */
export function nnUpdate(
  nn: Learner<Network>,
  batch: Batch,
  options: LossChoice,
  regulator?: Regulator,
  gate?: Tensor,
): void {
  scope(() => {
    const run = () => taskLoss(nn.module, batch, TRAIN, options);
    const { loss, correct } = regulator ? regulator.gated(run, gate) : run();
    backward(loss, { gradient: nn.optimizer.lossScale });
    nn.metrics.add(loss, correct);
    nn.optimizer.step();
  });
}

/**
 * L_AN = E(H(x, W ⊙ Pᵗ), y) + λ·|eᵗ − eᵗ⁻¹| + sparsityWeight·mean Pᵗ, minimized over the AN with W constant. `regulated` must have been recorded, and its graph is freed.
 * The network normalizes by the batch and leaves its running statistics alone.
 */
export function anUpdate(
  an: Learner<{ arena: { tensors: Map<string, Tensor> } }>,
  network: Network,
  batch: Batch,
  options: AnLossChoice,
  regulator: Regulator,
  regulated: Regulated,
): void {
  scope(() => {
    const { loss, correct } = frozen(network.arena.tensors.values(), () =>
      regulator.gated(() => taskLoss(network, batch, BATCH_STATS, options), regulated.gate),
    );
    const penalty = regulator.penalty(regulated, options.lambda, options.sparsityWeight);
    const total = penalty ? add(loss, penalty) : loss;
    backward(total, { gradient: an.optimizer.lossScale });
    an.metrics.add(total, correct);
    an.optimizer.step();
  });
}
