// The job that trains a detector: iterations, rows of metrics, checkpoints and evaluations. It can be stopped after any iteration and resumed from its last checkpoint to the same bits.
import { formatPercent, type MetricRow } from '../../report/index.ts';
import {
  checkpointPath,
  InterruptedError,
  keepNewestCheckpoints,
  lastCheckpoint,
  MetricsLog,
  metricsPath,
  NonFiniteLossError,
  type Progress,
  readMetrics,
  restoreValues,
  saveCheckpoint,
  truncateMetrics,
} from '../../train/index.ts';
import type { Scores } from '../evaluate/scores.ts';
import { columnsOf, DETECTOR_STATE, type DetectorState, type Evaluation } from './job-state.ts';
import type { LossReading } from './meters.ts';
import { DetectorTrainer, type TrainerOptions } from './trainer.ts';

/** What a job works with. */
export interface DetectorJobOptions extends TrainerOptions {
  /** The run folder, which exists and has its config.json. */
  folder: string;
  progress: Progress;
  signal?: AbortSignal;
  /** Seconds between two checkpoints. */
  checkpointEvery: number;
  /** Iterations between two rows of metrics. Default 20. */
  logEvery?: number;
  /** Whether event files for TensorBoard are written, too. Default false. */
  tensorboard?: boolean;
  /** Measures the network as it is; may be stopped by the signal. */
  evaluate(): Promise<Omit<Evaluation, 'step'>>;
}

/** What a job leaves to its report. */
export interface DetectorJobResult {
  series: MetricRow[];
  evaluations: Evaluation[];
  seconds: number;
}

/** The queue is looked into about this often. */
const LOOK_MS = 300;
const ARM = 'boxinst';
const PHASE = 'detect';
const LOG_EVERY = 20;

/** Training a detector. The same configuration and seed give the same bits, however often it was stopped in between. */
export class DetectorJob {
  private readonly options: DetectorJobOptions;
  private readonly trainer: DetectorTrainer;
  private state: DetectorState = { step: 0, seconds: 0, evaluations: [] };
  private images = 0;
  private seen = false;

  constructor(options: DetectorJobOptions) {
    this.options = options;
    this.trainer = new DetectorTrainer(options);
  }

  /** Has an iteration of this process come to its end? */
  get begun(): boolean {
    return this.seen;
  }

  /**
   * Runs what is left of the job. Throws InterruptedError after saving when the signal comes, NonFiniteLossError with the iteration and the loss, CheckpointError for a checkpoint that cannot be resumed.
   */
  async run({ resume = false } = {}): Promise<DetectorJobResult> {
    const { folder, progress, tensorboard } = this.options;
    if (resume) this.takeUp();
    const { step } = this.state;
    const rows = truncateMetrics(metricsPath(folder), (row) => row.step <= step);
    const log = new MetricsLog(folder, { arm: ARM, phase: PHASE }, tensorboard ? { step, earlier: rows } : undefined);
    try {
      await this.iterate(log);
    } finally {
      log.flush();
      progress.close();
    }
    const { evaluations, seconds } = this.state;
    return { series: readMetrics(metricsPath(folder)), evaluations, seconds };
  }

  /** Goes on where the newest checkpoint stands; from the beginning where there is none. */
  private takeUp(): void {
    const { folder, config, progress } = this.options;
    const last = lastCheckpoint(folder, config, DETECTOR_STATE, (line) => progress.print(line));
    if (!last) return;
    restoreValues(last.checkpoint, this.parts);
    this.state = last.state;
    this.trainer.goTo(last.state.step);
  }

  private get parts() {
    return { modules: new Map([['detector', this.options.model]]), tensors: this.trainer.tensors() };
  }

  private async iterate(log: MetricsLog): Promise<void> {
    const { gpu, config, signal, checkpointEvery, logEvery = LOG_EVERY } = this.options;
    const { iterations, evaluateEvery = iterations, batch } = config;
    const { state, trainer } = this;
    const clock = new Clock();
    const isMeasured = (step: number): boolean => step === iterations || step % evaluateEvery === 0;
    // A run may have been stopped while it was measured.
    if (state.step > 0 && isMeasured(state.step) && !state.evaluations.some(({ step }) => step === state.step)) {
      await this.measure(log);
      await this.save();
      clock.goOn(this.images, true);
    }
    while (state.step < iterations) {
      await trainer.step();
      state.step++;
      this.images += batch;
      const ends = state.step === iterations;
      const stops = signal?.aborted === true;
      const evaluates = isMeasured(state.step);
      const saves = evaluates || stops || clock.sinceSaved > checkpointEvery;
      const logs = ends || state.step % logEvery === 0;
      // Nothing is saved that was not looked at: a checkpoint must not keep a run that went bad.
      if (saves || logs || clock.isDue) {
        await gpu.idle();
        const reading = await this.look();
        this.seen = true;
        state.seconds += clock.look();
        if (logs) {
          log.add(this.row(reading, clock.speed(this.images)));
          trainer.meters.reset();
        }
        this.show(reading);
      }
      if (saves) {
        log.flush();
        await this.save();
      }
      if (evaluates) {
        await this.measure(log);
        log.flush();
        await this.save();
      }
      if (saves) clock.goOn(this.images, true);
      if (stops && !ends)
        throw new InterruptedError(`interrupted and saved after iteration ${state.step} of ${iterations}`);
    }
  }

