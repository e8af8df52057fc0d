// The comparison itself: results first, then times, the libraries taking turns so that whatever else the machine does hits all of them.
import { AstroError, type Gpu, median } from 'astrogpu/gpu';
import { disagreement } from '../common/disagreement.ts';
import type { Comparison, Peer, PreparedTask, Results } from './comparison.ts';
import type { PeerName } from './options.ts';

/** The libraries computed different things: their times mean nothing. */
export class DisagreementError extends AstroError {}

export type ByPeer = Partial<Record<PeerName, number>>;

export interface ComparisonRow {
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
interface Contender {
  name: 'ours' | PeerName;
  task: PreparedTask;
  first: number;
  times: number[];
}

/** Checks and times one comparison. Throws DisagreementError. */
export async function compare(
  comparison: Comparison,
  gpu: Gpu,
  peers: readonly Peer[],
  rounds: number,
): Promise<ComparisonRow> {
  const contenders: Contender[] = [];
  try {
    contenders.push({ name: 'ours', task: comparison.ours(gpu), first: 0, times: [] });
    for (const peer of peers) contenders.push({ name: peer.name, task: comparison.theirs(peer), first: 0, times: [] });
    const found = await verify(comparison, contenders);
    // The first round warms up: buffers enter the pools, clocks rise.
    for (let round = 0; round <= rounds; round++)
      for (const { task, times } of round % 2 === 0 ? contenders : contenders.toReversed()) {
        const ms = await time(task);
        if (round > 0) times.push(ms);
      }
    const ms = Object.fromEntries(contenders.map(({ name, times }) => [name, median(times)])) as ComparisonRow['ms'];
    return {
      name: comparison.name,
      ms,
      ratio: Object.fromEntries(peers.map(({ name }) => [name, ms[name]! / ms.ours])),
      first: Object.fromEntries(contenders.map(({ name, first }) => [name, first])) as ComparisonRow['first'],
      error: { found, allowed: comparison.tolerance },
    };
  } finally {
    for (const { task } of contenders) task.release();
  }
}

/** Every contender's first results, the peers' against ours. */
async function verify({ name, tolerance }: Comparison, contenders: Contender[]): Promise<number> {
  const [ours, ...theirs] = contenders;
  const mine = await firstResults(ours);
  let worst = 0;
  for (const contender of theirs)
    for (const [what, values] of await firstResults(contender)) {
      const error = disagreement(mine.get(what) ?? [], values);
      if (!(error <= tolerance))
        throw new DisagreementError(
          `${name}: the results of astrogpu and ${contender.name} differ by ${error.toExponential(1)} in ${what}; ${tolerance.toExponential(1)} is allowed, so there is nothing to time`,
        );
      worst = Math.max(worst, error);
    }
  return worst;
}

async function firstResults(contender: Contender): Promise<Results> {
  const start = performance.now();
  const results = await contender.task.results();
  contender.first = performance.now() - start;
  return results;
}

async function time(task: PreparedTask): Promise<number> {
  const start = performance.now();
  task.run();
  await task.idle();
  return performance.now() - start;
}
