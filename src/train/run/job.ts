// The main job: search, then the three arms under the same budget, one stage after another. It can be stopped after any step and resumed from its last
// checkpoint to the same bits.
import type { TaskImages } from '../../data/index.ts';
import { AstroError, ConfigError, type Gpu } from '../../gpu/index.ts';
import {
  type ArmResult,
  type Example,
  type GateMap,
  type Histogram,
  type MetricRow,
  type RegulationErrors,
  sizeOf,
} from '../../report/index.ts';
import { checkRoom, choosesEpoch, type JobConfig } from '../config.ts';
import type { DataSource } from '../files/network-file.ts';
import { checkFinite } from '../stages/diagnose.ts';
import { readingBetween } from '../stages/readings.ts';
import { onResult, type Stage, type StageSnapshot } from '../stages/stage.ts';
import { partsOfStage, restoreValues } from '../stages/stored-stage.ts';
import { bestFile, gatesOfArms, writeArm } from './arm-result.ts';
import { secondsOf } from './arm-time.ts';
import { bestInWords, isStale, noteBest } from './best.ts';
import { saveCheckpoint } from './checkpoint.ts';
import { writeFolded } from './compaction.ts';
import {
  atStart,
  epochRow,
  examplesOf,
  isFinished,
  JOB_STATE,
  noteRegulation,
  progressOf,
  stepRow,
} from './job-state.ts';
import { lastCheckpoint } from './last-checkpoint.ts';
import { LoadingNotes, uncountedText } from './loading.ts';
import { MetricsLog } from './metrics-log.ts';
import type { Progress, ProgressState } from './progress.ts';
import { checkpointPath, keepNewestCheckpoints, metricsPath, readMetrics, truncateMetrics } from './run-folder.ts';
import { StageClock } from './stage-clock.ts';
import { StageFactory } from './stage-factory.ts';
import { planExtended, type StagePlan } from './stage-plan.ts';
import { takeUp } from './take-up.ts';
import { trainedOn } from './trained-on.ts';

/** Ctrl-C: the run is saved and can be resumed. */
export class InterruptedError extends AstroError {}

/** What a job works with. */
export interface JobOptions {
  gpu: Gpu;
  config: JobConfig;
  train: TaskImages;
  test: TaskImages;
  /** The images were drawn for want of real ones. */
  standIn?: boolean;
  /** The folder that the images were read from, for the networks' files. */
  source?: DataSource;
  /** The run folder, which exists and has its config.json. */
  folder: string;
  progress: Progress;
  signal?: AbortSignal;
  /** Seconds between two checkpoints, besides the one after every epoch. */
  checkpointEvery: number;
  /** Steps between two rows of metrics, besides the one after every epoch. Default 50. */
  logEvery?: number;
  /** Whether event files for TensorBoard are written, too. Default false. */
  tensorboard?: boolean;
  /** Whether arms with gates are compacted, and timed, when they are done. Default true. */
  compaction?: boolean;
}

/** What a job leaves to its report. */
export interface JobResult {
  /** Of the guide in all, those of extensions too. */
  epochs: number;
  arms: ArmResult[];
  series: MetricRow[];
  regulation: RegulationErrors[];
  /** Of the last arm that has gates. */
  gateMaps: GateMap[];
  /** The final gates of each arm that has any. */
  histograms: { arm: string; histogram: Histogram }[];
  /** Some test images with what each arm takes them for. */
  examples: Example[];
  /** Test images that cannot be decoded: no accuracy counts them. */
  leftOut: number;
}

const LOG_EVERY = 50;

/**
 * The main job: the search for an astrocyte and each arm's guide (docs/method.md §6, §8), stage by stage, with a
 * checkpoint after every epoch. The same configuration and seed give the same bits, however often it was stopped in
 * between.
 */
export class Job {
  private readonly options: JobOptions;
  private plan: StagePlan[];
  private readonly factory: StageFactory;
  private state = atStart();
  private images = 0;
  private loading = new LoadingNotes();
  private seen = false;

  /** Has a step of this process come to its end? */
  get begun(): boolean {
    return this.seen;
  }

  constructor(options: JobOptions) {
    this.options = options;
    this.plan = planExtended(options.config);
    this.factory = new StageFactory(options);
  }

