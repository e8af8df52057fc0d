// The trainer: does what the page asks for, one thing after another on the GPU, and trains in between. A device that is lost is opened again, and the training goes on from where it was kept.
import type { ImageSet } from 'astrogpu/data';
import { AstroError, DeviceLostError, Gpu } from 'astrogpu/gpu';
import { NonFiniteLossError } from 'astrogpu/train';
import type {
  ArmId,
  Calls,
  DataSource,
  DataSummary,
  Explanations,
  KernelTable,
  LoadedNetwork,
  Opened,
  SavedFile,
  Settings,
  Started,
  State,
} from '../protocol.ts';
import type { Arm } from './arm.ts';
import { type Images, normalizationOf, summaryOf } from './images.ts';
import { breath, InTurn, sleep } from './in-turn.ts';
import { Loaded } from './loaded.ts';
import { explain, predict, type Subject } from './looks.ts';
import { adapterOf, openMachine, type Surroundings, surroundings } from './machine.ts';
import { profileArm } from './profile.ts';
import { networkOf, savedFile } from './saved.ts';
import { type Answers, type Emit, inOneLine } from './serve.ts';
import { CHOICES, configOf, defaultsOf } from './settings.ts';
import { readSource } from './sources.ts';
import { PACE, type Pace, Training } from './training.ts';

/** What a trainer works with; a page's are the defaults. */
export interface TrainerOptions {
  emit: Emit;
  open?: () => Promise<Gpu>;
  around?: () => Surroundings;
  pace?: Partial<Pace>;
}

/** Milliseconds to wait before each try to have a lost device back. */
const TRIES = [0, 300, 1000, 3000];
/** So often a training may lose the device without having come further. */
const MOST_LOSSES = 3;

/** There is no GPU to work on. */
class NoGpuError extends AstroError {}

export class Trainer implements Answers {
  private readonly emit: Emit;
  private readonly open_: () => Promise<Gpu>;
  private readonly around: () => Surroundings;
  private readonly pace: Pace;
  private readonly line = new InTurn();
  private gpu?: Gpu;
  private advice?: string;
  private images?: Images;
  private training?: Training;
  private loaded?: Loaded;
  private state: Exclude<State, 'lost'> = 'idle';
  private told: State = 'idle';
  /** While the device is lost: until it is back, or until that was given up. */
  private recovery?: Promise<void>;
  /** Losses without a step between them that was new. */
  private losses = { count: 0, steps: -1 };
  /** Counts what replaces each other: loops of a training, and images that are taken in. */
  private loops = 0;
  private takes = 0;

  constructor({ emit, open = () => Gpu.open(), around = surroundings, pace }: TrainerOptions) {
    this.emit = emit;
    this.open_ = open;
    this.around = around;
    this.pace = { ...PACE, ...pace };
  }

  async open(): Promise<Opened> {
    await this.line.run(async () => {
      if (this.gpu) return;
      const { gpu, advice } = await openMachine(this.open_, this.around);
      this.advice = advice;
      if (gpu) this.adopt(gpu);
    });
    const { gpu, advice } = this;
    return {
      ...(gpu && { adapter: adapterOf(gpu) }),
      ...(advice !== undefined && { advice }),
      choices: CHOICES,
      defaults: defaultsOf(gpu?.adapter.software ?? false),
    };
  }

  async data(source: DataSource): Promise<DataSummary> {
    const turn = ++this.takes;
    const images = await readSource(source, this.gpu?.adapter.software ?? false);
    if (turn !== this.takes) throw new AstroError('other images were chosen meanwhile');
    await this.end();
    this.images = images;
    return summaryOf(images);
  }

  async start(settings: Settings): Promise<Started> {
    const { images } = this;
    if (!images) throw new AstroError('there are no images to train on: choose some first');
    const software = (await this.onGpu(async ({ adapter }) => adapter)).software;
    const config = configOf(settings, { software, available: { train: images.train.count, test: images.test.count } });
    await this.end();
    const training = new Training(images, config, settings, { emit: this.emit, pace: this.pace });
    await this.onGpu((gpu) => training.build(gpu));
    this.training = training;
    this.losses = { count: 0, steps: -1 };
    const started = training.started();
    this.enter('training');
    void this.run(training);
    return started;
  }

