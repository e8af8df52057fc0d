// The main job: search, then the three arms under the same budget, one stage after another. It can be stopped after any step and resumed from its last
// checkpoint to the same bits.
import { join } from 'node:path';
import { countParameters, type GateEntry, readGates } from '../astro/index.ts';
import type { ImageSet } from '../data/index.ts';
import { AstroError, type Gpu } from '../gpu/index.ts';
import { type Module, stateDict } from '../nn/index.ts';
import type { ArmResult, GateMap, MetricRow, RegulationErrors } from '../report/types.ts';
import { readCheckpoint, restore, saveCheckpoint } from './checkpoint.ts';
import type { JobConfig } from './config.ts';
import { NonFiniteLossError } from './diagnose.ts';
import type { Progress, ProgressState } from './progress.ts';
import {
  appendMetrics,
  checkpointPath,
  keepNewestCheckpoints,
  latestCheckpoint,
  metricsPath,
  readMetrics,
  truncateMetrics,
} from './run-folder.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import type { Stage } from './stage.ts';
import { planStages, type StagePlan, Workshop } from './workshop.ts';

/** Ctrl-C: the run is saved and can be resumed. */
export class InterruptedError extends AstroError {}

export interface JobOptions {
  gpu: Gpu;
  config: JobConfig;
  train: ImageSet;
  test: ImageSet;
  /** The run folder, which exists and has its config.json. */
  folder: string;
  /** Trained astrocyte to use where the search is left out: a file that an earlier run wrote. */
  astrocyte?: string;
  progress: Progress;
  signal?: AbortSignal;
  /** Seconds between two checkpoints, besides the one after every epoch. */
  checkpointEvery: number;
}

export interface JobResult {
  arms: ArmResult[];
  series: MetricRow[];
  regulation: RegulationErrors[];
  gateMaps: GateMap[];
}

/** Where a job stands: what a checkpoint keeps beside tensors. */
interface Standing {
  stage: number;
  /** Steps done in this stage. */
  step: number;
  /** Steps done in the whole job. */
  steps: number;
  /** Seconds spent in this stage. */
  seconds: number;
  /** Sums over the running epoch. */
  epoch: EpochSums;
  arms: ArmResult[];
  regulation: RegulationErrors[];
}

interface EpochSums {
  loss: number;
  hits: number;
  updates: number;
  anLoss: number;
  anUpdates: number;
}

/** Prefix of gate maps in a finished network's file. */
const GATE = 'gate.';

const noSums = (): EpochSums => ({ loss: 0, hits: 0, updates: 0, anLoss: 0, anUpdates: 0 });

/** The queue is looked into about this often: rarely enough to cost nothing, often enough for a live display and a prompt Ctrl-C. */
const LOOK_MS = 150;
const MOST_STEPS_BETWEEN_LOOKS = 64;

const isFinished = (plan: readonly StagePlan[], standing: Standing): boolean => standing.stage >= plan.length;

export class Job {
  private readonly options: JobOptions;
  private readonly plan: StagePlan[];
  private readonly workshop: Workshop;
  private standing: Standing = { stage: 0, step: 0, steps: 0, seconds: 0, epoch: noSums(), arms: [], regulation: [] };
  private images = 0;

  constructor(options: JobOptions) {
    this.options = options;
    this.plan = planStages(options.config, options.astrocyte !== undefined);
    this.workshop = new Workshop(options);
  }

  /**
   * Runs what is left of the job. Throws InterruptedError after saving when the signal comes, NonFiniteLossError with step, phase and the
   * first bad tensor, CheckpointError for a checkpoint that cannot be resumed.
   */
  async run({ resume = false } = {}): Promise<JobResult> {
    const { folder, config } = this.options;
    const file = resume ? latestCheckpoint(folder) : undefined;
    const checkpoint = file ? readCheckpoint(file, config) : undefined;
    if (checkpoint) this.standing = checkpoint.progress as Standing;
    let restored = checkpoint && this.standing.step > 0 ? checkpoint : undefined;
    while (!isFinished(this.plan, this.standing)) {
      const stage = this.workshop.build(this.plan[this.standing.stage]);
      if (restored) restore(restored, this.parts(stage));
      restored = undefined;
      const epochsDone = Math.floor(this.standing.step / stage.stepsPerEpoch);
      truncateMetrics(
        metricsPath(folder),
        ({ stage: of, epoch }) =>
          Number(of) < this.standing.stage || (Number(of) === this.standing.stage && epoch <= epochsDone),
      );
      await this.runStage(stage);
      stage.release();
    }
    this.workshop.release();
    return {
      arms: this.standing.arms,
      series: readMetrics(metricsPath(folder)),
      regulation: this.standing.regulation,
      gateMaps: this.gateMaps(),
    };
  }

