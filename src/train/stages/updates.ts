// The two updates that alternate: one of the task network, one of the astrocyte (docs/method.md §5). Both are plain recordings, ready to be captured.
import type { NetworkGates, Regulated, Regulator } from '../../astro/index.ts';
import type { BatchSource } from '../../data/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import type { Network } from '../../models/index.ts';
import { createLoss, type Loss, type LossName, type LossOptions, type Pass } from '../../nn/index.ts';
import { add, countCorrect, mul, scale, sum } from '../../ops/index.ts';
import { backward, frozen, full, scope, type Tensor } from '../../tensor/index.ts';
import type { JobConfig } from '../config.ts';
import type { RunningMetrics } from './running-metrics.ts';

/** What an update learns from. */
export interface Batch {
  /** N×H×W×C. */
  x: Tensor;
  /** u32 [N], the labels, or f32 [N, classes], shares of them. */
  y: Tensor;
  /** u32 [N], which answers are right where y are shares. */
  labels?: Tensor;
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
  /** What is left of former gradients, in the layout of the parameters: cleared for weights that are cut. Default: none. */
  readonly momentum?: Tensor;
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
  (network: Pick<Network, 'forward'>, { x, y, labels = y }: Batch, pass: Pass, choice: LossChoice) =>
  (): TaskLoss => {
    const logits = network.forward(x, pass);
    return { loss: lossOf(choice)(logits, y), correct: countCorrect(logits, labels) };
  };

/** The passes of an update: one for each part that a batch comes in. */
export interface Passes {
  /** How many there are. */
  readonly count: number;
  /** Brings part `i` of the batch to where the loss looks for it. */
  bring(i: number): void;
}

/** The passes over a source's batches: its `next` has begun the batch. */
export const passesOf = (source: Pick<BatchSource<unknown>, 'parts' | 'part'>): Passes => ({
  count: source.parts ?? 1,
  bring: (i) => source.part?.(i),
});

/** The batch at once. */
const ONE_PASS: Passes = { count: 1, bring: () => {} };

/** Runs all passes, and leaves in the gradients what the mean of their losses has. */
function learn(
  { optimizer: { lossScale }, metrics }: Learner,
  run: () => TaskLoss,
  { count, bring }: Passes,
  lossOf = (made: TaskLoss): Tensor => made.loss,
): void {
  const gradient = (gpu: Gpu): Tensor | undefined =>
    count === 1 ? lossScale : lossScale ? scale(lossScale, 1 / count) : full(gpu, [1], 1 / count);
  for (let i = 0; i < count; i++)
    scope(() => {
      if (count > 1) bring(i);
      const made = run();
      const loss = lossOf(made);
      backward(loss, { gradient: gradient(loss.gpu), accumulate: i > 0 });
      metrics?.add(loss, made.correct, { share: 1 / count, first: i === 0, last: i === count - 1 });
    });
}

/**
 * L_NN = E(H(x, W ⊙ P), y), which `run` makes, minimized over W, P being the committed gates unless others are given (made anew for each pass); without a regulator, a plain
 * network's update.
 */
export function nnUpdate(
  nn: Learner,
  run: () => TaskLoss,
  regulator?: NetworkGates,
  { gate, passes = ONE_PASS }: { gate?: () => Tensor; passes?: Passes } = {},
): void {
  scope(() => {
    learn(nn, () => (regulator ? regulator.gated(run, gate?.()) : run()), passes);
    regulator?.observe();
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
  passes: Passes = ONE_PASS,
): void {
  const weights = regulator.layout.network.arena.tensors;
  const penaltyOf = (): Tensor | undefined => regulator.penalty(regulated, lambda, sparsityWeight);
  scope(() => {
    if (passes.count === 1)
      learn(
        an,
        () => frozen(weights.values(), () => regulator.gated(run, regulated.gate)),
        passes,
        ({ loss }) => {
          const penalty = penaltyOf();
          return penalty ? add(loss, penalty) : loss;
        },
      );
    else {
      // Every pass adds to the gradient of Pᵗ, and the astrocyte is gone through backwards once.
      const gate = regulated.gate.detach();
      gate.requiresGrad = true;
      learn(an, () => frozen(weights.values(), () => regulator.gated(run, gate)), passes);
      const penalty = penaltyOf();
      if (penalty) an.metrics?.add(penalty, undefined, { share: 1, first: false, last: false });
      const { lossScale } = an.optimizer;
      const ofTask = sum(mul(regulated.gate, gate.grad!));
      const scaled = penalty && (lossScale ? mul(penalty, lossScale) : penalty);
      backward(scaled ? add(ofTask, scaled) : ofTask);
      gate.grad!.release();
    }
    an.optimizer.step();
  });
}
