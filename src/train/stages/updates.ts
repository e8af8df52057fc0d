// The two updates that alternate: one of the task network, one of the astrocyte (METHOD.md §5). Both are plain recordings, ready to be captured.
import type { Regulated, Regulator } from '../../astro/index.ts';
import type { Network } from '../../models/index.ts';
import { type Pass, PROBE, TRAIN } from '../../nn/index.ts';
import { add, argmaxHits, crossEntropy } from '../../ops/index.ts';
import { backward, frozen, scope, type Tensor } from '../../tensor/index.ts';
import type { Meter } from './meter.ts';

export interface Batch {
  /** N×H×W×C. */
  x: Tensor;
  /** [N] u32. */
  y: Tensor;
}

/** Something that learns: its parameters, the optimiser that steps them, and its meter. */
export interface Learner<M> {
  module: M;
  optimizer: { step(): void; lossScale: Tensor };
  meter: Meter;
}

export interface LossOptions {
  labelSmoothing: number;
}

function taskLoss(
  network: Network,
  { x, y }: Batch,
  pass: Pass,
  { labelSmoothing }: LossOptions,
): { loss: Tensor; hits: Tensor } {
  const logits = network.forward(x, pass);
  return { loss: crossEntropy(logits, y, { labelSmoothing }), hits: argmaxHits(logits, y) };
}

/** L_NN = E(H(x, W ⊙ P), y), minimised over W, P being the committed gates unless others are given; without a regulator, a plain network's update. */
export function nnUpdate(
  nn: Learner<Network>,
  batch: Batch,
  options: LossOptions,
  regulator?: Regulator,
  gate?: Tensor,
): void {
  scope(() => {
    const run = () => taskLoss(nn.module, batch, TRAIN, options);
    const { loss, hits } = regulator ? regulator.gated(run, gate) : run();
    backward(loss, { gradient: nn.optimizer.lossScale });
    nn.meter.add(loss, hits);
    nn.optimizer.step();
  });
}

/**
 * L_AN = E(H(x, W ⊙ Pᵗ), y) + λ·|eᵗ − eᵗ⁻¹| + budget·mean Pᵗ, minimised over the AN with W constant. `regulated` must have been recorded, and its graph is freed.
 * The network normalises by the batch and leaves its running statistics alone.
 */
export function anUpdate(
  an: Learner<{ arena: { tensors: Map<string, Tensor> } }>,
  network: Network,
  batch: Batch,
  options: LossOptions,
  regulator: Regulator,
  regulated: Regulated,
  { lambda, budget }: { lambda: number; budget: number },
): void {
  scope(() => {
    const { loss, hits } = frozen(network.arena.tensors.values(), () =>
      regulator.gated(() => taskLoss(network, batch, PROBE, options), regulated.gate),
    );
    const penalty = regulator.penalty(regulated, lambda, budget);
    const total = penalty ? add(loss, penalty) : loss;
    backward(total, { gradient: an.optimizer.lossScale });
    an.meter.add(total, hits);
    an.optimizer.step();
  });
}
