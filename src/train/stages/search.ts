// The search phase (docs/method.md §6): the network learns on one part of the data, the astrocyte on the held-out part, in turn, over T iterations for
// each pair of batches. The astrocyte kept is the one under which held-out accuracy was best.
import type { GateCut, Regulator } from '../../astro/index.ts';
import type { ImageBatchSource, ImageFeed } from '../../data/index.ts';
import { ConfigError, type Gpu } from '../../gpu/index.ts';
import type { Network } from '../../models/index.ts';
import { BATCH_STATS, type StateTensor, stateDict, TRAIN } from '../../nn/index.ts';
import { copyInto, keep, permutation, scope, type Tensor, tensor, zeros } from '../../tensor/index.ts';
import { type JobConfig, partsOf } from '../config.ts';
import { anLearner } from './an-learner.ts';
import { type BudgetOf, budgetOf, type Staying } from './budget.ts';
import { findFirstNonFinite, replayBatch } from './diagnose.ts';
import { Evaluator, recalibrate } from './evaluate.ts';
import { FallingCut } from './falling-cut.ts';
import { type Cut, summarizeGates } from './gate-summary.ts';
import { type NnRecipe, nnLearner } from './nn-learner.ts';
import { Programs } from './programs.ts';
import { searchStep } from './search-step.ts';
import { drawsOf, type EpochResult, prefixed, type Stage, type StageSnapshot } from './stage.ts';
import { lossOf, passesOf, taskLoss } from './updates.ts';

/** The search phase. */
export interface SearchOptions
  extends NnRecipe,
    Omit<Cut, 'budget'>,
    Staying,
    Partial<Pick<JobConfig, 'searchStructure' | 'settle' | 'fall'>>,
    Pick<JobConfig, 'searchEpochs' | 'anLr' | 'lambda' | 'sparsityWeight' | 'alternate' | 'updates'> {
  arm: string;
  /** A network's time in parts of the whole one's: for a budget of time. */
  timeOf?: BudgetOf['timeOf'];
}

/**
 * Splits a training set for the search: the network's part, and the held-out part of this fraction. Deterministic in `seed`. Throws ConfigError where
 * one part is empty.
 */
export function splitForSearch(count: number, heldOut: number, seed: number): { nn: Uint32Array; an: Uint32Array } {
  const order = permutation(count, seed, 0x5b117);
  const cut = count - Math.round(count * heldOut);
  if (cut < 1 || cut >= count)
    throw new ConfigError(
      'heldOut',
      (name) =>
        `${name('heldOut', heldOut)}: of ${count} images that leaves none for the ${cut < 1 ? 'network: hold out less' : 'astrocyte: hold out more'}`,
    );
  return { nn: order.slice(0, cut).sort(), an: order.slice(cut).sort() };
}

/** The search phase: network and astrocyte learn in turn, each on its part of the data (docs/method.md §6). */
export class SearchStage implements Stage {
  readonly phase = 'search';
  readonly arm: string;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly imagesPerStep: number;
  readonly updatesPerStep: number;
  readonly network: Network;
  readonly regulator: Regulator;
  /** Parameters of the astrocyte kept, in its arena's layout. */
  readonly best: Tensor;
  private readonly options: SearchOptions;
  readonly cut: Cut;
  /** What is cut where the search has the guide's structure, and from which step on all of it is. */
  private readonly falling?: FallingCut;
  private readonly settleFrom: number;
  private readonly nnData: ImageFeed;
  private readonly nnStream: ImageBatchSource;
  private readonly anStream: ImageBatchSource;
  private readonly evaluator: Evaluator;
  private readonly nn: ReturnType<typeof nnLearner>;
  private readonly an: ReturnType<typeof anLearner>;
  private readonly bestAccuracy: Tensor;
  private readonly programs: Programs;
  /** Steps of an epoch that update the network; with `alternate: epoch` the astrocyte's follow them. */
  private readonly nnSteps: number;

