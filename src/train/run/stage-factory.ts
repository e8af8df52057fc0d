// Builds a job's stages. Every arm's network starts from the same seed, and so do the random and the trained astrocyte: what differs
// between two rows of the table is what was learned.
import { existsSync } from 'node:fs';
import type { Astrocyte, NetworkGates } from '../../astro/index.ts';
import { anyOf, chosenImages, type ImageFeed, openImages, type TaskImages } from '../../data/index.ts';
import { advising, type Gpu } from '../../gpu/index.ts';
import { writeSafetensors } from '../../io/index.ts';
import { createModel, type Graph, Network, widthFor } from '../../models/index.ts';
import { type CompactResult, packAnswers } from '../../report/index.ts';
import type { JobConfig } from '../config.ts';
import { readNetwork } from '../files/network-file.ts';
import { asArm } from '../recipes.ts';
import { buildStage, networkOptions } from '../stages/build.ts';
import { Evaluator, type Prediction } from '../stages/evaluate.ts';
import { gatesOf, networkGates } from '../stages/gates.ts';
import { SearchStage } from '../stages/search.ts';
import type { Stage } from '../stages/stage.ts';
import { armFile } from './arm-result.ts';
import { compactArm } from './compaction.ts';
import { loadAstrocyte } from './job-gates.ts';
import { astrocytePath } from './run-folder.ts';
import { timeShare } from './speed.ts';
import type { StagePlan } from './stage-plan.ts';
import { fillFrom, keptWeights, readStartingWeights, type StartingWeights, startingNetwork } from './start.ts';
import { splitForValidation } from './validation.ts';

/** What stages are made of. */
export interface StageFactoryOptions {
  gpu: Gpu;
  config: JobConfig;
  train: TaskImages;
  test: TaskImages;
  /** The run folder: the astrocyte that the search finds goes there, and is read from there. */
  folder: string;
}

/** Evaluation needs no gradients, so it can take more images at once than training; fewer where they do not fit. */
const EVALUATION_BATCH = 250;

/** Test images that the report shows. */
const EXAMPLES = 12;

/**
 * Builds each stage of a job from its configuration: network, astrocyte, regulator and data, and releases what the
 * stage before left.
 */
export class StageFactory {
  private readonly options: StageFactoryOptions;
  /** What is trained on. */
  private readonly trainSet: TaskImages;
  private readonly train: ImageFeed;
  private readonly evaluator: Evaluator;
  /** Of the images that are set apart to choose an epoch by. */
  private readonly validator?: Evaluator;
  /** What the networks start from, where it was given. */
  private readonly start?: StartingWeights;
  private readonly built: { release(): void }[] = [];

  constructor(options: StageFactoryOptions) {
    const { gpu, config, train, test } = options;
    const { validation = 0, seed } = config;
    this.options = options;
    this.trainSet = train;
    if (validation > 0) {
      const parts = splitForValidation(train.count, validation, seed);
      this.trainSet = chosenImages(train, parts.train);
      this.validator = new Evaluator(openImages(gpu, chosenImages(train, parts.validation)), EVALUATION_BATCH);
    }
    if (config.weights !== undefined) this.start = readStartingWeights(keptWeights(options.folder, config.weights));
    this.train = advising(['images'], () => openImages(gpu, this.trainSet));
    const tests = advising(['testImages', 'images'], () => openImages(gpu, test));
    this.evaluator = new Evaluator(tests, EVALUATION_BATCH);
  }

  /** `size` is the parameters that the last regulated arm has left, for a narrow one; `done` are the updates of a network that is gone on with. */
  build(
    { arm, phase, role, regulated, astrocyte, narrow, extendedTo }: StagePlan,
    { size, done }: { size?: number; done?: number } = {},
  ): Stage {
    const { gpu } = this.options;
    const config = asArm(this.options.config, role);
    const train = this.trainSet;
    for (const part of this.built.splice(0)) part.release();
    const { model, width: full, precision, seed } = config;
    const classes = train.classes.length;
    const width = narrow && extendedTo === undefined ? Math.min(full, widthFor(model, size!, { classes })) : full;
    const network =
      extendedTo !== undefined
        ? new Network(readNetwork(armFile(this.options.folder, arm)).graph, networkOptions(config))
        : this.start
          ? startingNetwork(this.start, config, train)
          : createModel(model, { classes, width, size: train.height, ...networkOptions(config) });
    this.built.push(network.to(gpu, seed, { precision }));
    if (this.start && extendedTo === undefined) fillFrom(this.start, network, train.classes);
    const gates = regulated ? this.gates(network, astrocyte, role) : undefined;
    const timeOf = (left: Graph): Promise<number> =>
      timeShare(network.graph, left, this.evaluator.data, EVALUATION_BATCH);
    const searched = this.astrocyteFile('trained');
    const found = existsSync(searched) ? searched : undefined;
    return buildStage(phase, {
      ...{ gpu, config, arm, network, gates, timeOf, found },
      train: this.train,
      evaluator: this.evaluator,
      validator: this.validator,
      evaluationBatch: EVALUATION_BATCH,
      ...(extendedTo !== undefined && { extended: { epochs: extendedTo, done } }),
    });
  }

  private gates(network: Network, start: StagePlan['astrocyte'], role: StagePlan['role']): NetworkGates {
    const { gpu } = this.options;
    const config = asArm(this.options.config, role);
    const layout = gatesOf(network, config);
    let astrocyte: Astrocyte | undefined;
    if (start !== 'none') {
      // A given one was copied into the folder, which may have been moved since; a program's own folder need not have it.
      const file = this.astrocyteFile(role);
      const kept = existsSync(file) ? file : (config.astrocyte ?? file);
      astrocyte = loadAstrocyte(gpu, config, layout, start === 'found' ? kept : undefined);
      this.built.push(astrocyte);
    }
    const gates = networkGates(gpu, config, layout, astrocyte);
    this.built.push(gates);
    return gates;
  }

  private astrocyteFile(role: StagePlan['role']): string {
    return astrocytePath(this.options.folder, role === 'paper' ? 'paper' : undefined);
  }

  /** Writes the astrocyte that the search of an arm found best. */
  async saveAstrocyte(stage: Stage, { role }: StagePlan): Promise<void> {
    if (!(stage instanceof SearchStage)) return;
    const tensors = new Map(
      [...(await stage.found())].map(([name, { shape, data }]) => [name, { dtype: 'F32' as const, shape, data }]),
    );
    writeSafetensors(this.astrocyteFile(role), tensors, { network: asArm(this.options.config, role).an });
  }

  /** The smaller network that a finished arm's gates leave. */
  compact({ arm }: Stage): Promise<CompactResult> {
    return compactArm(this.options.folder, arm, this.evaluator.data, EVALUATION_BATCH);
  }

  /** What a finished arm takes some test images for: the same for all arms, drawn by seed. */
  predictExamples({ network, regulator }: Stage): Promise<Prediction[]> {
    const { data } = this.evaluator;
    return this.evaluator.predict(network, anyOf(data.count, EXAMPLES, this.options.config.seed), regulator);
  }

  /** Which test images a finished arm tells right. */
  async answers({ network, regulator }: Stage): Promise<string> {
    return packAnswers(await this.evaluator.answers(network, regulator));
  }

  /** Gives back every stage that it built, and the images of its evaluations. */
  release(): void {
    for (const part of this.built.splice(0)) part.release();
    for (const evaluator of [this.evaluator, this.validator]) {
      evaluator?.data.release();
      evaluator?.release();
    }
    this.train.release();
  }
}
