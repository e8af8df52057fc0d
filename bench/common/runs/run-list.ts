// Does what is left of a list of runs, one job after another. It can be stopped at any moment: finished runs are never done again, and the one that was
// stopped goes on from its newest checkpoint.
import { join } from 'node:path';
import { sampleImages, type TaskImages } from 'astrogpu/data';
import { ConfigError, type Gpu, OutOfMemoryError } from 'astrogpu/gpu';
import { makeFolder } from 'astrogpu/io';
import { widthFor } from 'astrogpu/models';
import { CompactError } from 'astrogpu/prune';
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
import {
  claimFolder,
  type Failed,
  type Identity,
  isFinished,
  isUnderWay,
  type Outcome,
  outcomeOf,
  ownOutcome,
  readOutcome,
  writeOutcome,
} from './outcome.ts';
import type { Run } from './plan.ts';
import type { Row } from './row.ts';

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
      claimFolder(folder, identityOf(bench, config));
      if (run.row.astrocyteOf !== undefined && !earlier) keepAstrocyte(folder, astrocytePath(join(out, run.partner!)));
      outcome = earlier ?? (await runOne(bench, folder, run.row, config));
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

const identityOf = ({ gpu, data }: Bench, config: JobConfig): Identity => ({
  config,
  adapter: gpu.adapter.description,
  standIn: data.standIn,
});

/**
 * What a folder has of these runs, as they are planned here: neither those of another configuration nor, since their widths are not known yet, narrow ones; and the runs that the failure of another one
 * leaves out.
 */
export function outcomesIn(bench: Bench, runs: readonly Run[]): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  for (const run of runs) {
    const found = ownOutcome(join(bench.out, run.id), identityOf(bench, run.config)) ?? leftOut(run, outcomes);
    if (found) outcomes.set(run.id, found);
  }
  return outcomes;
}

/** Why a run cannot be done, where the one that it needs has failed. */
function leftOut({ row, partner }: Run, outcomes: ReadonlyMap<string, Outcome>): Failed | undefined {
  const outcome = outcomes.get(partner ?? '');
  if (!outcome || isFinished(outcome)) return undefined;
  return { failed: `${partner}, ${takenFrom(row)}, failed: ${outcome.failed}` };
}

const takenFrom = ({ astrocyteOf, keepsAs }: Row): string => {
  if (astrocyteOf !== undefined) return 'whose astrocyte it takes';
  return keepsAs === undefined ? 'which it is narrowed to' : 'whose size it is to have';
};

/** To be checked and measured before there is the astrocyte that a run takes: as if it searched for it. */
export const withSearch = ({ row, config }: Run): JobConfig =>
  row.astrocyteOf === undefined ? config : { ...config, phase: ['search', 'guide'], astrocyte: undefined };

/** A run's configuration, with the width or the budget that its partner's outcome asks for. */
function afterPartner(run: Run, outcomes: ReadonlyMap<string, Outcome>, classes: number): JobConfig | Failed {
  const { row, partner, config } = run;
  if (partner === undefined) return config;
  const outcome = outcomes.get(partner);
  if (!isFinished(outcome)) return leftOut(run, outcomes) ?? { failed: `${partner}, ${takenFrom(row)}, has not run` };
  if (row.astrocyteOf !== undefined) return config;
  if (!outcome.arm) return { failed: `${partner}, ${takenFrom(row)}, has trained no arm` };
  const { parametersKept, parametersTotal } = outcome.arm;
  return row.keepsAs === undefined
    ? { ...config, width: widthFor(config.model, parametersKept, { classes }) }
    : { ...config, targetParams: parametersKept / parametersTotal };
}

async function runOne(bench: Bench, folder: string, row: Row, config: JobConfig): Promise<Outcome> {
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
    if (!isOwn(row, error)) throw error;
    outcome = { failed: error.message };
  } finally {
    progress.close();
  }
  writeOutcome(folder, outcome);
  return outcome;
}

/** Is this of what the row makes different, or of what it came to, so that other rows may do what it cannot? A lack of memory is not: with more of it the row can be done. */
const isOwn = ({ change }: Row, error: unknown): error is Error =>
  error instanceof NonFiniteLossError ||
  error instanceof CompactError ||
  (error instanceof ConfigError && !(error instanceof OutOfMemoryError) && Object.hasOwn(change, error.field));

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
