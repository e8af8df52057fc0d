// How long the rest of a list of runs takes, judged by the runs that were timed, each weighed by the work that it is.
import { describeModel, networkCost } from 'astrogpu/models';
import { formatDuration } from 'astrogpu/report';
import type { Run } from './plan.ts';

export class Clock {
  private work: number;
  private timed = { work: 0, seconds: 0 };

  constructor(runs: readonly Pick<Run, 'work'>[]) {
    this.work = runs.reduce((sum, { work }) => sum + work, 0);
  }

  /** A run is over; `seconds` if it was done in one go, now or before. */
  note({ work }: Pick<Run, 'work'>, seconds?: number): void {
    this.work -= work;
    if (seconds === undefined) return;
    this.timed.work += work;
    this.timed.seconds += seconds;
  }

  /** Seconds; undefined until a run was timed. */
  get left(): number | undefined {
    return this.timed.work > 0 ? (Math.max(0, this.work) * this.timed.seconds) / this.timed.work : undefined;
  }

  /** `about 3 min 20 s left`. */
  describe(): string {
    return this.left === undefined ? 'time left unknown' : `about ${formatDuration(this.left)} left`;
  }
}

/**
 * Seconds for each operation of an update on two cores of a software adapter: of a convolutional network 0.11 s for resnet-small (docs/results/software-adapter.md); of a
 * transformer 0.92 s for vit-tiny-cifar at a quarter of its width, measured when the machine ran at a third of that speed, as a list that takes ten minutes should not promise four.
 */
const SECONDS_PER_WORK = {
  cnn: 0.11 / networkCost(describeModel('resnet-small')).flops,
  vit: 0.92 / networkCost(describeModel('vit-tiny-cifar', { width: 0.25 })).flops,
};

/** What the small version of these runs takes without a GPU, in seconds. */
export const expectedSeconds = (runs: readonly Run[]): number =>
  runs.reduce(
    (sum, { work, config }) => sum + work * SECONDS_PER_WORK[config.model.startsWith('vit') ? 'vit' : 'cnn'],
    0,
  );
