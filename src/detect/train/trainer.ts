// The steps of a detector's training: micro-batches one after the other, each by the program of its padded size, and one update of the weights. All that a step does is one submit.
import { type Gpu, needArguments, type Program } from '../../gpu/index.ts';
import {
  AdamW,
  BatchNorm2d,
  GroupNorm,
  type Optimizer,
  type OptimizerOptions,
  type ParameterGroup,
  Sgd,
  TRAIN,
} from '../../nn/index.ts';
import { minimum, scale } from '../../ops/index.ts';
import { addInPlace, backward, full, keep, noGrad, scope, type Tensor, zeros } from '../../tensor/index.ts';
import type { DetectionBatches } from '../feed/detection-batches.ts';
import type { BoxInst } from '../model/box-inst.ts';
import type { DetectorConfig } from './config.ts';
import { boxInstLoss } from './loss.ts';
import { LossMeters } from './meters.ts';
import { ProgramCache } from './program-cache.ts';
import { detectorRates } from './rates.ts';

/** What a trainer is made of. */
export interface TrainerOptions {
  gpu: Gpu;
  config: DetectorConfig;
  /** With memory. */
  model: BoxInst;
  /** Of micro-batches, as many at once as a step has. */
  feed: DetectionBatches;
  /** Bytes that the programs of all padded sizes may hold together. */
  programBudget: number;
  /** Told what a person should hear. */
  log?: (line: string) => void;
}

/** Trains a detector, step by step. Owns GPU memory; release() it. */
export class DetectorTrainer {
  /** Sums of each loss since they were last read. */
  readonly meters: LossMeters;
  /** Those of micro-batches, by their padded sizes. */
  readonly programs: ProgramCache;
  /** The learning rate of each step. */
  readonly rates: Float32Array;
  private readonly options: TrainerOptions;
  private readonly optimizer: Optimizer;
  /** f32 [1]: steps that have begun, which the warm-up of the pairwise loss goes by. */
  private readonly begun: Tensor;
  private readonly one: Tensor;
  /** What a step begins and ends with, and what brings each part in each size: many small ones. */
  private readonly ends: ProgramCache;
  /** The micro-batch that a resumed run goes on with. */
  private next?: number;

  constructor(options: TrainerOptions) {
    needArguments('DetectorTrainer', 'an object', { options });
    const { gpu, config, model, feed, programBudget: budget, log } = options;
    needArguments('DetectorTrainer', 'a Gpu', { gpu });
    needArguments('DetectorTrainer', 'an object', { config, model, feed });
    this.options = options;
    this.meters = new LossMeters(gpu);
    this.rates = detectorRates(config);
    this.optimizer = optimizerOf(model, config, { lr: this.rates, foundNonFinite: this.meters.foundNonFinite });
    this.programs = new ProgramCache(gpu, { budget, log });
    this.ends = new ProgramCache(gpu, { budget });
    this.begun = keep(zeros(gpu, [1], 'steps begun'));
    this.one = keep(full(gpu, [1], 1));
  }

  /** One update of the weights, by the feed's next batches. */
  async step(): Promise<void> {
    const { gpu, feed } = this.options;
    const waiting: Program['dispatches'][number][] = [];
    const submit = (): void => {
      if (waiting.length > 0) gpu.replay(waiting.splice(0), 'a detector step');
    };
    const run = async (of: ProgramCache, key: string, record: () => void): Promise<void> => {
      const program = of.get(key);
      if (program) for (const dispatch of program.dispatches) waiting.push(dispatch);
      else {
        submit();
        await of.make(key, record);
      }
    };
    if (this.next === undefined) await feed.prepare();
    else await feed.seek(this.next);
    this.next = undefined;
    await run(this.ends, 'begin of a detector step', () => this.recordBegin());
    for (let i = 0; i < feed.parts; i++) {
      feed.take(i);
      const { size } = feed.current!;
      // What brings a part is its own: the program of a size serves all.
      await run(this.ends, `part ${i} of ${size}`, () => feed.next());
      await run(this.programs, size, () => this.recordPass());
    }
    await run(this.ends, 'update of a detector', () => this.recordEnd());
    submit();
  }

  /** Goes on behind so many steps. */
  goTo(step: number): void {
    this.next = step * this.options.feed.parts;
  }

  private recordBegin(): void {
    const { gpu } = this.options;
    gpu.fill(this.optimizer.gradients.slice, 0);
    addInPlace(this.begun, this.one);
    this.meters.begin();
  }

  /** One micro-batch: its losses are added up, and their gradients. */
  private recordPass(): void {
    const { model, config, feed } = this.options;
    const { perImage, similarity, pairwiseWarmup } = config;
    const { batch } = feed;
    scope(() => {
      const pairwiseWeight = pairwiseWarmup > 0 ? minimum(scale(this.begun, 1 / pairwiseWarmup), 1) : 1;
      const losses = boxInstLoss(model.forward(batch.images, TRAIN), batch, { perImage, similarity, pairwiseWeight });
      // Behind backward only the total is there.
      noGrad(() => this.meters.add(losses, feed.parts));
      backward(losses.total, { gradient: scale(this.optimizer.lossScale, 1 / feed.parts), accumulate: true });
    });
  }

  private recordEnd(): void {
    this.meters.end();
    this.optimizer.step();
  }

  /** What a checkpoint has to hold beside the model. */
  tensors(): Map<string, Tensor> {
    return new Map([
      ['steps', this.begun],
      ...[...this.optimizer.state()].map(([name, tensor]) => [`optimizer.${name}`, tensor] as const),
      ...[...this.meters.state()].map(([name, tensor]) => [`losses.${name}`, tensor] as const),
    ]);
  }

  /** Gives back programs, the optimizer's state and the meters; the detector stays. */
  release(): void {
    this.programs.release();
    this.ends.release();
    for (const part of [this.optimizer, this.meters, this.begun, this.one]) part.release();
  }
}

/** SGD or AdamW, as Detectron2 has its weight decay: not on what norms scale and shift with. */
function optimizerOf(
  model: BoxInst,
  { optimizer, momentum, weightDecay, clipNorm }: DetectorConfig,
  own: Pick<OptimizerOptions, 'lr' | 'foundNonFinite'>,
): Optimizer {
  const norms = model
    .namedModules()
    .filter(([, module]) => module instanceof BatchNorm2d || module instanceof GroupNorm)
    .map(([name]) => `${name}.`);
  const groups: ParameterGroup[] = [{ match: (name) => norms.some((norm) => name.startsWith(norm)), weightDecay: 0 }];
  const options = { ...own, weightDecay, clipNorm, groups };
  return optimizer === 'adamw' ? new AdamW(model.arena, options) : new Sgd(model.arena, { ...options, momentum });
}
