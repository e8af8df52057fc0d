// What the owner of a module says of its training: where batches come from, what the loss of one is, and for how long. Everything else has the main job's defaults.
import type { Regulator } from '../../astro/index.ts';
import type { BatchSource } from '../../data/index.ts';
import { ConfigError, type Gpu } from '../../gpu/index.ts';
import { EVAL, type Module, type Pass, TRAIN } from '../../nn/index.ts';
import { keep, noGrad, scope, Tensor } from '../../tensor/index.ts';
import type { JobConfig } from '../config.ts';
import { JOB_OPTIONS } from '../options/table.ts';
import { NonFiniteLossError } from '../stages/diagnose.ts';
import { nnLearner } from '../stages/nn-learner.ts';
import { RunningMetrics } from '../stages/running-metrics.ts';
import type { Learner, Steps, TaskLoss } from '../stages/updates.ts';

/** The loss of a batch, f32 [1], in a pass of the module: any ops. With `correct`, how many answers were right is counted, too. */
export type OwnLoss<B> = (batch: B, pass: Pass) => Tensor | TaskLoss;

/** How a module of one's own is trained. Settings without a word here are those of the main job, by its names and with its defaults. */
export interface OwnTraining<B> extends Partial<Pick<JobConfig, 'lr' | 'warmup' | 'momentum' | 'weightDecay'>> {
  /** What the module learns from. Where its batches come in parts (`parts`), gradients are those of the whole batch. */
  train: BatchSource<B>;
  loss: OwnLoss<B>;
  /** For how many batches; or for how many `epochs`, where the source knows how many batches those have. */
  steps?: number;
  epochs?: number;
  /** An optimizer of one's own for the module's parameters, in place of SGD by lr, warmup, momentum and weightDecay. */
  optimizer?: Steps;
  /** Steps between two looks at the losses (which wait for the GPU). Default an epoch, or 100. */
  every?: number;
  /** Told what each look found. */
  onProgress?: (progress: OwnProgress) => void;
}

/** How far a search or a guide is. */
export interface OwnProgress {
  phase: 'search' | 'guide';
  /** Steps done. */
  step: number;
  /** Mean loss of the module's updates since the last look. */
  loss: number;
  /** Mean loss of the astrocyte's updates since then, in a search. */
  anLoss?: number;
  /** Mean loss on held-out batches, in evaluation under the gates. */
  heldOut?: number;
  /** e¹..eᵀ of the last regulation. */
  e: number[];
}

/** The gpu, the module and its gates: what a search and a guide are about. */
export interface Attachment {
  gpu: Gpu;
  module: Module;
  regulator: Regulator;
}

/** Steps in all, and between two looks. Throws ConfigError. */
export function lengthOf<B>({ train, steps, epochs, every }: OwnTraining<B>): { steps: number; every: number } {
  const { batches } = train;
  const all = steps ?? (epochs !== undefined && batches !== undefined ? epochs * batches : undefined);
  if (all === undefined)
    throw new ConfigError('steps', (name) =>
      epochs === undefined
        ? `${name('steps')} is missing: for how many batches, or ${name('epochs')}`
        : `${name('epochs', epochs)}: nobody knows how many batches an epoch of this source has; give ${name('steps')}`,
    );
  const between = every ?? batches ?? 100;
  for (const [field, value] of Object.entries({ steps: all, every: between }))
    if (!Number.isInteger(value) || value < 1)
      throw new ConfigError(field, (name) => `${name(field, value)}: takes a whole number from 1`);
  return { steps: all, every: between };
}

/** A setting of the main job: as given, else by default. */
export const settingOf = <K extends keyof typeof JOB_OPTIONS & keyof JobConfig>(
  given: Partial<Pick<JobConfig, K>>,
  name: K,
): JobConfig[K] => given[name] ?? ((JOB_OPTIONS[name] as { default?: JobConfig[K] }).default as JobConfig[K]);

/** What updates the module: the owner's optimizer, or the main job's for so many updates. */
export function moduleLearner<B>(
  { gpu, module }: Attachment,
  updates: number,
  options: OwnTraining<B>,
): Required<Learner> & { release(): void } {
  if (options.optimizer) {
    const metrics = new RunningMetrics(gpu);
    return { optimizer: options.optimizer, metrics, release: () => metrics.release() };
  }
  return nnLearner(gpu, module, updates, {
    lr: settingOf(options, 'lr'),
    warmup: settingOf(options, 'warmup'),
    momentum: settingOf(options, 'momentum'),
    weightDecay: settingOf(options, 'weightDecay'),
  });
}

/** The loss of a source's batch in a pass, as a function to be run under gates. */
export const lossIn =
  <B>(loss: OwnLoss<B>, { batch }: BatchSource<B>, pass: Pass) =>
  (): TaskLoss => {
    const made = loss(batch, pass);
    return made instanceof Tensor ? { loss: made } : made;
  };

/** Mean loss of what was trained since the last look, which begins anew. Throws NonFiniteLossError. */
export async function readLoss(metrics: RunningMetrics, of: string, phase: OwnProgress['phase']): Promise<number> {
  const { loss, steps, badStep } = await metrics.read();
  metrics.reset();
  if (badStep > 0) {
    const field = of === 'astrocyte' ? 'anLr' : 'lr';
    throw new NonFiniteLossError(
      field,
      (name) => `the loss of the ${of} is not finite at update ${badStep} of the ${phase}; try a lower ${name(field)}`,
    );
  }
  return loss / steps;
}

/** e¹..eᵀ of the last regulation. */
export const readErrors = ({ errors }: Regulator): Promise<number[]> => Promise.all(errors.map((e) => e.item()));

/** Batches that statistics are averaged over, and that judge a source that does not say how many it has. */
const SAMPLE_BATCHES = 8;

/** Fills running statistics with the plain average over a few batches under the committed gates. Nothing where the module has none. */
export async function recalibrateOwn<B>(
  { module, regulator }: Attachment,
  { train, loss }: Pick<OwnTraining<B>, 'train' | 'loss'>,
): Promise<void> {
  if (!module.bufferArena) return;
  for (let b = 0; b < Math.min(SAMPLE_BATCHES, train.batches ?? SAMPLE_BATCHES); b++) {
    await train.prepare?.();
    noGrad(() =>
      scope(() => {
        train.next();
        regulator.gated(lossIn(loss, train, { ...TRAIN, momentum: 1 / (b + 1) }));
      }),
    );
  }
}

/** Mean loss in evaluation under the committed gates: over an epoch of a source that knows its length, else over a few batches. */
export async function meanLoss<B>(
  { regulator }: Attachment,
  source: BatchSource<B>,
  loss: OwnLoss<B>,
): Promise<number> {
  const batches = source.batches ?? SAMPLE_BATCHES;
  const losses: Tensor[] = [];
  try {
    for (let b = 0; b < batches; b++) {
      await source.prepare?.();
      for (let part = 0; part < (source.parts ?? 1); part++)
        noGrad(() =>
          scope(() => {
            if (part === 0) source.next();
            else source.part!(part);
            losses.push(keep(regulator.gated(lossIn(loss, source, EVAL)).loss));
          }),
        );
    }
    let sum = 0;
    for (const value of losses) sum += await value.item();
    return sum / losses.length;
  } finally {
    for (const value of losses) value.release();
  }
}
