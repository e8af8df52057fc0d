// Plans a job's stages and builds them. Every arm's network starts from the same seed, and so do the random and the trained astrocyte: what differs
// between two rows of the table is what was learned.
import { existsSync } from 'node:fs';
import {
  Astrocyte,
  type AstrocyteCost,
  type AstrocyteOptions,
  astrocyteCost,
  checkMaps,
  checkZeroInit,
  createAstrocyteNetwork,
  featuresOf,
  GateLayout,
  leftUngated,
  mostPixels,
  type NetworkGates,
  OpenGates,
  Regulator,
} from '../../astro/index.ts';
import { anyOf, chosenImages, type ImageFeed, openImages, type TaskImages } from '../../data/index.ts';
import { advising, ConfigError, type Gpu } from '../../gpu/index.ts';
import { CheckpointError, readSafetensors, writeSafetensors } from '../../io/index.ts';
import { createModel, type Graph, GraphError, Network, widthFor } from '../../models/index.ts';
import { floatsOf, loadStateDict, StateDictError, type StateTensor, stateDict } from '../../nn/index.ts';
import { type CompactResult, packAnswers } from '../../report/index.ts';
import { copyInto } from '../../tensor/index.ts';
import {
  type ArmName,
  checkCut,
  checkGiven,
  checkInput,
  checkRoom,
  configure,
  cutThreshold,
  type JobConfig,
} from '../config.ts';
import { readNetwork } from '../files/network-file.ts';
import type { Given } from '../options/option.ts';
import type { JOB_OPTIONS } from '../options/table.ts';
import { asArm } from '../recipes.ts';
import { budgetOf } from '../stages/budget.ts';
import { Evaluator, type Prediction } from '../stages/evaluate.ts';
import { GuideStage } from '../stages/guide.ts';
import { SearchStage, splitForSearch } from '../stages/search.ts';
import type { Stage } from '../stages/stage.ts';
import { lossOf } from '../stages/updates.ts';
import { armFile } from './arm-result.ts';
import { compactArm } from './compaction.ts';
import { astrocytePath } from './run-folder.ts';
import { timeShare } from './speed.ts';
import {
  fillFrom,
  keptWeights,
  networkOptions,
  readStartingWeights,
  type StartingWeights,
  startingNetwork,
} from './start.ts';
import { splitForValidation } from './validation.ts';

export interface StagePlan {
  arm: string;
  phase: 'search' | 'guide';
  /** What the arm is in the comparison of a job. */
  role?: ArmName;
  /** Has the network gates? */
  regulated: boolean;
  /** Whose parameters the astrocyte that makes them starts from; none where weights alone decide. */
  astrocyte: 'fresh' | 'found' | 'none';
  /** Is the network made uniformly narrower, to the size that the last regulated arm has? */
  narrow?: boolean;
  /** Of a stage that goes on with a finished network: epochs in all. */
  extendedTo?: number;
  /** Share of the job's time, in NN updates' worth: for the display only. */
  work: number;
}

/** Names as the table shows them. */
const ARMS: Record<ArmName, string> = {
  plain: 'plain NN',
  random: 'random AN',
  trained: 'trained AN',
  paper: 'paper AN',
  magnitude: 'largest weights',
  narrow: 'narrower NN',
};

/** An arm's name. An astrocyte whose last layer starts at zero has nothing random in it before its training. */
export const armName = (arm: ArmName, { zeroInit }: Pick<JobConfig, 'zeroInit'>): string =>
  arm === 'random' && zeroInit ? 'untrained AN' : ARMS[arm];

/** Arms with gates. */
const GATED: ReadonlySet<ArmName> = new Set(['random', 'trained', 'paper', 'magnitude']);

/** Whose parameters the astrocyte of an arm starts from. */
const ASTROCYTES: Partial<Record<ArmName, StagePlan['astrocyte']>> = {
  random: 'fresh',
  trained: 'found',
  paper: 'found',
};

