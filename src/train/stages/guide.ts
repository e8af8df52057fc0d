// The guide phase (docs/method.md §6): a fresh network on all the data with augmentation, under a frozen AN, or under none (the plain network). In its last
// part the gates are frozen and cut, or cut more and more before that, and the network settles under the structure that it will keep.
import type { NetworkGates } from '../../astro/index.ts';
import type { ImageBatchSource, ImageFeed } from '../../data/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import type { Network } from '../../models/index.ts';
import { Ema, TRAIN } from '../../nn/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { type JobConfig, partsOf } from '../config.ts';
import { type BudgetOf, budgetOf, type Staying } from './budget.ts';
import { findFirstNonFinite, replayBatch } from './diagnose.ts';
import { type Evaluator, recalibrate } from './evaluate.ts';
import { type Cut, summarizeGates } from './gate-summary.ts';
import { cutGates, GuidedSteps } from './guided-steps.ts';
import { type NnRecipe, nnLearner } from './nn-learner.ts';
import { drawsOf, type EpochResult, prefixed, type Stage, type StageSnapshot } from './stage.ts';
import { lossOf, nnUpdate, passesOf, taskLoss } from './updates.ts';

/** The guide phase of one arm. */
export interface GuideOptions
  extends NnRecipe,
    Omit<Cut, 'budget'>,
    Staying,
    Pick<JobConfig, 'epochs' | 'guideEvery' | 'settle'>,
    Partial<Pick<JobConfig, 'evaluateEvery' | 'fall'>> {
  arm: string;
  /** Of the images that an epoch is chosen by, where some are set apart. */
  validator?: Evaluator;
  /** A network's time in parts of the whole one's: for a budget of time. */
  timeOf?: BudgetOf['timeOf'];
  /** The astrocyte's file that a search before it left. */
  found?: string;
  /** Updates that the network has behind it: the stage goes on with it, under its final gates, to `epochs` in all. Default 0. */
  done?: number;
}

/**
 * The guide phase of one arm: a fresh network on all the data under a frozen astrocyte, or under none
 * (docs/method.md §6).
 */
export class GuideStage implements Stage {
  readonly phase = 'guide';
  readonly arm: string;
  readonly epochs: number;
  readonly from?: number;
  readonly stepsPerEpoch: number;
  readonly imagesPerStep: number;
  readonly updatesPerStep = 1;
  readonly network: Network;
  readonly regulator?: NetworkGates;
  private readonly options: GuideOptions;
  readonly cut: Cut;
  private readonly data: ImageFeed;
  private readonly evaluator: Evaluator;
  private readonly stream: ImageBatchSource;
  private readonly learner: ReturnType<typeof nnLearner>;
  private readonly steps: GuidedSteps;
  /** The average of the network's weights, where one was asked for. */
  private readonly average?: Ema;
  /** The first step under the final structure, and the first of those in which the part that stays falls to it. */
  private readonly settleFrom: number;
  private readonly fallFrom?: number;

  /** `network` is fresh and has memory; `regulator` holds its gates, with the frozen AN where one makes them; none for the plain network. */
  constructor(
    gpu: Gpu,
    network: Network,
    data: ImageFeed,
    evaluator: Evaluator,
    regulator: NetworkGates | undefined,
    options: GuideOptions,
  ) {
    const { arm, epochs, batch, seed, done = 0 } = options;
    this.arm = arm;
    this.epochs = epochs;
    this.options = options;
    this.network = network;
    this.regulator = regulator;
    this.data = data;
    this.evaluator = evaluator;
    this.imagesPerStep = Math.min(batch, data.count);
    this.stepsPerEpoch = Math.floor(data.count / this.imagesPerStep);
    const steps = epochs * this.stepsPerEpoch;
    if (done > 0) this.from = done / this.stepsPerEpoch;
    // What was finished has its final gates.
    this.settleFrom = done > 0 ? 0 : Math.round(steps * (1 - options.settle));
    if (options.fall !== undefined) this.fallFrom = Math.round(steps * options.fall);
    const { settleFrom, fallFrom } = this;
    const { threshold, ranking, gateValues, guideEvery, timeOf, found } = options;
    const budget = regulator && budgetOf(options, { layout: regulator.layout, size: data.height, timeOf, found });
    this.cut = { threshold, ranking, gateValues, budget };
    this.learner = nnLearner(gpu, network, steps, options, done);
    const { momentum } = this.learner.optimizer;
    const when = { guideEvery, settleFrom, fallFrom, momentum, cutBefore: done > 0 };
    this.steps = new GuidedSteps(gpu, arm, regulator, { ...this.cut, ...when });
    this.stream = data.batches({
      batch: this.imagesPerStep,
      parts: partsOf(this.imagesPerStep, options),
      seed,
      augment: !options.noAugment,
      dtype: network.precision,
      shuffle: true,
    });
    if (options.ema !== undefined) this.average = new Ema(network, { decay: options.ema, warmup: true });
  }

