// A stage from what it is made of, wherever that comes from: a run folder's files, or a page's memory.
import type { NetworkGates, Regulator } from '../../astro/index.ts';
import type { ImageFeed } from '../../data/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import type { Network, NetworkOptions } from '../../models/index.ts';
import { cutThreshold, type JobConfig } from '../config.ts';
import type { Evaluator } from './evaluate.ts';
import { type GuideOptions, GuideStage } from './guide.ts';
import { SearchStage, splitForSearch } from './search.ts';
import type { Stage } from './stage.ts';

/** What of a configuration says how a network is trained. */
export const networkOptions = ({
  dropPath,
  recompute,
}: Partial<Pick<JobConfig, 'dropPath' | 'recompute'>>): NetworkOptions => ({ dropPath, recompute });

/** What a stage is made of. It owns none of it. */
export interface StageMaterial extends Pick<GuideOptions, 'validator' | 'timeOf' | 'found'> {
  gpu: Gpu;
  /** As the stage's arm has it. */
  config: JobConfig;
  arm: string;
  /** With memory and its first values. */
  network: Network;
  /** None for a plain network; a search needs a Regulator. */
  gates?: NetworkGates;
  train: ImageFeed;
  evaluator: Evaluator;
  /** Most images at once in the evaluation of a search. */
  evaluationBatch: number;
  /** Where a guide goes on with a finished network: epochs in all, and its updates so far. */
  extended?: { epochs: number; done?: number };
}

/** The guide of one arm, on all training images. Throws ConfigError as GuideStage does. */
export function buildGuide(material: StageMaterial): GuideStage {
  const { gpu, config, network, train, evaluator, gates, extended, arm, validator, timeOf, found } = material;
  const threshold = cutThreshold(config);
  const options = { ...config, ...extended, arm, threshold, validator, timeOf, found };
  return new GuideStage(gpu, network, train, evaluator, gates, options);
}

/** The search for an astrocyte, on both parts of the training images. Throws ConfigError as SearchStage does, and where one part is empty. */
export function buildSearch({ gpu, config, network, train, gates, ...material }: StageMaterial): SearchStage {
  const { arm, timeOf, evaluationBatch } = material;
  const split = splitForSearch(train.count, config.heldOut, config.seed);
  const [nn, an] = [split.nn, split.an].map((images) => train.part(images));
  const options = { ...config, arm, threshold: cutThreshold(config), timeOf };
  return new SearchStage(gpu, network, gates as Regulator, nn, an, evaluationBatch, options);
}

/** The stage of a phase. */
export const buildStage = (phase: Stage['phase'], material: StageMaterial): Stage =>
  phase === 'guide' ? buildGuide(material) : buildSearch(material);