  /** Reads the meters, and stops the run at a loss that is not finite. */
  private async look(): Promise<LossReading> {
    const { config, progress } = this.options;
    const reading = await this.trainer.meters.read();
    const { bad } = reading;
    if (!bad) return reading;
    progress.close();
    // The total goes with the others.
    const losses = bad.losses.filter((name) => name !== 'total' || bad.losses.length === 1);
    throw new NonFiniteLossError(
      'lr',
      (name) =>
        `the ${losses.join(' and the ')} loss${losses.length > 1 ? 'es are' : ' is'} not finite at iteration ${bad.step}; try a lower ${name('lr')}, a longer ${name('warmup')}, ${name('clipNorm')}${config.precision === 'f16' ? ` or ${name('precision', 'f32')}` : ''}`,
    );
  }

  /** What every row of metrics says. */
  private get place() {
    const { step, seconds } = this.state;
    const { config, feed } = this.options;
    return {
      arm: ARM,
      phase: PHASE,
      epoch: Number(((step * config.batch) / feed.count).toFixed(4)),
      step,
      seconds: Number(seconds.toFixed(3)),
      time: new Date().toISOString(),
    };
  }

  private row({ means: { total, ...means } }: LossReading, speed: number): MetricRow {
    const lr = this.trainer.rates[this.state.step - 1];
    return {
      level: 'step',
      ...this.place,
      loss: total,
      ...means,
      lr,
      imagesPerSecond: Number(speed.toPrecision(4)),
    };
  }

  private show({ means }: LossReading): void {
    const { step, evaluations } = this.state;
    const { iterations } = this.options.config;
    const { total: loss, ...others } = means;
    const last = evaluations.at(-1);
    this.options.progress.update({
      phase: 'training',
      step,
      steps: iterations,
      images: this.images,
      done: step / iterations,
      losses: { loss, ...others },
      accuracies: last && { 'box AP50': last.box.ap50, 'mask AP50': last.mask?.ap50 },
    });
  }

  private async measure(log: MetricsLog): Promise<void> {
    const { evaluate, progress, signal, config } = this.options;
    const { state } = this;
    const measured = await evaluate().catch((error) => {
      if (!signal?.aborted) throw error;
      throw new InterruptedError(`interrupted and saved after iteration ${state.step} of ${config.iterations}`);
    });
    const found = { step: state.step, ...measured };
    state.evaluations.push(found);
    const { box, mask, unlikeBoxes } = found;
    log.add({
      level: 'epoch',
      ...this.place,
      ...columnsOf(found),
      unlikeBoxes,
    });
    progress.print(
      `iteration ${state.step}: ${inWords('box', box)}; ${mask ? inWords('mask', mask) : 'no masks to compare with'}; masks differ from their filled boxes in ${formatPercent(unlikeBoxes, 1)} of the pixels`,
    );
  }

  private async save(): Promise<void> {
    const { folder, config } = this.options;
    await saveCheckpoint(checkpointPath(folder, this.state.step), this.parts, config, this.state);
    keepNewestCheckpoints(folder, 2);
  }

  /** Gives back the GPU memory of its training; the detector stays. */
  release(): void {
    this.trainer.release();
  }
}

const inWords = (kind: string, { ap, ap50 }: Scores): string =>
  `${kind} AP ${formatPercent(ap, 1)}, AP50 ${formatPercent(ap50, 1)}`;

/** When to look, and how fast it goes. */
class Clock {
  private looked = performance.now();
  private saved = this.looked;
  private mark = { at: this.looked, images: 0 };

  get isDue(): boolean {
    return performance.now() - this.looked > LOOK_MS;
  }

  /** Seconds since the last checkpoint. */
  get sinceSaved(): number {
    return (performance.now() - this.saved) / 1000;
  }

  /** The queue is empty. Seconds since it was the last time, or since goOn(). */
  look(): number {
    const now = performance.now();
    const seconds = (now - this.looked) / 1000;
    this.looked = now;
    return seconds;
  }

  /** Images a second since the last call, or since goOn(). */
  speed(images: number): number {
    const { mark } = this;
    this.mark = { at: this.looked, images };
    return ((images - mark.images) * 1000) / (this.looked - mark.at);
  }

  /** Behind what is no training, whose time is nobody's. */
  goOn(images: number, saved: boolean): void {
    this.looked = performance.now();
    this.mark = { at: this.looked, images };
    if (saved) this.saved = this.looked;
  }
}