  begin(): void {
    this.average?.copyFrom(this.network);
  }

  /** Of the average, where there is one. */
  async averaged<T>(fn: () => Promise<T>): Promise<T> {
    this.average?.swap();
    try {
      return await fn();
    } finally {
      this.average?.swap();
    }
  }

  get loading(): ImageBatchSource {
    return this.stream;
  }

  async step(i: number): Promise<void> {
    const { stream, learner, network, regulator, options, steps } = this;
    await stream.seek(i);
    await steps.step(
      i,
      () => stream.next(),
      () => {
        nnUpdate(learner, taskLoss(network, stream, TRAIN, options), regulator, { passes: passesOf(stream) });
        this.average?.update();
      },
    );
  }

  async endEpoch(epoch: number): Promise<EpochResult> {
    const { regulator } = this;
    if (regulator && epoch === this.epochs - 1 && this.settleFrom >= this.epochs * this.stepsPerEpoch)
      await cutGates(regulator, this.cut);
    this.learner.metrics.reset();
    const { evaluateEvery = 1 } = this.options;
    const evaluated = epoch === this.epochs - 1 || (epoch + 1) % evaluateEvery === 0;
    const score = evaluated ? await this.averaged(() => this.score()) : {};
    if (!regulator) return score;
    const refines = this.from === undefined && regulator.errors.length > 0;
    const e = refines ? await Promise.all(regulator.errors.map((e) => e.item())) : undefined;
    const falls = this.fallFrom !== undefined && (epoch + 1) * this.stepsPerEpoch > this.fallFrom;
    return { ...score, e, gates: await summarizeGates(regulator, this.cut, regulator.gatesFinal || falls) };
  }

  /** On the test images and on those that choose an epoch, with running statistics of its own. */
  private async score(): Promise<EpochResult> {
    const { network, regulator, data, stream, options, evaluator } = this;
    const { seed, noAugment, validator } = options;
    const drawn = { batch: this.imagesPerStep, parts: stream.parts, seed, augment: !noAugment };
    await recalibrate(network, data, drawn, regulator);
    const tests = await evaluator.score(network, regulator, lossOf(options));
    if (!validator) return tests;
    const { accuracy: validation, leftOut: validationLeftOut } = await validator.score(network, regulator);
    return { ...tests, validation, ...(validationLeftOut && { validationLeftOut }) };
  }

  rates(steps: number): { lr: number } {
    return { lr: this.learner.rateOf(steps - 1) };
  }

  async read(): Promise<StageSnapshot> {
    return { nn: await this.learner.metrics.read() };
  }

  async diagnose({ nn }: StageSnapshot): Promise<string | undefined> {
    const { regulator, network, stream, options } = this;
    await replayBatch(stream, (options.done ?? 0) + nn.badStep - 1);
    const networks = new Map<string, { arena: { tensors: Map<string, Tensor> } }>([['', network]]);
    const { parts = 1 } = stream;
    for (let part = 0; part < parts; part++) {
      if (part > 0) stream.part?.(part);
      const found = await findFirstNonFinite(networks, network, stream, {
        gated: regulator && ((fn) => regulator.gated(fn)),
        loss: lossOf(options),
      });
      if (found !== undefined) return found;
    }
    return undefined;
  }

  tensors(): Map<string, Tensor> {
    return prefixed({
      optimizer: this.learner.optimizer.state(),
      metrics: this.learner.metrics.state(),
      network: drawsOf(this.network),
      regulation: this.regulator?.state(),
      budget: this.steps.state(),
      average: this.average?.state(),
    });
  }

  release(): void {
    this.steps.release();
    this.stream.release();
    this.learner.release();
    this.average?.release();
  }
}
