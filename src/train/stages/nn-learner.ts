// How a task network learns, by the options: which optimizer, at which rates, and in how many passes a step goes through its batch.
import type { Gpu } from '../../gpu/index.ts';
import {
  AdamW,
  cosine,
  Lion,
  type Module,
  type Optimizer,
  type OptimizerOptions,
  Sgd,
  warmUp,
} from '../../nn/index.ts';
import type { JobConfig } from '../config.ts';
import { RunningMetrics } from './running-metrics.ts';
import type { Learner, LossChoice } from './updates.ts';

/** What an optimizer is made by, by the names of the options; what is left out has the main job's default. */
export interface OptimizerRecipe
  extends Pick<JobConfig, 'lr' | 'warmup' | 'momentum' | 'weightDecay'>,
    Partial<Pick<JobConfig, 'optimizer' | 'decay' | 'lrFloor' | 'clipNorm'>> {}

/** How a task network is trained, by the names of the options: by which loss and optimizer, and what is done to its images. */
export interface NnRecipe
  extends LossChoice,
    OptimizerRecipe,
    Pick<JobConfig, 'batch' | 'noAugment' | 'seed'>,
    Partial<Pick<JobConfig, 'microBatch' | 'ema'>> {}

/** An optimizer of a network, ready for those of `steps` updates that are not `done`; `rateOf` has the learning rate of each, counted from 0 over all. */
export function nnLearner(
  gpu: Gpu,
  network: Pick<Module, 'arena'>,
  steps: number,
  recipe: OptimizerRecipe,
  done = 0,
): Required<Learner> & { optimizer: Optimizer; rateOf(update: number): number; release(): void } {
  const { lr, lrFloor = 0, warmup } = recipe;
  const metrics = new RunningMetrics(gpu);
  const rising = Math.round(steps * warmup);
  const rates = warmUp(cosine(steps - rising, lr, { floor: Math.min(lr, lrFloor) }), rising);
  const optimizer = optimizerOf(network, recipe, {
    lr: rates.subarray(Math.min(done, rates.length - 1)),
    foundNonFinite: metrics.foundNonFinite,
  });
  const release = (): void => {
    for (const part of [optimizer, metrics]) part.release();
  };
  const rateOf = (update: number): number => rates[Math.max(0, Math.min(update, rates.length - 1))];
  return { optimizer, metrics, rateOf, release };
}

/** Matrices and filters have two or four sides. */
const isMatrix = (sides: number): boolean => sides === 2 || sides === 4;

function optimizerOf(
  { arena }: Pick<Module, 'arena'>,
  { optimizer = 'sgd', momentum, weightDecay, decay = 'all', clipNorm }: OptimizerRecipe,
  own: Pick<OptimizerOptions, 'lr' | 'foundNonFinite'>,
): Optimizer {
  const groups = [{ match: (_: string, { length }: { length: number }) => !isMatrix(length), weightDecay: 0 }];
  const options = { ...own, weightDecay, clipNorm, groups: decay === 'matrices' ? groups : [] };
  if (optimizer === 'adamw') return new AdamW(arena, options);
  if (optimizer === 'lion') return new Lion(arena, options);
  return new Sgd(arena, { ...options, momentum, nesterov: momentum > 0 });
}