  async pause(): Promise<undefined> {
    if (this.state === 'idle' || this.state === 'done') throw new AstroError('no training is going on');
    this.state = 'paused';
    // The step that runs comes to its end.
    await this.line.run(() => {});
    this.tell();
  }

  async resume(): Promise<undefined> {
    const { training } = this;
    if (!training || this.state === 'idle' || this.state === 'done') throw new AstroError('no training is paused');
    if (this.state === 'training') return;
    this.enter('training');
    void this.run(training);
  }

  async reset(): Promise<undefined> {
    await this.end();
  }

  explain(given: Calls['explain'][0]): Promise<Explanations> {
    return this.onGpu((gpu) => explain(gpu, this.subject(gpu, given.arm), this.tests(), given));
  }

  predict({ arm, images }: Calls['predict'][0]): Promise<Calls['predict'][1]> {
    return this.onGpu((gpu) => predict(gpu, this.subject(gpu, arm), this.tests(), images));
  }

  profile({ arm }: Calls['profile'][0]): Promise<KernelTable> {
    return this.onGpu((gpu) => profileArm(gpu, this.armOf(arm)));
  }

  save({ arm, format }: Calls['save'][0]): Promise<SavedFile> {
    return this.onGpu(async () => {
      if (arm === 'loaded') return savedFile(this.needLoaded().name, this.needLoaded().file, format);
      const { stage } = this.armOf(arm);
      const file = await networkOf(stage, this.training!.images);
      return savedFile(stage.arm, file, format);
    });
  }

  async load({ name, bytes }: Calls['load'][0]): Promise<LoadedNetwork> {
    const loaded = await Loaded.read(name, bytes);
    return this.onGpu(async (gpu) => {
      try {
        const tests = this.images && this.tests();
        const fits = tests && loaded.reasonAgainst(tests) === undefined;
        loaded.networkOn(gpu);
        const accuracy = fits ? await loaded.accuracy(gpu, tests) : undefined;
        this.loaded?.release();
        this.loaded = loaded;
        return { ...loaded.summary(), ...(accuracy !== undefined && { accuracy }) };
      } catch (error) {
        loaded.release();
        throw error;
      }
    });
  }

  async loseDevice(): Promise<undefined> {
    await this.onGpu(async ({ device }) => device.destroy());
  }

  /** Gives all back: for tests, which go on without it. */
  async close(): Promise<void> {
    await this.end();
    const { gpu, loaded } = this;
    this.gpu = undefined;
    await this.line.run(() => {
      loaded?.release();
      return gpu?.close();
    });
  }

  /** Test images as the page counts them: those of the training, else all. */
  private tests(): ImageSet {
    const images = this.training?.images ?? this.images;
    if (!images) throw new AstroError('there are no test images: choose some first');
    return images.test;
  }

  private armOf(id: ArmId): Arm {
    const arm = this.training?.armOf(id);
    if (!arm) throw new AstroError(`the arm "${id}" is not there: it is none of a training that was begun`);
    if (arm.track.step === 0) throw new AstroError(`${arm.stage.arm} has not begun to learn yet`);
    return arm;
  }

  private needLoaded(): Loaded {
    if (!this.loaded) throw new AstroError('no network was loaded');
    return this.loaded;
  }

  /** An arm's network, or the one that was loaded, to be looked at. */
  private subject(gpu: Gpu, id: ArmId): Subject {
    if (id !== 'loaded') {
      const { network, regulator } = this.armOf(id).stage;
      return { network, regulator, normalization: normalizationOf(this.training!.images.train) };
    }
    const loaded = this.needLoaded();
    const reason = loaded.reasonAgainst(this.tests());
    if (reason !== undefined) throw new AstroError(reason);
    return { network: loaded.networkOn(gpu), normalization: loaded.file.normalization };
  }

  private async end(): Promise<void> {
    const { training } = this;
    this.training = undefined;
    this.enter('idle');
    await this.line.run(() => training?.release());
  }

