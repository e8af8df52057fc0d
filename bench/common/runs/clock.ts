// How long the rest of a list of runs takes, judged by the runs that were timed, each weighed by the work that it is.
import { describeModel, networkCost } from 'astrogpu/models';
import { formatDuration } from 'astrogpu/report';
import type { Run } from './plan.ts';

export class Clock {
  private work: number;
  private timed = { work: 0, seconds: 0 };

  constructor(runs: readonly Run[]) {
    this.work = runs.reduce((sum, { work }) => sum + work, 0);
  }

  /** A run is over; `seconds` if it was done in one go, now or before. */
  note({ work }: Run, seconds?: number): void {
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

/** Of resnet-small on two cores of a software adapter (docs/results/software-adapter.md), in seconds for each operation of an update. */
const SECONDS_PER_WORK = 0.11 / networkCost(describeModel('resnet-small')).flops;

/** What the small version of these runs takes without a GPU, in seconds. */
export const expectedSeconds = (runs: readonly Run[]): number =>
  runs.reduce((sum, { work }) => sum + work, 0) * SECONDS_PER_WORK;
