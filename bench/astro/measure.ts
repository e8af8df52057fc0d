// Times a plain step and a pair of the search in turns, then asks the profiler what both are made of.
import type { ImageSet } from 'astrogpu/data';
import { type Gpu, type KernelTime, median } from 'astrogpu/gpu';
import { type JobConfig, StageFactory } from 'astrogpu/train';

/** One of the two things compared. */
export interface StepCost {
  /** Milliseconds from the first command to the end of the work, median. */
  ms: number;
  /** Milliseconds that the host spends on handing it over, median. */
  host: number;
  /** Milliseconds of processor time, of all cores together, median: on a software adapter the work itself, whatever else the machine does. */
  processor: number;
  dispatches: number;
  /** Longest first; empty where the adapter has no timestamps. */
  kernels: KernelTime[];
}

export interface AstrocyteCost {
  T: number;
  /** A step of the plain network. */
  plain: StepCost;
  /** T iterations of one NN and one AN update each. */
  pair: StepCost;
  /** An iteration by two plain steps, median over the rounds: by the clock, and by processor time. */
  ratio: number;
  processorRatio: number;
}

/** What is measured, and its samples. */
interface Contender {
  run: () => Promise<void>;
  /** Runs a sample. */
  repeat: number;
  ms: number[];
  host: number[];
  processor: number[];
}

/** Images of noise for `batches` batches, in CIFAR-10's shape. */
function noise(images: number): ImageSet {
  const bytes = new Uint8Array(images * 32 * 32 * 3);
  let state = 1;
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  const labels = Uint8Array.from({ length: images }, (_, i) => i % 10);
  const classes = Array.from({ length: 10 }, (_, i) => `class ${i}`);
  return { name: 'noise', images: bytes, labels, count: images, height: 32, width: 32, channels: 3, classes };
}

/** Images that the search can split into whole batches for both networks. */
export const imagesFor = ({ batch }: { batch: number }, heldOut: number): number =>
  2 * batch * Math.ceil(1 / Math.min(heldOut, 1 - heldOut));

/** `config` must ask for the search and the guide. */
export async function measure(gpu: Gpu, config: JobConfig, rounds: number): Promise<AstrocyteCost> {
  const { T } = config;
  const set = noise(config.images);
  const made: { release(): void }[] = [];
  const contender = async (phase: 'search' | 'guide', repeat: number): Promise<Contender> => {
    const stages = new StageFactory({ gpu, config, train: set, test: set, folder: '.' });
    const stage = stages.build({ arm: phase, phase, regulated: phase === 'search', astrocyte: 'fresh', work: 1 });
    made.push(stage, stages);
    let step = 0;
    // The first step of an epoch uploads its order of images; all others only replay.
    const run = async (): Promise<void> => stage.step(step++ === 0 ? 0 : 1);
    for (let i = 0; i < 3; i++) await run();
    await gpu.idle();
    return { run, repeat, ms: [], host: [], processor: [] };
  };
  const plain = await contender('guide', 2 * T);
  const pair = await contender('search', 1);
  for (let round = 0; round < rounds; round++)
    for (const one of round % 2 === 0 ? [plain, pair] : [pair, plain]) await sample(gpu, one);
  const ratio = (of: 'ms' | 'processor'): number => median(pair[of].map((ms, i) => ms / (2 * T * plain[of][i])));
  const cost: AstrocyteCost = {
    T,
    plain: await costOf(gpu, plain),
    pair: await costOf(gpu, pair),
    ratio: ratio('ms'),
    processorRatio: ratio('processor'),
  };
  for (const part of made) part.release();
  return cost;
}

async function sample(gpu: Gpu, { run, repeat, ms, host, processor }: Contender): Promise<void> {
  await gpu.idle();
  const before = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < repeat; i++) await run();
  host.push((performance.now() - start) / repeat);
  await gpu.idle();
  ms.push((performance.now() - start) / repeat);
  const { user, system } = process.cpuUsage(before);
  processor.push((user + system) / 1000 / repeat);
}

async function costOf(gpu: Gpu, { run, ms, host, processor }: Contender): Promise<StepCost> {
  const kernels = gpu.capabilities.timestamps ? [...(await gpu.profile(run))] : [];
  const dispatches = kernels.reduce((sum, { calls }) => sum + calls, 0);
  return { ms: median(ms), host: median(host), processor: median(processor), dispatches, kernels };
}