/** Throws ConfigError where an arm lacks what it takes: the narrow one something that it is as small as, the trained one an astrocyte, the paper's a search of its own. */
function checkArms({ phase: phases, arms, astrocyte, weights, recipe }: JobConfig): void {
  const refuse = (field: string, why: ConfigError['named']): never => {
    throw new ConfigError(field, why);
  };
  const narrow = arms.indexOf('narrow');
  if (narrow >= 0 && weights !== undefined)
    refuse(
      'weights',
      (name) => `${name('weights', weights)}: weights fit no narrower network: leave narrow out of ${name('arms')}`,
    );
  if (narrow >= 0 && !arms.slice(0, narrow).some((before) => GATED.has(before)))
    refuse(
      'arms',
      (name) =>
        `the narrow arm is made as small as a regulated arm before it: add one of ${[...GATED].join(', ')} to ${name('arms')}, or take ${name('arms', 'plain')} with a ${name('width')}`,
    );
  if (arms.includes('trained') && !phases.includes('search') && astrocyte === undefined)
    refuse(
      'astrocyte',
      (name) =>
        `the trained arm needs an astrocyte: add the search phase (${name('phase', 'search,guide')}), or give ${name('astrocyte', 'FILE')} from an earlier run`,
    );
  if (arms.includes('paper') && recipe === 'paper')
    refuse(
      'arms',
      (name) =>
        `with ${name('recipe', recipe)} the trained arm is the paper's: leave paper out of ${name('arms')}, or take ${name('recipe', 'astrogpu')}`,
    );
  if (arms.includes('paper') && !phases.includes('search'))
    refuse(
      'arms',
      (name) =>
        `the paper arm takes a search of its own: add the search phase (${name('phase', 'search,guide')}), or leave paper out of ${name('arms')}`,
    );
}

/** The stages of a job in order. Throws ConfigError where an arm lacks what it takes. */
export function planStages(job: JobConfig): StagePlan[] {
  const { phase: phases, arms, T, ...config } = job;
  const plan: StagePlan[] = [];
  // An update of the NN and one of the AN cost 2.3-2.6 plain updates on llvmpipe (node bench/astro.js); T of each for a pair of batches (docs/method.md §4).
  const work = config.searchEpochs * (1 - config.heldOut) * 2.5 * (config.updates === 'each' ? T : 1);
  // Where no arm uses what is found it is the search alone that was asked for.
  const own = (['paper', 'trained'] as const).filter((role) => arms.includes(role));
  const searched = own.length > 0 ? own : (['trained'] as const);
  if (phases.includes('search'))
    for (const role of searched)
      plan.push({ arm: armName(role, job), phase: 'search', role, regulated: true, astrocyte: 'fresh', work });
  if (!phases.includes('guide')) return plan;
  checkArms(job);
  for (const role of arms)
    plan.push({
      arm: armName(role, job),
      phase: 'guide',
      role,
      regulated: GATED.has(role),
      astrocyte: ASTROCYTES[role] ?? 'none',
      narrow: role === 'narrow',
      work: config.epochs,
    });
  return plan;
}

/** The stages of a job whose guide was extended to more epochs in all, once or several times. */
export function planExtended(config: JobConfig, extensions: readonly number[] = []): StagePlan[] {
  const plan = planStages(config);
  const guides = plan.filter(({ phase }) => phase === 'guide');
  let from = config.epochs;
  for (const extendedTo of extensions) {
    const work = extendedTo - from;
    plan.push(...guides.map((guide) => ({ ...guide, extendedTo, work })));
    from = extendedTo;
  }
  return plan;
}

/** Finds out from the options alone, before anything is opened or read, what no data and no adapter could make right. Throws ConfigError. */
export function checkOptions(given: Given<typeof JOB_OPTIONS>): void {
  checkGiven(given);
  const everything = { train: Number.POSITIVE_INFINITY, test: Number.POSITIVE_INFINITY };
  const config = configure(given, { software: true, available: everything });
  planStages(config);
  // Of a recipe it may come along.
  if (given.searchStructure && !config.phase.includes('search'))
    throw new ConfigError(
      'searchStructure',
      (name) =>
        `${name('searchStructure')}: it cuts the gates of the search, and there is none; leave it out, or add the search (${name('phase', 'search,guide')})`,
    );
  checkZeroInit(config);
  checkCut(config);
  lossOf(config);
}

