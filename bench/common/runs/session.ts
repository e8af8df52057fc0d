// What tables and figures do alike around their runs: open the adapter and the data, do the runs, print the list.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkBudget, checkOutputFolder, interruption, refuseEarly, say, TUNING } from 'astrogpu/cli';
import type { TaskImages } from 'astrogpu/data';
import { Gpu } from 'astrogpu/gpu';
import { makeFolder } from 'astrogpu/io';
import { formatDuration } from 'astrogpu/report';
import { holdRunFolder } from 'astrogpu/train';
import { expectedSeconds } from './clock.ts';
import type { Facts } from './facts.ts';
import type { BenchImages } from './images.ts';
import { memoryLine } from './memory-line.ts';
import { begunMicroBatch } from './micro-batch.ts';
import { type Options, outFolder } from './options.ts';
import { isFinished, isUnderWay, type Outcome, readOutcome } from './outcome.ts';
import type { Run } from './plan.ts';
import { type Bench, runAll } from './run-list.ts';

/** Opens what the runs need, with the images that `images` opens; throws UsageError before it does where memory is to be known, nobody knows it, and no run has begun whose micro-batch all take. All runs of a folder go with the kernels that its first one had: others round differently. */
export async function openBench<D extends TaskImages>(
  options: Options,
  runs: readonly Run[],
  images: () => Promise<BenchImages<D>>,
): Promise<Bench<D>> {
  const out = outFolder(options);
  checkOutputFolder('out', out);
  const begun = existsSync(join(out, 'tuning.json'));
  const gpu = await Gpu.open({
    ...(options.memory !== undefined && { memoryBudget: options.memory * 2 ** 30 }),
    tuning: { file: begun ? join(out, 'tuning.json') : TUNING, shipped: !begun },
  });
  await gpu.tuner.load();
  say(`adapter: ${gpu.adapter.description}`);
  if (!begunMicroBatch(out, runs)) for (const { config } of runs) refuseEarly(() => checkBudget(gpu, config));
  const data = await images();
  makeFolder(out);
  holdRunFolder(out, 'out');
  if (!begun) await gpu.tuner.save(join(out, 'tuning.json'));
  return { gpu, data, out, say, signal: interruption(), checkpointEvery: 60 };
}

/** Does the runs, after saying how many there are, what memory they will need and, for the small version without a GPU, about how long they take, and whether that is more than so many minutes. */
export async function runBench(
  bench: Bench,
  runs: readonly Run[],
  quick: boolean,
  minutes = 10,
): Promise<Map<string, Outcome>> {
  const left = runs.filter(({ id, wanted }) => wanted && !readOutcome(join(bench.out, id)));
  const seconds = expectedSeconds(left);
  const about =
    quick && bench.gpu.adapter.software && left.length > 0
      ? `; about ${formatDuration(seconds)} on two quiet cores${seconds > 60 * minutes ? `, MORE THAN ${minutes} MINUTES` : ''}`
      : '';
  say(`${left.length} of ${runs.filter(({ wanted }) => wanted).length} runs to do in ${bench.out}${about}`);
  const memory = memoryLine(bench, runs);
  if (memory !== undefined) say(memory);
  return runAll(bench, runs);
}

/** What stands above the output. */
export const factsFor = (
  { gpu: { adapter }, data }: Bench,
  command: string,
  size: Pick<Facts, 'quick' | 'seeds' | 'base'>,
): Facts => ({
  command,
  date: new Date().toISOString(),
  adapter: { description: adapter.description, software: adapter.software },
  data: { source: data.source, standIn: data.standIn, train: data.train.count, test: data.test.count },
  ...size,
});

/** `--list`: every run and how far it is. */
export function listRuns(out: string, runs: readonly Run[]): void {
  const state = (folder: string): string => {
    const outcome = readOutcome(folder);
    if (outcome) return isFinished(outcome) ? 'finished' : 'failed';
    return isUnderWay(folder) ? 'under way' : 'waiting';
  };
  for (const { id, row, wanted } of runs) if (wanted) say(`${state(join(out, id)).padEnd(10)}${id}  ${row.label}`);
}
