// Loss and correct answers, summed on the GPU so that a step reads nothing back. They also hold foundNonFinite: the first loss that is not finite sets it,
// and the optimizers that watch it stop, so that the weights stay as they were when it happened.
import { f32, type Gpu, params } from '../../gpu/index.ts';
import { keep, type Tensor, zeros } from '../../tensor/index.ts';

/** Sums since the last reset. */
export interface MetricsSnapshot {
  /** Sum of the losses of `steps` steps, since the sums were reset. */
  loss: number;
  correct: number;
  steps: number;
  /** The step whose loss was not finite, counted from 1 since the metrics was made; 0 if none. */
  badStep: number;
}

/** What of a step is added: the share of its loss, and whether the step begins and ends with it. */
export interface PartOfStep {
  share: number;
  first: boolean;
  last: boolean;
}

const WHOLE_STEP: PartOfStep = { share: 1, first: true, last: true };

/** Sums of loss and correct answers over steps, on the GPU. Owns GPU memory; release() it. */
export class RunningMetrics {
  /** u32: [0] the bad step or 0, [1] steps so far. Optimizers bind it. */
  readonly foundNonFinite: Tensor;
  private readonly loss: Tensor;
  private readonly counts: Tensor;
  /** What a loss without answers counts. */
  private readonly none: Tensor;
  private readonly gpu: Gpu;

  constructor(gpu: Gpu) {
    this.gpu = gpu;
    this.foundNonFinite = keep(zeros(gpu, [2], 'found non-finite', 'u32'));
    this.loss = keep(zeros(gpu, [1], 'loss sum'));
    this.counts = keep(zeros(gpu, [2], 'correct and steps', 'u32'));
    this.none = keep(zeros(gpu, [1], 'no answers', 'u32'));
  }

  /** Records the addition of one step, or of one of its passes; `loss` is [1] f32, `correct` [1] u32 where there is one. */
  add(loss: Tensor, correct: Tensor = this.none, { share, first, last }: PartOfStep = WHOLE_STEP): void {
    this.gpu.run({
      shader: 'train/running_metrics',
      bindings: [loss.slice, correct.slice, this.loss.slice, this.counts.slice, this.foundNonFinite.slice],
      params: params(f32(share), first ? 1 : 0, last ? 1 : 0),
      grid: [1],
      cost: { flops: 2, bytes: 40 },
    });
  }

  /** What gathered since the last reset. Looking changes nothing, so that what a run reports does not depend on when it was looked at. */
  async read(): Promise<MetricsSnapshot> {
    const [[loss], [correct, steps], [badStep]] = await Promise.all([
      this.loss.data(),
      this.counts.data(),
      this.foundNonFinite.data(),
    ]);
    return { loss, correct, steps, badStep };
  }

  /** A fresh start of the sums, not of foundNonFinite. */
  reset(): void {
    this.gpu.fill(this.loss.slice, 0);
    this.gpu.fill(this.counts.slice, 0);
  }

  /** What a checkpoint has to hold. */
  state(): Map<string, Tensor> {
    return new Map([
      ['foundNonFinite', this.foundNonFinite],
      ['loss', this.loss],
      ['counts', this.counts],
    ]);
  }

  /** Gives back the sums. */
  release(): void {
    for (const tensor of [this.foundNonFinite, this.loss, this.counts, this.none]) tensor.release();
  }
}
