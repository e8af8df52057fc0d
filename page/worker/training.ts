// A training: the search, then all arms in turns of a few steps, so that their curves move together. What it knows outlives the GPU that it runs on; what it has there is made again.
import { DeviceData } from 'astrogpu/data';
import type { Gpu } from 'astrogpu/gpu';
import { networkCost } from 'astrogpu/models';
import { loadStateDict, type StateTensor } from 'astrogpu/nn';
import {
  checkFinite,
  Evaluator,
  type JobConfig,
  meansOf,
  planStages,
  readingBetween,
  type SearchStage,
} from 'astrogpu/train';
import type { ArmId, Settings, Started } from '../protocol.ts';
import { Arm, EVALUATION_BATCH, type Ground, type Track, trackOf } from './arm.ts';
import { GateWatch } from './gate-watch.ts';
import { chosenOf, type Images } from './images.ts';
import type { Emit } from './serve.ts';
import { settled } from './settings.ts';

/** How often things are done, in milliseconds. */
export interface Pace {
  /** Of the steps of one arm until the next has its turn. */
  turn: number;
  /** Between two events of progress of an arm, and of gates. */
  progress: number;
  gates: number;
  /** Between two times that an arm is kept, beside the ends of epochs; more where keeping takes long. */
  keep: number;
}

export const PACE: Pace = { turn: 60, progress: 250, gates: 1000, keep: 10_000 };

/** Keeping takes at most one part in so many of the time. */
const KEEP_SHARE = 20;
const MOST_STEPS = 32;

/** How an arm has been doing, by the clock. */
interface Timing {
  /** Steps of the next turn. */
  stride: number;
  /** Seconds of its own since it last told. */
  seconds: number;
  told: number;
  gates: number;
  kept: number;
  keeping: number;
}

/** The search and the guides of a comparison. */
export class Training {
  readonly settings: Settings;
  readonly config: JobConfig;
  readonly images: Images;
  private readonly tracks: readonly Track[];
  private readonly emit: Emit;
  private readonly pace: Pace;
  private readonly timings = new Map<Track, Timing>();
  private watches = new Map<Arm, GateWatch>();
  private found?: Map<string, StateTensor>;
  private ground?: Ground;
  private arms: Arm[] = [];

  constructor(images: Images, config: JobConfig, asked: Settings, { emit, pace }: { emit: Emit; pace: Pace }) {
    this.config = config;
    this.images = chosenOf(images, config);
    this.settings = settled(config, asked);
    this.tracks = planStages(config).map(trackOf);
    this.emit = emit;
    this.pace = pace;
  }