/**
 * Finds out before anything is trained what a later stage would stumble over: a plan without an astrocyte, layers that are not there, a split
 * with an empty part, an astrocyte's file that does not fit, a precision that the adapter lacks, a loss that is none, a target that is out of reach. `classes` of the data decide the classifier's shape, which an
 * astrocyte `cnn` is made for, and `size`, the side of the images, what layers cost; default the model's own. Throws AstroError, as ConfigError where one setting is to blame.
 */
export function checkJob({
  gpu,
  config,
  classes,
  size,
}: Pick<StageFactoryOptions, 'gpu' | 'config'> & { classes?: number; size?: number }): void {
  const { precision, astrocyte } = config;
  if (precision === 'f16' && !gpu.capabilities.f16)
    throw new ConfigError(
      'precision',
      (name) =>
        `${name('precision', 'f16')}: this adapter has no f16 (feature shader-f16); take ${name('precision', 'f32')}`,
    );
  checkInput(config);
  checkGiven(config);
  checkZeroInit(config);
  checkCut(config);
  checkRoom(config);
  lossOf(config);
  const kinds = gatedArms(config).map((kind) => ({ ...kind, layout: layoutOf(kind.config, classes, size) }));
  for (const { config: own, hasAstrocyte, layout } of kinds) {
    if (hasAstrocyte) {
      checkMaps(layout.maps, mostPixels(gpu));
      createAstrocyteNetwork(own.an, layout.maps, featuresOf(own.input)).check(gpu, layout.maps);
    }
    budgetOf(own, { layout, size });
  }
  const { validation = 0, images, seed } = config;
  const left = validation > 0 ? splitForValidation(images, validation, seed).train.length : images;
  if (config.phase.includes('search')) splitForSearch(left, config.heldOut, seed);
  // Only the job's own arms take one: the paper's has a search of its own.
  if (astrocyte !== undefined && kinds.length > 0) loadAstrocyte(gpu, config, kinds[0].layout, astrocyte).release();
}

/** A configuration that a job's arms with gates have. */
interface GatedArms {
  config: JobConfig;
  /** Does an astrocyte make their gates? */
  hasAstrocyte: boolean;
  /** Of the paper's arm, whose readings are its own. */
  role?: 'paper';
}

/** The configurations that a job's arms with gates have: its own, and the paper's. */
function gatedArms(job: JobConfig): GatedArms[] {
  const gated = planStages(job).filter(({ regulated }) => regulated);
  return ([undefined, 'paper'] as const).flatMap((role) => {
    const stages = gated.filter((stage) => (stage.role === 'paper') === (role === 'paper'));
    const hasAstrocyte = stages.some(({ astrocyte }) => astrocyte !== 'none');
    return stages.length > 0 ? [{ config: asArm(job, role), hasAstrocyte, role }] : [];
  });
}

/** The gates that a configuration has. */
function layoutOf(config: JobConfig, classes?: number, size?: number): GateLayout {
  const { model, width, weights } = config;
  const network =
    weights === undefined
      ? trained(config, () => createModel(model, { classes, width, size, ...networkOptions(config) }))
      : startingNetwork(readStartingWeights(weights), config, {
          classes: Array(classes ?? 2).fill(''),
          height: size ?? 32,
        });
  return gatesOf(network, config);
}

const gatesOf = (network: Network, { gate, gated, noGate, group }: JobConfig): GateLayout =>
  new GateLayout(network, gate, leftUngated(network, gated, noGate), group);

/** What the gates of a job's arms cost an astrocyte. */
export interface GateCost {
  cost: AstrocyteCost;
  /** As those arms have it. */
  config: JobConfig;
  /** Of the paper's arm beside another recipe; else of all arms with gates. */
  role?: 'paper';
}

/** What the gates of a job cost its astrocytes, its own first and then that of the paper's arm; none for a job without. Throws as checkJob does. */
export function gateCosts(gpu: Gpu, job: JobConfig, classes?: number): GateCost[] {
  return gatedArms(job)
    .filter(({ hasAstrocyte }) => hasAstrocyte)
    .map(({ config, role }) => ({
      config,
      role,
      cost: astrocyteCost(gpu, astrocyteOptions(config), layoutOf(config, classes)),
    }));
}

