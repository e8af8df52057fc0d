// Fine-tuning: what a run that starts from weights takes over from their file, and what it says of it.
import type { ChannelStats, TaskImages } from '../../data/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import { modelNames } from '../../models/index.ts';
import { checkStart, type JobConfig, readStartingWeights, type StartingWeights } from '../../train/index.ts';
import { UsageError } from '../common/options.ts';
import { resizedLines, waysOfWeights } from '../common/weights.ts';
import type { TrainOptions } from './options.ts';

/** Weights that a new run starts from, and its options with the model that the file says. */
export interface Start {
  options: TrainOptions;
  weights?: StartingWeights;
  /** Side of the images that the weights are for, where they say it. */
  size?: number;
}

/** Reads the file of `--weights`. Throws UsageError where nothing says of which model it is, or two things disagree; CheckpointError for another kind of file. */
export function startOf(options: TrainOptions): Start {
  if (options.weights === undefined || options.resume !== undefined) return { options };
  const weights = readStartingWeights(options.weights);
  const { graph } = weights.network ?? {};
  if (graph === undefined) {
    if (options.model === undefined)
      throw new UsageError(
        `--weights ${options.weights}: the file does not say what it is of; name the model with --model NAME`,
      );
    return { options, weights };
  }
  const model = modelNames.find((name) => name === graph.model);
  if (model === undefined)
    throw new UsageError(
      `--weights ${options.weights}: its network is a ${graph.model}, which is none of ${modelNames.join(', ')}`,
    );
  if (options.model !== undefined && options.model !== model)
    throw new UsageError(`--model ${options.model}: the network of --weights ${options.weights} is a ${model}`);
  return { options: { ...options, model }, weights, size: graph.size };
}

/** Checks that a job can start from weights, and normalizes its images as theirs were. Returns that and what is to be said. Throws as checkStart() does. */
export function startFrom(
  gpu: Gpu,
  weights: StartingWeights,
  config: JobConfig,
  train: TaskImages,
): { normalization: ChannelStats; lines: string[] } {
  const loaded = checkStart(gpu, weights, config, train);
  const { normalization, text } = waysOfWeights(weights, config.model);
  const head =
    loaded.skipped.length > 0
      ? `all but the head of other classes, which starts anew: ${loaded.skipped.join(', ')}`
      : 'all of it, the head too';
  return {
    normalization,
    lines: [`weights: each network starts from ${weights.file}, ${head}`, ...resizedLines(loaded), text],
  };
}

/** Images normalized in another way. */
export const normalizedAs = <T extends TaskImages>(set: T, normalization: ChannelStats | undefined): T =>
  normalization ? { ...set, normalization } : set;
