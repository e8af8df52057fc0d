// How long networks take for an image: in turns, so that whatever else the machine does meets all of them alike, and with the spread, without which a
// difference of noise reads like one of networks.
import type { ImageFeed } from '../../data/index.ts';
import { halving } from '../../gpu/index.ts';
import { fittingBatch, type Graph, Network } from '../../models/index.ts';
import { EVAL } from '../../nn/index.ts';
import { type Spread, spreadOf } from '../../report/index.ts';
import { noGrad, scope } from '../../tensor/index.ts';

/** Rounds before the timing, for compilation and caches. */
const WARM_UP = 2;
/** Rounds that are timed: more where they are short. */
const LEAST_ROUNDS = 7;
const MOST_ROUNDS = 21;
const ENOUGH_MS = 3000;

/** What timing networks in turns gives. */
export interface Timing {
  /** Milliseconds an image of each network. */
  networks: Spread[];
  /** Each network's time in parts of the first one's, round by round. */
  ratios: Spread[];
  /** The same by processor time of all threads: on a software adapter the work itself, whatever else the machine does. */
  processorRatios: Spread[];
  rounds: number;
}

/**
 * Times networks in evaluation: rounds of one batch each, the order reversed in every other round. The networks have memory and take the images of `data`. `rounds`: default 7, and up to
 * 21 within three seconds; the more, the narrower the intervals.
 */
export function timeNetworks(
  networks: readonly Network[],
  data: ImageFeed,
  batch: number,
  { rounds }: { rounds?: number } = {},
): Promise<Timing> {
  const fitting = networks.map(({ graph }) => fittingBatch(data.gpu, graph, Math.min(batch, data.count)));
  return halving(Math.min(...fitting), (size) => timeBatches(networks, data, size, rounds));
}

/**
 * How long a network takes in parts of a whole one's time, in the middle of the rounds; on a software adapter in processor time, whatever else the machine does. Both are made for it, with values by chance.
 */
export async function timeShare(whole: Graph, other: Graph, data: ImageFeed, batch: number): Promise<number> {
  const networks = [whole, other].map((graph) => new Network(graph).to(data.gpu, 0));
  try {
    const { ratios, processorRatios } = await timeNetworks(networks, data, batch);
    return (data.gpu.adapter.software ? processorRatios : ratios)[1].median;
  } finally {
    for (const network of networks) network.release();
  }
}

async function timeBatches(
  networks: readonly Network[],
  data: ImageFeed,
  size: number,
  rounds?: number,
): Promise<Timing> {
  const { gpu } = data;
  const stream = data.batches({ batch: size, seed: 0 });
  await stream.seek(0);
  stream.next();
  const samples: number[][] = networks.map(() => []);
  const processor: number[][] = networks.map(() => []);
  let begun = performance.now();
  const goesOn = (round: number): boolean =>
    round < (rounds ?? LEAST_ROUNDS) ||
    (rounds === undefined && round < MOST_ROUNDS && performance.now() - begun < ENOUGH_MS);
  for (let round = -WARM_UP; goesOn(round); round++) {
    if (round === 0) begun = performance.now();
    const order = [...networks.entries()];
    for (const [i, network] of round % 2 === 0 ? order : order.reverse()) {
      await gpu.idle();
      const [start, before] = [performance.now(), process.cpuUsage()];
      noGrad(() => scope(() => network.forward(stream.x, EVAL).release()));
      await gpu.idle();
      if (round < 0) continue;
      samples[i].push((performance.now() - start) / size);
      const { user, system } = process.cpuUsage(before);
      processor[i].push(user + system);
    }
  }
  stream.release();
  const ratiosOf = (all: number[][]): Spread[] =>
    all.map((times) => spreadOf(times.map((time, round) => time / all[0][round])));
  return {
    networks: samples.map(spreadOf),
    ratios: ratiosOf(samples),
    processorRatios: ratiosOf(processor),
    rounds: samples[0].length,
  };
}
