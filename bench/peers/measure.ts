// The comparison itself: results first, then times, the arms taking turns so that whatever else the machine does hits both.
import { AstroError, type Gpu } from 'astrogpu/gpu';
import type { Arm, Job } from './job.ts';
import { disagreement, median } from './statistics.ts';
import type { Tfjs } from './tfjs.ts';

/** The libraries computed different things: their times mean nothing. */
export class DisagreementError extends AstroError {}

export interface Row {
  name: string;
  /** Milliseconds from the first command to the end of the work: medians. */
  ms: { ours: number; tfjs: number };
  /** The peer's time divided by ours. */
  ratio: { tfjs: number };
  /** Largest disagreement found, and allowed. */
  error: { found: number; allowed: number };
}

/** Checks and times one job. Throws DisagreementError. */
export async function compare(job: Job, gpu: Gpu, peer: Tfjs, rounds: number): Promise<Row> {
  const [ours, theirs] = [job.ours(gpu), job.tfjs(peer)];
  try {
    const found = await verify(job, ours, theirs);
    const times = new Map<Arm, number[]>([
      [ours, []],
      [theirs, []],
    ]);
    // The first round warms up: buffers enter the pools, clocks rise.
    for (let round = 0; round <= rounds; round++)
      for (const arm of round % 2 === 0 ? [ours, theirs] : [theirs, ours]) {
        const ms = await time(arm);
        if (round > 0) times.get(arm)!.push(ms);
      }
    const ms = { ours: median(times.get(ours)!), tfjs: median(times.get(theirs)!) };
    return { name: job.name, ms, ratio: { tfjs: ms.tfjs / ms.ours }, error: { found, allowed: job.tolerance } };
  } finally {
    ours.release();
    theirs.release();
  }
}

async function verify({ name, tolerance }: Job, ours: Arm, theirs: Arm): Promise<number> {
  const mine = await ours.results();
  const expected = await theirs.results();
  let worst = 0;
  for (const [what, values] of expected) {
    const error = disagreement(mine.get(what) ?? [], values);
    if (!(error <= tolerance))
      throw new DisagreementError(
        `${name}: the results of astrogpu and tfjs differ by ${error.toExponential(1)} in ${what}; ${tolerance.toExponential(1)} is allowed, so there is nothing to time`,
      );
    worst = Math.max(worst, error);
  }
  return worst;
}

async function time(arm: Arm): Promise<number> {
  const start = performance.now();
  arm.run();
  await arm.settle();
  return performance.now() - start;
}
