// The trainer: does what the page asks for, one thing after another on the GPU, and trains in between. A device that is lost is opened again, and the training goes on from where it was kept.
import type { ImageSet } from 'astrogpu/data';
import { AstroError, Gpu } from 'astrogpu/gpu';
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
import { HeldGpu, type HeldGpuOptions } from './held-gpu.ts';
import { type Images, normalizationOf, summaryOf } from './images.ts';
import { breath } from './in-turn.ts';
import { Loaded } from './loaded.ts';
import { explain, predict, type Subject } from './looks.ts';
import { adapterOf, surroundings } from './machine.ts';
import { profileArm } from './profile.ts';
import { networkOf, savedFile } from './saved.ts';
import { type Answers, type Emit, inOneLine } from './serve.ts';
import { CHOICES, configOf, defaultsOf } from './settings.ts';
import { decodeInBrowser } from './sources/picture.ts';
import { readSource, type SourceWorld } from './sources/source.ts';
import { PACE, type Pace, Training } from './training.ts';

/** What a trainer works with; a page's are the defaults. */
export interface TrainerOptions extends Partial<HeldGpuOptions>, Partial<Pick<SourceWorld, 'decode' | 'cifar10'>> {
  emit: Emit;
  pace?: Partial<Pace>;
}

const TRIES = [0, 300, 1000, 3000];

/** Why a lost device ended a training. */
const GIVEN_UP = {
  gone: 'The GPU was lost and does not come back. Reload the page, or restart the browser.',
  again: 'The GPU was lost again and again at the same step, and the training ended. Try a smaller batch.',
};

/** Does all calls of the protocol. */
export class Trainer implements Answers {
  private readonly emit: Emit;
  private readonly pace: Pace;
  private readonly held: HeldGpu;
  private readonly reading: Pick<SourceWorld, 'decode' | 'cifar10'>;
  private images?: Images;
  private training?: Training;
  private loaded?: Loaded;
  private state: Exclude<State, 'lost'> = 'idle';
  private told: State = 'idle';
  /** Counts what replaces each other: loops of a training, and images that are taken in. */
  private loops = 0;
  private takes = 0;
  /** Steps of trainings that are over. */
  private past = 0;

  constructor({ emit, pace, decode = decodeInBrowser, cifar10, ...options }: TrainerOptions) {
    const { open = () => Gpu.open(), around = surroundings, tries = TRIES } = options;
    this.emit = emit;
    this.reading = { decode, cifar10 };
    this.pace = { ...PACE, ...pace };
    this.held = new HeldGpu(
      { open, around, tries },
      {
        changed: () => this.tell(),
        progress: () => this.past + (this.training?.steps ?? 0),
        forget: () => {
          this.training?.abandon();
          this.loaded?.abandon();
        },
        restore: (gpu) => this.restore(gpu),
        giveUp: (reason) => {
          this.training = undefined;
          this.state = 'idle';
          const why =
            typeof reason === 'string'
              ? GIVEN_UP[reason]
              : `The GPU was lost, and the training ended: ${inOneLine(reason)}`;
          this.emit({ type: 'note', level: 'error', message: why });
        },
      },
    );
  }

  async open(): Promise<Opened> {
    await this.held.open();
    const { gpu, advice } = this.held;
    return {
      ...(gpu && { adapter: adapterOf(gpu) }),
      ...(advice !== undefined && { advice }),
      choices: CHOICES,
      defaults: defaultsOf(gpu?.adapter.software ?? false),
    };
  }

  async data(source: DataSource): Promise<DataSummary> {
    const turn = ++this.takes;
    const software = this.held.gpu?.adapter.software ?? false;
    const images = await readSource(source, { software, ...this.reading });
    if (turn !== this.takes) throw new AstroError('other images were chosen meanwhile');
    await this.end();
    this.images = images;
    return summaryOf(images);
  }

  async start(settings: Settings): Promise<Started> {
    const { images } = this;
    if (!images) throw new AstroError('there are no images to train on: choose some first');
    const software = (await this.held.use(async ({ adapter }) => adapter)).software;
    const config = configOf(settings, { software, available: { train: images.train.count, test: images.test.count } });
    await this.end();
    const training = new Training(images, config, settings, { emit: this.emit, pace: this.pace });
    await this.held.use((gpu) => training.build(gpu));
    this.training = training;
    const started = training.started();
    this.enter('training');
    void this.run(training);
    return started;
  }

  async pause(): Promise<undefined> {
    if (this.state === 'idle' || this.state === 'done') throw new AstroError('no training is going on');
    this.state = 'paused';
    // The step that runs comes to its end.
    await this.held.inTurn(() => {});
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
    return this.held.use((gpu) => explain(gpu, this.subject(gpu, given.arm), this.tests(), given));
  }

  predict({ arm, images }: Calls['predict'][0]): Promise<Calls['predict'][1]> {
    return this.held.use((gpu) => predict(gpu, this.subject(gpu, arm), this.tests(), images));
  }

  profile({ arm }: Calls['profile'][0]): Promise<KernelTable> {
    return this.held.use((gpu) => profileArm(gpu, this.armOf(arm)));
  }

  save({ arm, format }: Calls['save'][0]): Promise<SavedFile> {
    return this.held.use(async () => {
      if (arm === 'loaded') return savedFile(this.needLoaded().name, this.needLoaded().file, format);
      const { stage } = this.armOf(arm);
      const file = await networkOf(stage, this.training!.images);
      return savedFile(stage.arm, file, format);
    });
  }

  async load({ name, bytes }: Calls['load'][0]): Promise<LoadedNetwork> {
    const loaded = await Loaded.read(name, bytes);
    return this.held.use(async (gpu) => {
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
    await this.held.use(async ({ device }) => device.destroy());
  }

  /** Gives all back: for tests, which go on without it. */
  async close(): Promise<void> {
    await this.end();
    await this.held.inTurn(() => this.loaded?.release());
    await this.held.close();
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
    this.past += training?.steps ?? 0;
    this.training = undefined;
    this.enter('idle');
    await this.held.inTurn(() => training?.release());
  }

  private enter(state: Exclude<State, 'lost'>): void {
    this.state = state;
    this.tell();
  }

  private tell(): void {
    const state = this.held.lost ? 'lost' : this.state;
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
        more = await this.held.use(async () => goesOn() && training.turn(), { insisting: true });
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
    await this.held.mend();
  }

  /** On another device, after one was lost. */
  private async restore(gpu: Gpu): Promise<void> {
    const { training } = this;
    const before = training?.steps ?? 0;
    await training?.build(gpu);
    const lost = before - (training?.steps ?? 0);
    const goesOn = `; the training goes on from ${lost > 0 ? `${lost} steps before` : 'where it was'}`;
    this.emit({ type: 'note', level: 'info', message: `The GPU was lost and is back${training ? goesOn : ''}.` });
  }
}
