// The losses of a detector's steps, summed on the GPU by name so that a step reads nothing back. The first that is not finite is found by its name, and stops the optimizer.
import type { Gpu } from '../../gpu/index.ts';
import { scale } from '../../ops/index.ts';
import { addInPlace, keep, type Tensor, zeros } from '../../tensor/index.ts';
import { RunningMetrics } from '../../train/index.ts';

/** What boxInstLoss() gives, by the names that people read. */
export const LOSSES = ['total', 'classification', 'location', 'centerness', 'projection', 'pairwise'] as const;

/** One of them. */
export type LossName = (typeof LOSSES)[number];

/** A number for each loss. */
export type LossValues = Record<LossName, number>;

/** Means over the steps since the last reset. */
export interface LossReading {
  steps: number;
  means: LossValues;
  /** The first step with a loss that is not finite, counted from 1, and which these are. */
  bad?: { step: number; losses: LossName[] };
}

/** Sums of each loss over steps. Owns GPU memory; release() it. */
export class LossMeters {
  private readonly sums: Record<LossName, RunningMetrics>;
  /** f32 [1] of each loss: the running step's, over its micro-batches. */
  private readonly step: Record<LossName, Tensor>;
  private readonly gpu: Gpu;

  constructor(gpu: Gpu) {
    this.gpu = gpu;
    this.sums = byName(() => new RunningMetrics(gpu));
    this.step = byName((name) => keep(zeros(gpu, [1], `${name} loss of a step`)));
  }

  /** u32: not 0 once the total was not finite; an optimizer that binds it stops there. */
  get foundNonFinite(): Tensor {
    return this.sums.total.foundNonFinite;
  }

  /** Records the beginning of a step. */
  begin(): void {
    for (const name of LOSSES) this.gpu.fill(this.step[name].slice, 0);
  }

  /** Records the losses of one of `parts` micro-batches. */
  add(losses: Record<LossName, Tensor>, parts: number): void {
    for (const name of LOSSES) addInPlace(this.step[name], scale(losses[name], 1 / parts));
  }

  /** Records the end of a step. */
  end(): void {
    for (const name of LOSSES) this.sums[name].add(this.step[name]);
  }

  /** What gathered since the last reset. Looking changes nothing. */
  async read(): Promise<LossReading> {
    const seen = await Promise.all(LOSSES.map(async (name) => [name, await this.sums[name].read()] as const));
    const bad = seen.filter(([, { badStep }]) => badStep > 0);
    const step = Math.min(...bad.map(([, { badStep }]) => badStep));
    const means = Object.fromEntries(seen.map(([name, { loss, steps }]) => [name, loss / steps])) as LossValues;
    return {
      steps: seen[0][1].steps,
      means,
      ...(bad.length > 0 && {
        bad: { step, losses: bad.filter((one) => one[1].badStep === step).map(([name]) => name) },
      }),
    };
  }

  /** A fresh start of the sums. */
  reset(): void {
    for (const name of LOSSES) this.sums[name].reset();
  }

  /** What a checkpoint has to hold. */
  state(): Map<string, Tensor> {
    return new Map(
      LOSSES.flatMap((name) => [...this.sums[name].state()].map(([part, tensor]) => [`${name}.${part}`, tensor])),
    );
  }

  /** Gives back the sums. */
  release(): void {
    for (const name of LOSSES) {
      this.sums[name].release();
      this.step[name].release();
    }
  }
}

const byName = <T>(make: (name: LossName) => T): Record<LossName, T> =>
  Object.fromEntries(LOSSES.map((name) => [name, make(name)])) as Record<LossName, T>;
