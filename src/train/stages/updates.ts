// The two updates that alternate: one of the task network, one of the astrocyte (docs/method.md §5). Both are plain recordings, ready to be captured.
import type { Regulated, Regulator } from '../../astro/index.ts';
import type { Network } from '../../models/index.ts';
import { BATCH_STATS, type Pass, TRAIN } from '../../nn/index.ts';
import { add, countCorrect, crossEntropy } from '../../ops/index.ts';
import { backward, frozen, scope, type Tensor } from '../../tensor/index.ts';
import type { JobConfig } from '../config.ts';
import type { RunningMetrics } from './running-metrics.ts';

export interface Batch {
  /** N×H×W×C. */
  x: Tensor;
  /** [N] u32. */
  y: Tensor;
}

/** Something that learns: its parameters, the optimizer that steps them, and its meter. */
export interface Learner<M> {
  module: M;
  optimizer: { step(): void; lossScale: Tensor };
  meter: RunningMetrics;
}

export type LossOptions = Pick<JobConfig, 'labelSmoothing'>;
export type AnLossOptions = LossOptions & Pick<JobConfig, 'lambda' | 'sparsityWeight'>;

function taskLoss(
  network: Network,
  { x, y }: Batch,
  pass: Pass,
  { labelSmoothing }: LossOptions,
): { loss: Tensor; correct: Tensor } {
  const logits = network.forward(x, pass);
  return { loss: crossEntropy(logits, y, { labelSmoothing }), correct: countCorrect(logits, y) };
}

/** L_NN = E(H(x, W ⊙ P), y), minimized over W, P being the committed gates unless others are given; without a regulator, a plain network's update. */
export function nnUpdate(
  nn: Learner<Network>,
  batch: Batch,
  options: LossOptions,
  regulator?: Regulator,
  gate?: Tensor,
): void {
  scope(() => {
    const run = () => taskLoss(nn.module, batch, TRAIN, options);
    const { loss, correct } = regulator ? regulator.gated(run, gate) : run();
    backward(loss, { gradient: nn.optimizer.lossScale });
    nn.meter.add(loss, correct);
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
  options: AnLossOptions,
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
    an.meter.add(total, correct);
    an.optimizer.step();
  });
}