  private enter(state: Exclude<State, 'lost'>): void {
    this.state = state;
    this.tell();
  }

  private tell(): void {
    const state = this.recovery ? 'lost' : this.state;
    if (state === this.told) return;
    this.told = state;
    this.emit({ type: 'state', state });
  }

  /** Trains until all is done, or somebody stops it. */
  private async run(training: Training): Promise<void> {
    const loop = ++this.loops;
    const goesOn = (): boolean => loop === this.loops && this.training === training && this.state === 'training';
    try {
      for (let more = true; more; ) {
        await breath();
        more = await this.onGpu(async () => goesOn() && (await training.turn()));
      }
      if (goesOn()) this.enter('done');
    } catch (error) {
      if (goesOn()) await this.fail(error);
    }
  }

  /** A training ends by an error: one whose loss is not finite keeps its networks, as they were before. */
  private async fail(error: unknown): Promise<void> {
    this.emit({ type: 'note', level: 'error', message: `The training ended: ${inOneLine(error)}` });
    if (error instanceof NonFiniteLossError) return this.enter('done');
    await this.end();
    const { gpu } = this;
    // What no kernel is to blame for stays with a device.
    if (gpu) await this.line.run(() => gpu.idle()).catch(() => this.lose(gpu));
  }

  /** Work on the GPU, when it is its turn; once more where the device is lost in it. */
  private async onGpu<T>(work: (gpu: Gpu) => Promise<T>): Promise<T> {
    for (let tries = MOST_LOSSES; ; tries--) {
      let used: Gpu | undefined;
      try {
        return await this.line.run(() => {
          used = this.gpu;
          if (!used) throw new NoGpuError('there is no GPU to work on: open one first');
          return work(used);
        });
      } catch (error) {
        const lost = error instanceof DeviceLostError || (error instanceof NoGpuError && this.recovery);
        if (!lost || tries === 0) throw error;
        if (used) this.lose(used);
        await this.recovery;
      }
    }
  }

  private adopt(gpu: Gpu): void {
    this.gpu = gpu;
    void gpu.device.lost.then(() => this.lose(gpu));
  }

  /** A device is of no more use: another takes its place, after the work that fails with it. */
  private lose(gpu: Gpu): void {
    if (this.gpu !== gpu) return;
    this.gpu = undefined;
    const recovery = this.line
      .run(() => this.recover(gpu))
      .finally(() => {
        // It may have been lost again meanwhile.
        if (this.recovery === recovery) this.recovery = undefined;
        this.tell();
      });
    this.recovery = recovery;
    this.tell();
  }

  private async recover(lost: Gpu): Promise<void> {
    const note = (level: 'info' | 'error', message: string): void => this.emit({ type: 'note', level, message });
    this.training?.abandon();
    this.loaded?.abandon();
    await lost.close().catch(() => {});
    let gpu: Gpu | undefined;
    for (const wait of TRIES) {
      await sleep(wait);
      gpu = await this.open_().catch(() => undefined);
      if (gpu) break;
    }
    const { training } = this;
    if (!gpu) {
      this.drop();
      note('error', 'The GPU was lost and does not come back. Reload the page, or restart the browser.');
      return;
    }
    const before = training?.steps ?? 0;
    this.losses = { count: before > this.losses.steps ? 1 : this.losses.count + 1, steps: before };
    if (training && this.losses.count > MOST_LOSSES) {
      this.drop();
      note('error', 'The GPU was lost again and again at the same step, and the training ended. Try a smaller batch.');
    } else
      try {
        await training?.build(gpu);
        note(
          'info',
          training
            ? `The GPU was lost and is back; the training goes on ${before > training.steps ? `from ${before - training.steps} steps before` : 'from where it was'}.`
            : 'The GPU was lost and is back.',
        );
      } catch (error) {
        training?.abandon();
        if (!(error instanceof DeviceLostError)) {
          this.drop();
          note('error', `The GPU was lost, and the training ended: ${inOneLine(error)}`);
        }
      }
    this.adopt(gpu);
  }

  private drop(): void {
    this.training = undefined;
    this.state = 'idle';
  }
}