  constructor(
    gpu: Gpu,
    network: Network,
    regulator: Regulator,
    nnData: ImageFeed,
    anData: ImageFeed,
    evaluationBatch: number,
    options: SearchOptions,
  ) {
    const { searchEpochs: epochs, seed, alternate, updates, arm } = options;
    const { T } = regulator.options;
    this.programs = new Programs(gpu);
    this.arm = arm;
    this.epochs = epochs;
    this.options = options;
    this.network = network;
    this.regulator = regulator;
    const { threshold, ranking, gateValues, timeOf } = options;
    const budget = budgetOf(options, { layout: regulator.layout, size: nnData.height, timeOf });
    this.cut = { threshold, ranking, gateValues, budget };
    this.nnData = nnData;
    const batch = Math.min(options.batch, nnData.count, anData.count);
    this.imagesPerStep = batch;
    this.updatesPerStep = updates === 'each' ? T : 1;
    this.nnSteps = Math.floor(nnData.count / batch);
    this.stepsPerEpoch = this.nnSteps + (alternate === 'epoch' ? Math.floor(anData.count / batch) : 0);
    const { settle = 0, fall = 1 - settle } = options;
    const steps = epochs * this.stepsPerEpoch;
    this.settleFrom = Math.min(steps - 1, Math.round(steps * (1 - settle)));
    if (options.searchStructure)
      this.falling = new FallingCut(regulator, this.cut, {
        from: Math.min(this.settleFrom, Math.round(steps * fall)),
        end: this.settleFrom,
      });
    const drawn = {
      batch,
      parts: partsOf(batch, options),
      shuffle: true,
      augment: !options.noAugment,
      dtype: network.precision,
    };
    this.nnStream = nnData.batches({ ...drawn, seed });
    this.anStream = anData.batches({ ...drawn, seed: seed + 1 });
    this.evaluator = new Evaluator(anData, evaluationBatch);
    this.nn = nnLearner(gpu, network, epochs * this.nnSteps * this.updatesPerStep, options);
    const { astrocyte } = regulator;
    this.an = anLearner(gpu, astrocyte, { lr: options.anLr }, network.precision);
    this.best = keep(zeros(gpu, astrocyte.arena.values.shape, 'best astrocyte'));
    this.bestAccuracy = keep(tensor(gpu, [-1], [1], 'best held-out accuracy'));
  }

  get loading(): ImageBatchSource {
    return this.nnStream;
  }

  async step(i: number): Promise<void> {
    const [nn, an] = this.drawsOf(i);
    const epoch = Math.floor(i / this.stepsPerEpoch);
    if (nn !== undefined) await this.nnStream.seek(nn, epoch);
    if (an !== undefined) await this.anStream.seek(an, epoch);
    const cuts = this.falling?.cutsAt(i) ? this.falling.cut : undefined;
    if (cuts) await this.falling!.begin(i);
    this.run(nn === undefined ? 'AN' : an === undefined ? 'NN' : 'pair', nn !== undefined, an !== undefined, cuts);
  }

  /** Which draws a step works on: the network's, and the astrocyte's. */
  private drawsOf(i: number): [nn?: number, an?: number] {
    const { stepsPerEpoch, nnSteps, options } = this;
    if (options.alternate === 'iteration') return [i, i];
    const [epoch, step] = [Math.floor(i / stepsPerEpoch), i % stepsPerEpoch];
    if (step < nnSteps) return [epoch * nnSteps + step, undefined];
    return [undefined, epoch * (stepsPerEpoch - nnSteps) + step - nnSteps];
  }

  /** One pair of batches through all T iterations, for those that learn in it. */
  private run(name: string, updatesNn: boolean, updatesAn: boolean, cut: GateCut | undefined): void {
    const { regulator, network, nn, an, nnStream, anStream, options } = this;
    this.programs.run(`search step (${name}${cut ? ', cut' : ''})`, () => {
      if (updatesNn) nnStream.next();
      if (updatesAn) anStream.next();
      searchStep(regulator, {
        updates: options.updates,
        lambda: options.lambda,
        sparsityWeight: options.sparsityWeight,
        cut,
        nn: updatesNn
          ? { learner: nn, run: taskLoss(network, nnStream, TRAIN, options), passes: passesOf(nnStream) }
          : undefined,
        an: updatesAn
          ? { learner: an, run: taskLoss(network, anStream, BATCH_STATS, options), passes: passesOf(anStream) }
          : undefined,
      });
    });
  }

