// Does what is left of a list of runs, one job after another. It can be stopped at any moment: finished runs are never done again, and the one that was
// stopped goes on from its newest checkpoint.
import { join } from 'node:path';
import { sampleImages, type TaskImages } from 'astrogpu/data';
import type { Gpu } from 'astrogpu/gpu';
import { makeFolder } from 'astrogpu/io';
import { widthFor } from 'astrogpu/models';
import { formatCount, formatDuration, formatPercent } from 'astrogpu/report';
import {
  astrocytePath,
  checkJob,
  holdRunFolder,
  InterruptedError,
  Job,
  type JobConfig,
  keepAstrocyte,
  NonFiniteLossError,
  Progress,
} from 'astrogpu/train';
import { timeBeside } from './beside.ts';
import { Clock } from './clock.ts';
import type { BenchImages } from './images.ts';
import { tableMicroBatch } from './micro-batch.ts';
import { claimFolder, isFinished, isUnderWay, type Outcome, outcomeOf, readOutcome, writeOutcome } from './outcome.ts';
import type { Run } from './plan.ts';

export interface Bench<D extends TaskImages = TaskImages> {
  gpu: Gpu;
  data: BenchImages<D>;
  /** The folder of the runs' folders. */
  out: string;
  say: (line: string) => void;
  signal?: AbortSignal;
  /** Seconds between two checkpoints, besides the one after every epoch. */
  checkpointEvery: number;
  /** The whole network, where the table asks how much faster others are than it: narrower and compacted ones are timed beside it as they end. */
  whole?: JobConfig;
  /** After each run that was done, not of those that were there. */
  afterEach?: () => Promise<void>;
}

const QUIET_MS = 60_000;

/** A run leaves one line when it ends; until then there is a bar, or, in a log, a line a minute. */
export class RunProgress extends Progress {
  private readonly from = this.interactive ? 0 : performance.now() + QUIET_MS;

  override update(state: Parameters<Progress['update']>[0]): void {
    if (performance.now() > this.from) super.update(state);
  }

  override endEpoch(state: Parameters<Progress['update']>[0]): void {
    this.update(state);
  }
}

/**
 * Outcomes by run. Throws AstroError for a configuration that no job takes, TableError for folders of other runs, CheckpointError for damaged ones, and
 * InterruptedError after saving. Rows that take what fits all get one micro-batch.
 */
export async function runAll(bench: Bench, runs: readonly Run[]): Promise<Map<string, Outcome>> {
  const { gpu, data, out, say, signal } = bench;
  for (const run of new Map(runs.map((run) => [run.row.id, run])).values())
    checkJob({
      gpu,
      config: withSearch(run),
      classes: data.train.classes.length,
      size: data.train.height,
    });
  const microBatch = await tableMicroBatch(
    bench,
    runs.map((run) => ({ ...run, config: withSearch(run) })),
  );
  const outcomes = new Map<string, Outcome>();
  const wanted = runs.filter((run) => run.wanted);
  const clock = new Clock(wanted);
  for (const run of runs) {
    const line = (text: string): void =>
      say(`[${wanted.indexOf(run) + 1}/${wanted.length}] ${run.row.label}, seed ${run.seed}: ${text}`);
    const folder = join(out, run.id);
    const earlier = readOutcome(folder);
    if (!earlier && !run.wanted) continue;
    const planned = afterPartner(run, outcomes, data.train.classes.length);
    if ('failed' in planned) {
      outcomes.set(run.id, planned);
      if (run.wanted) {
        clock.note(run);
        line(`left out: ${planned.failed}`);
      }
      continue;
    }
    const config = planned.microBatch === 'auto' ? { ...planned, microBatch } : planned;
    if (!earlier && signal?.aborted) throw new InterruptedError('interrupted between two runs');
    makeFolder(folder);
    const held = holdRunFolder(folder, 'out');
    let outcome: Outcome;
    try {
      claimFolder(folder, { config, adapter: gpu.adapter.description, standIn: data.standIn });
      if (run.row.astrocyteOf !== undefined && !earlier) keepAstrocyte(folder, astrocytePath(join(out, run.partner!)));
      outcome = earlier ?? (await runOne(bench, folder, config));
    } finally {
      held.release();
    }
    outcomes.set(run.id, outcome);
    if (!run.wanted) continue;
    clock.note(run, isFinished(outcome) ? outcome.seconds : undefined);
    line(earlier ? `${describe(outcome)} (finished before)` : `${describe(outcome)}; ${clock.describe()}`);
    if (!earlier) await bench.afterEach?.();
  }
  return outcomes;
}

/** To be checked and measured before there is the astrocyte that a run takes: as if it searched for it. */
export const withSearch = ({ row, config }: Run): JobConfig =>
  row.astrocyteOf === undefined ? config : { ...config, phase: ['search', 'guide'], astrocyte: undefined };

/** A run's configuration, for a narrow one with the width that its partner's outcome asks for. */
function afterPartner(
  { row, partner, config }: Run,
  outcomes: Map<string, Outcome>,
  classes: number,
): JobConfig | { failed: string } {
  if (partner === undefined) return config;
  const outcome = outcomes.get(partner);
  const taken = row.astrocyteOf === undefined ? 'which it is narrowed to' : 'whose astrocyte it takes';
  if (!isFinished(outcome)) return { failed: `${partner}, ${taken}, ${outcome ? 'failed' : 'has not run'}` };
  if (row.astrocyteOf !== undefined) return config;
  if (!outcome.arm) return { failed: `${partner}, which it is narrowed to, has trained no arm` };
  return { ...config, width: widthFor(config.model, outcome.arm.parametersKept, { classes }) };
}

async function runOne(bench: Bench, folder: string, config: JobConfig): Promise<Outcome> {
  const { gpu, data, signal, checkpointEvery, whole } = bench;
  const progress = new RunProgress({ every: QUIET_MS / 1000 });
  const resumed = isUnderWay(folder);
  const began = performance.now();
  const job = new Job({
    gpu,
    config,
    train: sampleImages(data.train, config.images, config.seed),
    test: sampleImages(data.test, config.testImages, config.seed),
    standIn: data.standIn,
    folder,
    progress,
    signal,
    checkpointEvery,
    // Most tables count what is left, and time nothing.
    compaction: whole !== undefined,
  });
  let outcome: Outcome;
  try {
    const result = await job.run({ resume: true });
    outcome = outcomeOf(config, result, resumed ? undefined : (performance.now() - began) / 1000);
    if (whole && config.arms.includes('plain') && config.width < whole.width)
      outcome.time = await timeBeside(bench, whole, config);
  } catch (error) {
    if (!(error instanceof NonFiniteLossError)) throw error;
    outcome = { failed: error.message };
  } finally {
    progress.close();
  }
  writeOutcome(folder, outcome);
  return outcome;
}

function describe(outcome: Outcome): string {
  if (!isFinished(outcome)) return `FAILED: ${outcome.failed}`;
  const { arm, seconds } = outcome;
  const parts = arm
    ? [
        formatPercent(arm.accuracy, 1),
        `${formatCount(arm.parametersKept)} parameters kept (${formatPercent(arm.parametersKept / arm.parametersTotal, 0)})`,
      ]
    : ['searched'];
  if (seconds !== undefined) parts.push(formatDuration(seconds));
  return parts.join(', ');
}