  /**
   * Runs what is left of the job; of a finished one that is resumed with more `epochs`, those. Throws InterruptedError after saving when the signal comes, NonFiniteLossError with step, phase and the
   * first bad tensor, CheckpointError for a checkpoint that cannot be resumed.
   */
  async run({ resume = false, epochs }: { resume?: boolean; epochs?: number } = {}): Promise<JobResult> {
    const { folder, config, progress } = this.options;
    const last = resume ? lastCheckpoint(folder, config, JOB_STATE, (line) => progress.print(line)) : undefined;
    if (last) this.state = last.state;
    this.plan = planExtended(config, this.state.extensions);
    if (epochs !== undefined) await this.extend(epochs);
    let restored = this.state.step > 0 ? last?.checkpoint : undefined;
    try {
      while (!isFinished(this.plan, this.state)) {
        const plan = this.plan[this.state.stage];
        const before = plan.extendedTo === undefined ? undefined : this.resultOf(plan.arm);
        const stage = this.factory.build(plan, { size: this.size, done: before?.updates });
        try {
          if (restored) restoreValues(restored, partsOfStage(stage));
          else if (before) await this.takeUp(stage);
          restored = undefined;
          const log = this.openLog(stage);
          await this.runStage(stage, log).finally(() => log.flush());
        } finally {
          stage.release();
        }
      }
    } finally {
      this.factory.release();
    }
    const series = readMetrics(metricsPath(folder));
    return {
      epochs: this.state.extensions?.at(-1) ?? config.epochs,
      arms: this.state.arms,
      series,
      leftOut: series.findLast(({ phase, accuracy }) => phase === 'guide' && accuracy !== undefined)?.leftOut ?? 0,
      regulation: this.state.regulation,
      ...gatesOfArms(folder, this.gatedArms),
      examples: await examplesOf(this.state, this.options.test),
    };
  }

  private resultOf(arm: string): ArmResult | undefined {
    return this.state.arms.find((result) => result.arm === arm);
  }

  /** Adds epochs to a finished run: each arm goes on with its network. Throws ConfigError for no more epochs than there are, and for a run that is not finished. */
  private async extend(epochs: number): Promise<void> {
    const { config, progress } = this.options;
    const { extensions = [] } = this.state;
    const now = extensions.at(-1) ?? config.epochs;
    if (epochs === now && extensions.length > 0) return;
    const refuse = (why: string): never => {
      throw new ConfigError('epochs', (name) => `${name('epochs', epochs)}: ${why}`);
    };
    if (!config.phase.includes('guide')) refuse('this run has no guide that could be extended');
    if (epochs <= now) refuse(`this run has ${now} epochs; name more than that, in all`);
    if (!isFinished(this.plan, this.state))
      refuse('this run is not finished; go on with it first, without more epochs');
    checkRoom({ ...config, epochs });
    this.state.extensions = [...extensions, epochs];
    this.plan = planExtended(config, this.state.extensions);
    await this.save();
    progress.print(
      `extended from ${now} to ${epochs} epochs: the learning rate is that of a run of ${epochs} epochs from there on, momentum starts anew, gates stay as they are`,
    );
  }

  /** Puts a finished arm's network into the stage that goes on with it. Saved at once: its file is written over at the stage's end. */
  private async takeUp(stage: Stage): Promise<void> {
    await takeUp(this.options.folder, stage);
    this.state.step = stage.from! * stage.stepsPerEpoch;
    await this.save(stage);
  }

  /** Parameters that the last arm with gates has left. */
  private get size(): number | undefined {
    const regulated = ({ arm }: ArmResult): boolean => this.plan.some((plan) => plan.arm === arm && plan.regulated);
    const last = this.state.arms.findLast(regulated);
    return last && sizeOf(last);
  }

  /** What a killed run wrote after the checkpoint is written again. */
  private openLog(of: Stage): MetricsLog {
    const { folder, tensorboard } = this.options;
    const { stage, step } = this.state;
    const rows = truncateMetrics(
      metricsPath(folder),
      (row) => Number(row.stage) < stage || (Number(row.stage) === stage && row.epoch <= step / of.stepsPerEpoch),
    );
    // Of an earlier stage, too, where this one extends it.
    const earlier = rows.filter(({ arm, phase }) => arm === of.arm && phase === of.phase);
    return new MetricsLog(folder, of, tensorboard ? { step: step * of.updatesPerStep, earlier } : undefined);
  }

  private async runStage(stage: Stage, log: MetricsLog): Promise<void> {
    const { gpu, config, signal, checkpointEvery, progress, logEvery = LOG_EVERY } = this.options;
    const { state } = this;
    const total = stage.epochs * stage.stepsPerEpoch;
    const clock = new StageClock(gpu, state, this.images);
    this.loading = new LoadingNotes();
    while (state.step < total && !isStale(config, state, stage)) {
      await stage.step(state.step);
      state.step++;
      state.steps++;
      this.images += stage.imagesPerStep;
      const due = clock.step();
      const endsEpoch = state.step % stage.stepsPerEpoch === 0;
      const stops = signal?.aborted === true;
      const saves = endsEpoch || stops || clock.sinceSaved > checkpointEvery;
      const logs = endsEpoch || state.step % logEvery === 0;
      // Nothing is saved that was not looked at: a checkpoint must not keep a run that went bad.
      if (due || saves || logs) {
        await gpu.idle();
        const reading = await this.look(stage);
        this.seen = true;
        clock.look();
        if (logs) {
          log.add(stepRow(state, stage, readingBetween(state.logged, reading), clock.endRow(this.images)));
          state.logged = reading;
        }
        if (endsEpoch) {
          await this.endEpoch(stage, log, reading, clock.epochSpeed(this.images));
          clock.evaluated();
        } else progress.update(this.shown(stage, reading));
      }
      clock.tick();
      if (saves && state.step < total) {
        log.flush();
        await this.save(stage);
        clock.wrote(this.images);
        if (stops) {
          progress.close();
          throw new InterruptedError(
            `interrupted and saved after step ${state.step} of the ${stage.phase} phase (${stage.arm})`,
          );
        }
      }
      if (endsEpoch) clock.startEpoch(this.images);
    }
    log.flush();
    await this.finish(stage);
  }

