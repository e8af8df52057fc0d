// The comparison itself: results first, then times, the arms taking turns so that whatever else the machine does hits all of them.
import { AstroError, type Gpu } from 'astrogpu/gpu';
import { disagreement, median } from '../common/disagreement.ts';
import type { Arm, Job, Peer, Results } from './comparison.ts';
import type { PeerName } from './options.ts';

/** The libraries computed different things: their times mean nothing. */
export class DisagreementError extends AstroError {}

export type ByPeer = Partial<Record<PeerName, number>>;

export interface Row {
  name: string;
  /** Milliseconds from the first command to the end of the work: medians. */
  ms: { ours: number } & ByPeer;
  /** The peer's time divided by ours. */
  ratio: ByPeer;
  /** Milliseconds until the first results were read, compilation included. */
  first: { ours: number } & ByPeer;
  /** Largest disagreement found with any peer, and allowed. */
  error: { found: number; allowed: number };
}

/** One library's part in a row. */
interface Side {
  name: 'ours' | PeerName;
  arm: Arm;
  first: number;
  times: number[];
}

/** Checks and times one job. Throws DisagreementError. */
export async function compare(job: Job, gpu: Gpu, peers: readonly Peer[], rounds: number): Promise<Row> {
  const sides: Side[] = [];
  try {
    sides.push({ name: 'ours', arm: job.ours(gpu), first: 0, times: [] });
    for (const peer of peers) sides.push({ name: peer.name, arm: job.theirs(peer), first: 0, times: [] });
    const found = await verify(job, sides);
    // The first round warms up: buffers enter the pools, clocks rise.
    for (let round = 0; round <= rounds; round++)
      for (const { arm, times } of round % 2 === 0 ? sides : sides.toReversed()) {
        const ms = await time(arm);
        if (round > 0) times.push(ms);
      }
    const ms = Object.fromEntries(sides.map(({ name, times }) => [name, median(times)])) as Row['ms'];
    return {
      name: job.name,
      ms,
      ratio: Object.fromEntries(peers.map(({ name }) => [name, ms[name]! / ms.ours])),
      first: Object.fromEntries(sides.map(({ name, first }) => [name, first])) as Row['first'],
      error: { found, allowed: job.tolerance },
    };
  } finally {
    for (const { arm } of sides) arm.release();
  }
}

/** Every side's first results, the peers' against ours. */
async function verify({ name, tolerance }: Job, sides: Side[]): Promise<number> {
  const [ours, ...theirs] = sides;
  const mine = await firstResults(ours);
  let worst = 0;
  for (const side of theirs)
    for (const [what, values] of await firstResults(side)) {
      const error = disagreement(mine.get(what) ?? [], values);
      if (!(error <= tolerance))
        throw new DisagreementError(
          `${name}: the results of astrogpu and ${side.name} differ by ${error.toExponential(1)} in ${what}; ${tolerance.toExponential(1)} is allowed, so there is nothing to time`,
        );
      worst = Math.max(worst, error);
    }
  return worst;
}

async function firstResults(side: Side): Promise<Results> {
  const start = performance.now();
  const results = await side.arm.results();
  side.first = performance.now() - start;
  return results;
}

async function time(arm: Arm): Promise<number> {
  const start = performance.now();
  arm.run();
  await arm.settle();
  return performance.now() - start;
}