  private parts(stage: Stage): { modules: Map<string, Module>; tensors: ReturnType<Stage['tensors']> } {
    const modules = new Map<string, Module>([['nn', stage.network]]);
    if (stage.regulator) modules.set('an', stage.regulator.astrocyte);
    return { modules, tensors: stage.tensors() };
  }

  private async runStage(stage: Stage): Promise<void> {
    const { gpu, signal, checkpointEvery, progress } = this.options;
    const { standing } = this;
    const total = stage.epochs * stage.stepsPerEpoch;
    let began = performance.now();
    const clock = (): void => {
      const now = performance.now();
      standing.seconds += (now - began) / 1000;
      began = now;
    };
    let saved = began;
    let looked = began;
    let unseen = 0;
    let stride = 1;
    while (standing.step < total) {
      await stage.step(standing.step);
      standing.step++;
      standing.steps++;
      unseen++;
      this.images += stage.imagesPerStep;
      const endsEpoch = standing.step % stage.stepsPerEpoch === 0;
      if (unseen >= stride || endsEpoch || signal?.aborted) {
        await gpu.settled();
        await this.look(stage);
        const elapsed = performance.now() - looked;
        stride = Math.max(1, Math.min(MOST_STEPS_BETWEEN_LOOKS, Math.round((unseen * LOOK_MS) / elapsed)));
        looked = performance.now();
        unseen = 0;
      }
      if (endsEpoch) await this.endEpoch(stage);
      clock();
      if (standing.step === total) break;
      if (endsEpoch || signal?.aborted || performance.now() - saved > checkpointEvery * 1000) {
        await this.save(stage);
        saved = performance.now();
      }
      if (signal?.aborted) {
        progress.close();
        throw new InterruptedError(
          `interrupted and saved after step ${standing.step} of the ${stage.phase} phase (${stage.arm})`,
        );
      }
    }
    await this.finish(stage);
  }

  /** Takes the meters, shows where the run stands, and stops it at a loss that is not finite. */
  private async look(stage: Stage): Promise<void> {
    const { standing } = this;
    const { nn, an } = await stage.read();
    const bad = nn.badStep
      ? { of: 'the network', step: nn.badStep }
      : an?.badStep
        ? { of: 'the astrocyte', step: an.badStep }
        : undefined;
    if (bad) {
      const first = await stage.diagnose();
      this.options.progress.close();
      throw new NonFiniteLossError(
        `the loss of ${bad.of} is not finite at update ${bad.step} of the ${stage.phase} phase (${stage.arm}); first bad tensor: ${first ?? 'none in the forward pass, so a gradient or a penalty'}; try a lower --lr`,
      );
    }
    const sums = standing.epoch;
    sums.loss += nn.loss;
    sums.hits += nn.hits;
    sums.updates += nn.steps;
    sums.anLoss += an?.loss ?? 0;
    sums.anUpdates += an?.steps ?? 0;
    this.options.progress.update(this.shown(stage));
  }

  private async endEpoch(stage: Stage): Promise<void> {
    const { standing } = this;
    const epoch = standing.step / stage.stepsPerEpoch;
    const { accuracy, e } = await stage.endEpoch(epoch - 1);
    const sums = standing.epoch;
    const row: MetricRow = {
      stage: standing.stage,
      arm: stage.arm,
      phase: stage.phase,
      epoch,
      step: standing.step * stage.updatesPerStep,
      accuracy,
    };
    if (sums.updates > 0) {
      row.loss = sums.loss / sums.updates;
      row.trainAccuracy = sums.hits / (sums.updates * stage.imagesPerStep);
    }
    if (sums.anUpdates > 0) row.anLoss = sums.anLoss / sums.anUpdates;
    e?.forEach((value, i) => {
      row[`e${i + 1}`] = value;
    });
    appendMetrics(metricsPath(this.options.folder), row);
    if (e) this.noteRegulation(stage, epoch, e);
    this.options.progress.endEpoch({ ...this.shown(stage), accuracy });
    standing.epoch = noSums();
  }