  /** Reads the meters, and stops the run at a loss that is not finite. */
  private async look(stage: Stage): Promise<StageSnapshot> {
    const reading = await stage.read();
    await checkFinite(stage, reading, this.options.config).catch((error) => {
      this.options.progress.close();
      throw error;
    });
    return reading;
  }

  private async endEpoch(stage: Stage, log: MetricsLog, reading: StageSnapshot, speed: number): Promise<void> {
    const { folder, config } = this.options;
    const { state } = this;
    const result = await stage.endEpoch(state.step / stage.stepsPerEpoch - 1);
    for (const line of [...this.loading.leftOut(stage), ...this.loading.uncounted(stage, result)])
      this.options.progress.print(line);
    // The sums began anew.
    state.logged = undefined;
    log.add(epochRow(result, state, stage, reading, speed), { gates: result.gates?.histogram });
    if (result.e) noteRegulation(state, stage, result.e);
    if (choosesEpoch(config) && noteBest(state, stage, result) && config.best)
      await onResult(stage, () => writeArm(folder, stage, trainedOn(this.options), bestFile(folder, stage.arm)));
    const shown = this.shown(stage, reading);
    const measured = {
      [stage.phase === 'search' ? 'held-out accuracy' : 'test accuracy']: result.accuracy,
      'validation accuracy': result.validation,
    };
    this.options.progress.endEpoch({ ...shown, speed, accuracies: { ...shown.accuracies, ...measured } });
  }

  private shown(stage: Stage, reading: StageSnapshot): ProgressState {
    const shown = progressOf(this.plan, this.state, stage, reading, this.images);
    return { ...shown, loading: this.loading.whoWaits(stage) };
  }

  /** After a stage's last step: its products and its row of the table, and a checkpoint that the next stage starts from. */
  private async finish(stage: Stage): Promise<void> {
    const { folder, config, compaction = true } = this.options;
    const { state } = this;
    const plan = this.plan[state.stage];
    if (stage.phase === 'search') await this.factory.saveAstrocyte(stage, plan);
    else {
      const counts = await onResult(stage, () => writeArm(folder, stage, trainedOn(this.options)));
      const last = readMetrics(metricsPath(folder)).findLast(
        ({ stage, accuracy }) => stage === state.stage && accuracy !== undefined,
      )!;
      if (stage.regulator) writeFolded(folder, stage.arm);
      const before = this.resultOf(stage.arm);
      const notes = [
        plan.narrow &&
          !before &&
          this.size! < counts.parametersTotal &&
          `the narrowest there is: ${this.size} were left`,
        last.leftOut && uncountedText('test', last.leftOut),
        ...bestInWords(config, state, stage),
      ].filter(Boolean);
      const result: ArmResult = {
        arm: stage.arm,
        role: plan.role,
        accuracy: last.accuracy!,
        ...counts,
        updates: state.step * stage.updatesPerStep,
        seconds: secondsOf(state.time!) + (before?.seconds ?? 0),
        ...(notes.length > 0 && { note: notes.join('; ') }),
        answers: await onResult(stage, () => this.factory.answers(stage)),
        ...(stage.regulator && compaction && { compact: await this.factory.compact(stage) }),
      };
      if (before) state.arms = state.arms.map((row) => (row === before ? result : row));
      else state.arms.push(result);
      const shown = { arm: stage.arm, predictions: await onResult(stage, () => this.factory.predictExamples(stage)) };
      state.examples = [...(state.examples ?? []).filter(({ arm }) => arm !== stage.arm), shown];
    }
    state.stage++;
    state.step = 0;
    state.seconds = 0;
    state.time = undefined;
    await this.save();
  }

  private get gatedArms(): string[] {
    const gated = this.plan.filter(({ phase, regulated }) => phase === 'guide' && regulated);
    return [...new Set(gated.map(({ arm }) => arm))];
  }

  private async save(stage?: Stage): Promise<void> {
    const { folder, config } = this.options;
    const parts = stage ? partsOfStage(stage) : { modules: new Map(), tensors: new Map() };
    await saveCheckpoint(checkpointPath(folder, this.state.steps), parts, config, this.state);
    keepNewestCheckpoints(folder, 2);
  }
}
