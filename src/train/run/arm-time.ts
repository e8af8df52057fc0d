// The time of an arm without what compiling took: whichever arm comes first compiles for all of them, and its time would say so.

/** Work of one kind: how often it was done, and how long it took in all; `clean` is what of it compiled nothing. */
interface Pace {
  count: number;
  seconds: number;
  clean: { count: number; seconds: number };
}

/** Steps, and what ends an epoch (recalibration and evaluation). */
export interface ArmTime {
  steps: Pace;
  ends: Pace;
}

const nothing = (): Pace => ({ count: 0, seconds: 0, clean: { count: 0, seconds: 0 } });

export const noTime = (): ArmTime => ({ steps: nothing(), ends: nothing() });

/** Adds work to its kind. */
export function addTime(pace: Pace, count: number, seconds: number, compiled: boolean): void {
  for (const sum of compiled ? [pace] : [pace, pace.clean]) {
    sum.count += count;
    sum.seconds += seconds;
  }
}

/** What all the work takes at the pace of the work that compiled nothing; where there was none such, what it took. */
export const secondsOf = ({ steps, ends }: ArmTime): number =>
  [steps, ends].reduce(
    (sum, { count, seconds, clean }) => sum + (clean.count > 0 ? (clean.seconds / clean.count) * count : seconds),
    0,
  );