  /** Where the run stands, for the display. */
  private shown(stage: Stage): ProgressState {
    const { standing, plan, images } = this;
    const { loss, hits, updates, anLoss, anUpdates } = standing.epoch;
    const losses: Record<string, number> = {};
    if (updates > 0) losses.loss = loss / updates;
    if (anUpdates > 0) losses['AN loss'] = anLoss / anUpdates;
    const steps = stage.stepsPerEpoch;
    const work = plan.map((part) => part.work);
    const sum = (parts: number[]): number => parts.reduce((a, b) => a + b, 0);
    return {
      arm: stage.arm,
      phase: stage.phase,
      epoch: Math.ceil(standing.step / steps),
      epochs: stage.epochs,
      step: standing.step % steps || steps,
      steps,
      images,
      done:
        (sum(work.slice(0, standing.stage)) + (work[standing.stage] * standing.step) / (stage.epochs * steps)) /
        sum(work),
      losses,
      accuracy: updates > 0 ? hits / (updates * stage.imagesPerStep) : undefined,
    };
  }

  /** Keeps the first and the last epoch's line of e for each arm. */
  private noteRegulation(stage: Stage, epoch: number, e: number[]): void {
    const name = `${stage.arm}, ${stage.phase}`;
    const kept = this.standing.regulation.filter(({ arm, label }) => arm !== name || label === 'epoch 1');
    kept.push({ arm: name, e, label: `epoch ${epoch}` });
    this.standing.regulation = kept;
  }

  /** After a stage's last step: its products and its row of the table, and a checkpoint that the next stage starts from. */
  private async finish(stage: Stage): Promise<void> {
    const { folder, config } = this.options;
    const { standing } = this;
    if (stage.phase === 'search') await this.workshop.saveAstrocyte(stage);
    else {
      const gates = stage.regulator
        ? await readGates(stage.regulator.layout, stage.regulator.gate)
        : new Map<string, Float32Array>();
      const { total, kept, structural } = countParameters(stage.network, stage.regulator?.layout, gates);
      const rows = readMetrics(metricsPath(folder)).filter(({ arm, phase }) => arm === stage.arm && phase === 'guide');
      standing.arms.push({
        arm: stage.arm,
        accuracy: rows.at(-1)!.accuracy!,
        parametersTotal: total,
        parametersKept: kept,
        parametersStructural: structural,
        updates: stage.epochs * stage.stepsPerEpoch,
        seconds: standing.seconds,
      });
      const entries = stage.regulator?.layout.entries ?? [];
      const tensors = new Map([
        ...[...(await stateDict(stage.network))].map(
          ([name, { shape, data }]) => [name, { dtype: 'F32' as const, shape, data }] as const,
        ),
        ...entries.map(
          (entry) =>
            [
              `${GATE}${entry.name}`,
              { dtype: 'F32' as const, shape: mapShape(entry), data: gates.get(entry.name)! },
            ] as const,
        ),
      ]);
      writeSafetensors(modelFile(folder, stage.arm), tensors, { model: config.model });
    }
    standing.stage++;
    standing.step = 0;
    standing.seconds = 0;
    await this.save();
  }

  /** The gates of the last arm that has any, as its file keeps them. */
  private gateMaps(): GateMap[] {
    const arm = this.plan.filter(({ phase, regulated }) => phase === 'guide' && regulated).at(-1)?.arm;
    if (!arm) return [];
    const maps: GateMap[] = [];
    for (const [name, { shape, data }] of readSafetensors(modelFile(this.options.folder, arm)).tensors) {
      if (!name.startsWith(GATE)) continue;
      const map = {
        layer: name.slice(GATE.length),
        height: shape.length === 2 ? shape[0] : 1,
        width: shape[shape.length - 1],
        values: data as Float32Array,
      };
      maps.push(shape.length === 2 ? { ...map, axes: { rows: 'output channel', columns: 'input channel' } } : map);
    }
    return maps;
  }

  private async save(stage?: Stage): Promise<void> {
    const { folder, config } = this.options;
    const parts = stage ? this.parts(stage) : { modules: new Map(), tensors: new Map() };
    await saveCheckpoint(checkpointPath(folder, this.standing.steps), parts, config, this.standing);
    keepNewestCheckpoints(folder, 2);
  }
}

/** A finished arm's network, with its gates. */
const modelFile = (folder: string, arm: string): string => join(folder, `${arm.replace(/\W+/g, '-')}.safetensors`);

const mapShape = ({ applies, rows, columns }: GateEntry): number[] =>
  applies === 'connection' ? [rows, columns] : [columns];