  /** Makes on a GPU what is not over, each arm as it was kept. Leaves nothing there where it throws. */
  async build(gpu: Gpu): Promise<void> {
    const { config, images, tracks, found } = this;
    const train = new DeviceData(gpu, images.train);
    const test = new DeviceData(gpu, images.test);
    this.ground = { gpu, config, train, evaluator: new Evaluator(test, EVALUATION_BATCH) };
    this.arms = [];
    this.watches = new Map();
    try {
      for (const track of tracks)
        if (track.phase === 'guide' || !found)
          this.arms.push(await Arm.build(this.ground, track, images.train.classes.length, found));
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Gives its memory on the GPU back. */
  release(): void {
    for (const arm of this.arms.splice(0)) arm.release();
    this.ground?.evaluator.data.release();
    this.ground?.evaluator.release();
    this.ground?.train.release();
    this.ground = undefined;
  }

  /** Forgets what it had on a GPU that is gone. */
  abandon(): void {
    this.arms = [];
    this.ground = undefined;
  }

  started(): Started {
    const [search, guide] = (['search', 'guide'] as const).map((phase) =>
      this.arms.find(({ track }) => track.phase === phase),
    );
    const { graph } = guide!.stage.network;
    const { parameters, flops } = networkCost(graph, this.images.train.height);
    const guides = this.tracks.filter(({ phase }) => phase === 'guide');
    return {
      arms: guides.map(({ id, plan }) => ({ id, name: plan.arm, gated: plan.regulated })),
      searchSteps: search?.steps ?? 0,
      guideSteps: guide!.steps,
      searchStepsPerEpoch: search?.stage.stepsPerEpoch ?? 0,
      guideStepsPerEpoch: guide!.stage.stepsPerEpoch,
      parameters,
      flops,
      settings: this.settings,
    };
  }

  /** Steps done of all arms. */
  get steps(): number {
    return this.tracks.reduce((sum, { step }) => sum + step, 0);
  }

  get done(): boolean {
    return this.arms.every((arm) => arm.done);
  }

  /** The arm as it is now: in the search the one that it trains. */
  armOf(id: ArmId): Arm | undefined {
    return this.arms.find(({ track }) => track.id === id && track.phase === this.phase) ?? this.guideOf(id);
  }

  guideOf(id: ArmId): Arm | undefined {
    return this.arms.find(({ track }) => track.id === id && track.phase === 'guide');
  }

  private get phase(): Track['phase'] {
    return this.arms.some(({ track }) => track.phase === 'search') ? 'search' : 'guide';
  }

  /** Some steps of the arm that has done the fewest, and what follows an epoch; or, after the last of the search, its end. False where all is done. Throws NonFiniteLossError. */
  async turn(): Promise<boolean> {
    // A turn of its own: a device that is lost before it is over leaves a search that is done.
    const search = this.arms.find(({ track, done }) => track.phase === 'search' && done);
    if (search) {
      await this.endSearch(search);
      return true;
    }
    const arm = this.arms
      .filter(({ track, done }) => track.phase === this.phase && !done)
      .reduce<Arm | undefined>((least, one) => (least && least.track.step <= one.track.step ? least : one), undefined);
    if (!arm) return false;
    const { stage, track } = arm;
    const timing = this.timingOf(track);
    const left = stage.stepsPerEpoch - (track.step % stage.stepsPerEpoch);
    const count = Math.min(left, timing.stride);
    const began = performance.now();
    for (let i = 0; i < count; i++) await stage.step(track.step++);
    await this.ground!.gpu.idle();
    const took = performance.now() - began;
    timing.seconds += took / 1000;
    timing.stride = Math.max(1, Math.min(MOST_STEPS, Math.round((this.pace.turn * count) / took)));
    const ends = track.step % stage.stepsPerEpoch === 0;
    const now = performance.now();
    if (ends || now - timing.told >= this.pace.progress) await this.tell(arm, timing);
    if (ends) await this.endEpoch(arm, timing);
    else {
      if (now - timing.gates >= this.pace.gates) await this.tellGates(arm, timing);
      if (now - timing.kept >= Math.max(this.pace.keep, KEEP_SHARE * timing.keeping)) await this.keep(arm, timing);
    }
    return true;
  }

  private timingOf(track: Track): Timing {
    const now = performance.now();
    const fresh = { stride: 1, seconds: 0, told: now, gates: 0, kept: now, keeping: 0 };
    const timing = this.timings.get(track) ?? fresh;
    this.timings.set(track, timing);
    return timing;
  }

  /** Reads the sums, and tells the means since it last did, but for steps that were told before the device was lost. */
  private async tell(arm: Arm, timing: Timing): Promise<void> {
    const { stage, track } = arm;
    const reading = await stage.read();
    await checkFinite(stage, reading, this.config);
    if (track.step <= track.told.step) return;
    const { loss, trainAccuracy, anLoss } = meansOf(stage, readingBetween(track.told.reading, reading));
    const images = (track.step - track.told.step) * stage.imagesPerStep;
    track.told = { step: track.step, reading };
    if (loss !== undefined)
      this.emit({
        type: 'progress',
        ...this.placeOf(track),
        epoch: track.step / stage.stepsPerEpoch,
        loss,
        trainAccuracy: trainAccuracy!,
        ...(anLoss !== undefined && { anLoss }),
        imagesPerSecond: images / timing.seconds,
        done: this.share(),
      });
    timing.seconds = 0;
    timing.told = performance.now();
  }

  private placeOf({ id: arm, phase, step }: Track): { arm: ArmId; phase: Track['phase']; step: number } {
    return { arm, phase, step };
  }

  /** Of the whole training, 0 to 1. */
  private share(): number {
    const parts = this.tracks.map((track) => {
      const arm = this.arms.find((one) => one.track === track);
      return { work: track.plan.work, done: arm ? track.step / arm.steps : 1 };
    });
    return parts.reduce((sum, { work, done }) => sum + work * done, 0) / parts.reduce((sum, { work }) => sum + work, 0);
  }

  private async endEpoch(arm: Arm, timing: Timing): Promise<void> {
    const { stage, track } = arm;
    const epoch = track.step / stage.stepsPerEpoch;
    const { accuracy, loss } = await stage.endEpoch(epoch - 1);
    // The sums began anew.
    track.told = { step: track.told.step, reading: undefined };
    // Before it is kept: nobody else tells of the gates of an arm that is done.
    await this.tellGates(arm, timing, true);
    await this.keep(arm, timing);
    if (epoch > track.epochs) {
      track.epochs = epoch;
      this.emit({ type: 'epoch', ...this.placeOf(track), epoch, accuracy, loss });
    }
  }

  /** The search is over: the guide of its arm takes up the astrocyte that it found. */
  private async endSearch(arm: Arm): Promise<void> {
    this.found = await (arm.stage as SearchStage).found();
    this.arms = this.arms.filter((one) => one !== arm);
    arm.release();
    arm.track.kept = undefined;
    this.takeUp();
  }

  private takeUp(): void {
    for (const { track, stage } of this.arms)
      if (track.plan.astrocyte === 'found') loadStateDict(stage.regulator!.astrocyte!, this.found!);
  }

  private async keep(arm: Arm, timing: Timing): Promise<void> {
    const began = performance.now();
    arm.track.kept = await arm.keep();
    timing.kept = performance.now();
    timing.keeping = timing.kept - began;
  }

  private async tellGates(arm: Arm, timing: Timing, again = false): Promise<void> {
    const { stage, track } = arm;
    if (!stage.regulator || track.step < track.told.step) return;
    const watch = this.watches.get(arm) ?? new GateWatch(stage, this.images.train.height);
    this.watches.set(arm, watch);
    this.emit({ type: 'gates', ...this.placeOf(track), ...(await watch.look(again)) });
    timing.gates = performance.now();
  }
}