  async endEpoch(epoch: number): Promise<EpochResult> {
    const { regulator, network, nnData, falling } = this;
    const last = (epoch + 1) * this.stepsPerEpoch - 1;
    const cuts = falling?.cutsAt(last) ?? false;
    if (cuts) await falling!.begin(last);
    scope(() => regulator.regulate());
    if (cuts) falling!.cut.apply();
    const { seed, noAugment } = this.options;
    const drawn = { batch: this.imagesPerStep, parts: this.nnStream.parts, seed, augment: !noAugment };
    await recalibrate(network, nnData, drawn, regulator);
    this.nn.metrics.reset();
    this.an.metrics.reset();
    const score = await this.evaluator.score(network, regulator, lossOf(this.options));
    const { accuracy } = score;
    // Under more gates than the guide will have, an astrocyte is no better for it.
    const counts = !falling || last >= this.settleFrom;
    if (counts && accuracy > (await this.bestAccuracy.item())) {
      this.bestAccuracy.set([accuracy]);
      copyInto(this.best, regulator.astrocyte.arena.values);
    }
    const e = await Promise.all(regulator.errors.map((e) => e.item()));
    return { ...score, e, gates: await summarizeGates(regulator, this.cut, cuts) };
  }

  /** The astrocyte under which held-out accuracy was best, in torch's names: it is put into the regulator's. */
  async found(): Promise<Map<string, StateTensor>> {
    const { astrocyte } = this.regulator;
    copyInto(astrocyte.arena.values, this.best);
    return stateDict(astrocyte);
  }

  rates(steps: number): { lr: number; anLr: number } {
    const { stepsPerEpoch, nnSteps, updatesPerStep, options } = this;
    const nn = Math.floor(steps / stepsPerEpoch) * nnSteps + Math.min(steps % stepsPerEpoch, nnSteps);
    return { lr: this.nn.rateOf(nn * updatesPerStep - 1), anLr: options.anLr };
  }

  async read(): Promise<StageSnapshot> {
    const [nn, an] = await Promise.all([this.nn.metrics.read(), this.an.metrics.read()]);
    return { nn, an };
  }

  async diagnose({ nn, an }: StageSnapshot): Promise<string | undefined> {
    const { network, regulator, options } = this;
    const bad = nn.badStep || an!.badStep;
    const streams = nn.badStep ? [this.nnStream, this.anStream] : [this.anStream, this.nnStream];
    await replayBatch(streams[0], Math.floor((bad - 1) / this.updatesPerStep));
    const networks = new Map<string, { arena: { tensors: Map<string, Tensor> } }>([
      ['', network],
      ['of the astrocyte, ', regulator.astrocyte],
    ]);
    const step = { gated: <T>(fn: () => T): T => regulator.gated(fn), loss: lossOf(options) };
    return (
      (await findFirstNonFinite(networks, network, streams[0], step)) ??
      (await findFirstNonFinite(networks, network, streams[1], step))
    );
  }

  tensors(): Map<string, Tensor> {
    return prefixed({
      optimizer: this.nn.optimizer.state(),
      metrics: this.nn.metrics.state(),
      'an-optimizer': this.an.optimizer.state(),
      'an-metrics': this.an.metrics.state(),
      network: drawsOf(this.network),
      astrocyte: drawsOf(this.regulator.astrocyte),
      regulation: this.regulator.state(),
      budget: this.falling?.state(),
      best: new Map([
        ['astrocyte', this.best],
        ['accuracy', this.bestAccuracy],
      ]),
    });
  }

  release(): void {
    this.programs.release();
    this.falling?.release();
    const { nnStream, anStream, nn, an, evaluator, best, bestAccuracy } = this;
    for (const part of [nnStream, anStream, nn, an, evaluator, best, bestAccuracy]) part.release();
  }
}
