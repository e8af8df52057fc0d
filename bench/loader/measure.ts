// Images a second of both loaders with one number of workers, in turns.
import { type Decoder, ImageLoader, type ImageSource } from 'astrogpu/data';
import { median } from 'astrogpu/gpu';
import { type Round, TorchLoader } from './torchvision.ts';

/** A side's rounds. */
export interface Side {
  /** Images a second: the median, the least and the most. */
  rate: number;
  low: number;
  high: number;
  /** Milliseconds of processor time for an image, where that is known: what a busy machine changes least. */
  cpu?: number;
  versions?: Record<string, string>;
}

/** Both sides with a number of workers. */
export interface Row {
  workers: number;
  ours: Side;
  theirs?: Side;
  /** Ours by theirs; the median of the rounds' own. */
  ratio?: number;
  /** Theirs by ours, of processor time. */
  cpuRatio?: number;
}

const AHEAD = 2;

/** What is loaded: batches in a round, and how large they are. */
export interface Load {
  batch: number;
  batches: number;
  size: number;
  floats: boolean;
  decoder: Decoder;
  rounds: number;
}

export async function measure(
  source: ImageSource,
  workers: number,
  { batch, batches, size, floats, decoder, rounds }: Load,
  torch?: { python: string; folder: string },
): Promise<Row> {
  const training = { size, interpolation: 'bilinear' as const };
  const loader = new ImageLoader(source, { batch, training, seed: 7, workers, decoder, ahead: AHEAD });
  const peer = torch && new TorchLoader({ ...torch, workers, batch, size, floats });
  const sides: [ours: Round[], theirs: Round[]] = [[], []];
  // The first round warms up.
  for (let round = 0; round <= rounds; round++)
    for (const side of round % 2 === 0 ? [0, 1] : [1, 0]) {
      if (side === 1 && !peer) continue;
      const took = side === 0 ? await load(loader, batches) : await peer!.load(batches);
      if (round > 0) sides[side].push(took);
    }
  await Promise.all([loader.close(), peer?.close()]);
  const [ours, theirs] = sides;
  if (!peer) return { workers, ours: sideOf(ours) };
  const rate = ({ images, seconds }: Round): number => images / seconds;
  const both = { ours: sideOf(ours), theirs: sideOf(theirs) };
  return {
    ...{ workers, ...both },
    ratio: median(ours.map((round, i) => rate(round) / rate(theirs[i]))),
    ...(both.ours.cpu !== undefined && both.theirs.cpu !== undefined && { cpuRatio: both.theirs.cpu / both.ours.cpu }),
  };
}

/** Times batches, after as many as lie ready. */
async function load(loader: ImageLoader, batches: number): Promise<Round> {
  for (let i = 0; i <= AHEAD; i++) await loader.next();
  const [cpu, begun] = [process.cpuUsage(), performance.now()];
  for (let i = 0; i < batches; i++) await loader.next();
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { images: batches * loader.plan.batch, seconds, cpu: (user + system) / 1000 };
}

function sideOf(rounds: readonly Round[]): Side {
  const rates = rounds.map(({ images, seconds }) => images / seconds);
  const known = rounds.every(({ cpu }) => cpu !== undefined);
  return {
    rate: median(rates),
    low: Math.min(...rates),
    high: Math.max(...rates),
    ...(known && { cpu: median(rounds.map(({ cpu, images }) => cpu! / images)) }),
    ...(rounds[0]?.versions && { versions: rounds[0].versions }),
  };
}