const astrocyteOptions = ({ an: network, u: activation, ...config }: JobConfig): AstrocyteOptions => ({
  network,
  inputs: featuresOf(config.input),
  activation,
  shift: config.shift,
  temperature: config.temperature,
  logitSkipScale: config.logitSkipScale,
  zeroInit: config.zeroInit,
});

/** Makes a network, and says which setting is to blame where its graph has nothing to leave out. Throws ConfigError. */
function trained(config: JobConfig, make: () => Network): Network {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof GraphError) || config.dropPath === 0) throw error;
    throw new ConfigError('dropPath', (name) => `${name('dropPath', config.dropPath)}: ${error.message}`);
  }
}

/** A fresh astrocyte, or the one that a file holds. Throws CheckpointError. */
function loadAstrocyte(gpu: Gpu, config: JobConfig, { maps }: GateLayout, file?: string): Astrocyte {
  const astrocyte = new Astrocyte({ ...astrocyteOptions(config), maps }).to(gpu, config.seed);
  if (file === undefined) return astrocyte;
  try {
    const { tensors } = readSafetensors(file);
    const dict = new Map<string, StateTensor>();
    for (const [name, tensor] of tensors) {
      const data = floatsOf(tensor);
      if (!data) throw new CheckpointError(file, `tensor ${name} is ${tensor.dtype}, an astrocyte's are F32`);
      dict.set(name, { shape: tensor.shape, data });
    }
    loadStateDict(astrocyte, dict);
    return astrocyte;
  } catch (error) {
    astrocyte.release();
    throw error instanceof StateDictError ? new CheckpointError(file, error.message) : error;
  }
}

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
    if (phase === 'guide')
      return new GuideStage(gpu, network, this.train, this.evaluator, gates, {
        ...config,
        ...(extendedTo !== undefined && { epochs: extendedTo, done }),
        arm,
        threshold: cutThreshold(config),
        validator: this.validator,
        timeOf,
        found,
      });
    const split = splitForSearch(train.count, config.heldOut, seed);
    const parts = [split.nn, split.an].map((images) => this.train.part(images));
    return new SearchStage(gpu, network, gates as Regulator, parts[0], parts[1], EVALUATION_BATCH, {
      ...config,
      arm,
      threshold: cutThreshold(config),
      timeOf,
    });
  }

  private gates(network: Network, start: StagePlan['astrocyte'], role: StagePlan['role']): NetworkGates {
    const { gpu } = this.options;
    const config = asArm(this.options.config, role);
    const layout = gatesOf(network, config);
    if (start === 'none') {
      const open = new OpenGates(gpu, layout);
      this.built.push(open);
      return open;
    }
    // A given one was copied into the folder, which may have been moved since; a program's own folder need not have it.
    const file = this.astrocyteFile(role);
    const kept = existsSync(file) ? file : (config.astrocyte ?? file);
    const found = start === 'found' ? kept : undefined;
    const astrocyte = loadAstrocyte(gpu, config, layout, found);
    const regulator = new Regulator(gpu, layout, astrocyte, { ...config, feature: config.g });
    this.built.push(astrocyte, regulator);
    return regulator;
  }

  private astrocyteFile(role: StagePlan['role']): string {
    return astrocytePath(this.options.folder, role === 'paper' ? 'paper' : undefined);
  }

  /** Writes the astrocyte that the search of an arm found best. */
  async saveAstrocyte(stage: Stage, { role }: StagePlan): Promise<void> {
    if (!(stage instanceof SearchStage)) return;
    const { astrocyte } = stage.regulator;
    copyInto(astrocyte.arena.values, stage.best);
    const tensors = new Map(
      [...(await stateDict(astrocyte))].map(([name, { shape, data }]) => [
        name,
        { dtype: 'F32' as const, shape, data },
      ]),
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

  release(): void {
    for (const part of this.built.splice(0)) part.release();
    for (const evaluator of [this.evaluator, this.validator]) {
      evaluator?.data.release();
      evaluator?.release();
    }
    this.train.release();
  }
}
