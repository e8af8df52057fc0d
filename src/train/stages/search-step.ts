// A step of the search (docs/method.md §6): one pair of batches through all T iterations, where network and astrocyte learn in turn. A plain recording, ready to be
// captured: what a batch is and what the loss, those say who call it.
import type { GateCut, Regulator } from '../../astro/index.ts';
import { frozen, noGrad, scope, type Tensor } from '../../tensor/index.ts';
import type { JobConfig } from '../config.ts';
import { anUpdate, type Learner, nnUpdate, type Passes, type Penalty, type TaskLoss } from './updates.ts';

/** One that learns, and the loss that it learns by. */
export interface Learning {
  learner: Learner;
  run: () => TaskLoss;
  /** Default: the batch at once. */
  passes?: Passes;
}

/** Who learns in a step of the search, and in which iterations. */
export interface SearchStepOptions extends Penalty, Pick<JobConfig, 'updates'> {
  /** The network, which trains (TRAIN). */
  nn?: Learning;
  /** The astrocyte, under which the network normalizes by the batch (BATCH_STATS). */
  an?: Learning;
  /** What is cut of the gates that both learn under. Iterations go on from all of them. */
  cut?: GateCut;
}

/** T regulations and the updates after each of them. */
export function searchStep(regulator: Regulator, { nn, an, updates, cut, ...penalty }: SearchStepOptions): void {
  const { T, backpropThroughGates } = regulator.options;
  const weights = regulator.layout.network.arena.tensors;
  for (let t = 1; t <= T; t++)
    scope(() => {
      const now = updates === 'each' || t === T;
      const learns = an !== undefined && now;
      const regulated = learns
        ? frozen(weights.values(), () => regulator.iterate(t))
        : noGrad(() => regulator.iterate(t));
      const cutting = (gate: Tensor): Tensor => (cut ? cut.made(gate) : gate);
      const used = now ? cutting(regulated.gate) : regulated.gate;
      if (nn && now) {
        if (cut) regulator.clearMomentum(nn.learner.optimizer.momentum, used);
        const gate = (): Tensor =>
          backpropThroughGates
            ? cutting(frozen(regulator.astrocyte.arena.tensors.values(), () => regulator.iterate(t)).gate)
            : used.detach();
        nnUpdate(nn.learner, nn.run, regulator, { gate, passes: nn.passes });
      }
      // The update frees the graph; handles of our own keep Pᵗ until it is committed.
      const result = { t, p: regulated.p.detach(), gate: regulated.gate.detach(), e: regulated.e.detach() };
      if (learns) anUpdate(an.learner, an.run, penalty, regulator, { ...regulated, gate: used }, an.passes);
      regulator.commit(result);
    });
}
