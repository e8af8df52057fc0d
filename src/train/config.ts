// The configuration of a job: everything that decides what it computes, by the names in the table of options. A run folder keeps it, and a checkpoint is
// only resumed under the configuration that it was made with.
import * as v from 'valibot';
import { ConfigError } from '../gpu/index.ts';
import { usualGate } from '../models/index.ts';
import { type Given, isValueOf, type Option, type Settings, settingsOf } from './options/option.ts';
import { JOB_OPTIONS } from './options/table.ts';
import { recipeArms, recipeDefaults, SIZES, usualRecipe } from './recipes.ts';

type Rows = typeof JOB_OPTIONS;

/** A value for each option of the table; those without a default may be missing. */
export interface JobConfig extends Settings<Rows> {}

/** The controls of docs/method.md §8: (a), (b), (c) and (d), the plain network made uniformly narrower. */
export type ArmName = JobConfig['arms'][number];

/** Defaults that another optimizer than SGD has of its own: those of DeiT's training, and for Lion what its authors make of AdamW's. */
const OPTIMIZER_DEFAULTS: Record<JobConfig['optimizer'], Given<Rows>> = {
  sgd: {},
  adamw: { lr: 1e-3, weightDecay: 0.05, decay: 'matrices' },
  lion: { lr: 1e-4, weightDecay: 0.5, decay: 'matrices' },
};

/** What the defaults of a new job depend on. */
export interface ConfigureOptions {
  /** Defaults are those of a software adapter: a small network that ends in minutes. */
  software: boolean;
  /** Images that the data set has. */
  available: { train: number; test: number };
}

/** The configuration of a new job: what was given, the rest by default, and no more images than there are. */
export function configure(given: Given<Rows>, { software, available }: ConfigureOptions): JobConfig {
  const arms = given.arms ?? recipeArms(given, software);
  // A given astrocyte takes the place of the search, and where no arm uses one there is nothing to search for.
  const searches = given.astrocyte === undefined && arms.some((arm) => arm === 'trained' || arm === 'paper');
  const phase = given.phase ?? (searches ? undefined : ['guide' as const]);
  const usual = OPTIMIZER_DEFAULTS[given.optimizer ?? JOB_OPTIONS.optimizer.default];
  const defaults = { ...usual, ...recipeDefaults(given, software) };
  const config: JobConfig = settingsOf(JOB_OPTIONS, { ...defaults, ...given, phase, arms }, software);
  config.gate = given.gate ?? usualGate(config.model);
  config.recipe = given.recipe ?? usualRecipe(config.model);
  if (choosesEpoch(config)) {
    config.validation ??= VALIDATION;
    config.evaluateEvery = given.evaluateEvery ?? 1;
  }
  config.images = Math.min(config.images, available.train);
  config.testImages = Math.min(config.testImages, available.test);
  config.batch = Math.min(config.batch, trainingImages(config));
  return config;
}

/** A number of images that became another one, and why. */
export interface Limited {
  field: 'images' | 'testImages' | 'batch' | 'microBatch';
  asked: number;
  became: number;
  why: string;
  /** What alone takes fewer; left out where all of the run does. */
  of?: 'search';
}

/** What configure() and the search make smaller than it was asked for, so that nobody reads another number than was used. */
export function limited(given: Given<Rows>, config: JobConfig, available: ConfigureOptions['available']): Limited[] {
  const list: Limited[] = [];
  const note = (field: Limited['field'], asked: number | undefined, became: number, why: string): void => {
    if (asked !== undefined && asked > became) list.push({ field, asked, became, why });
  };
  note('images', given.images, config.images, `there are ${available.train} training images`);
  note('testImages', given.testImages, config.testImages, `there are ${available.test} test images`);
  note('batch', given.batch, config.batch, `${trainingImages(config)} training images are used`);
  if (typeof given.microBatch === 'number' && given.microBatch < config.batch) {
    const parts = partsOf(config.batch, given);
    note(
      'microBatch',
      given.microBatch,
      config.batch / parts,
      `a batch of ${config.batch} has that many equal parts: ${parts}`,
    );
  }
  if (config.phase.includes('search')) {
    const images = trainingImages(config);
    const heldOut = Math.round(images * config.heldOut);
    const most = Math.min(heldOut, images - heldOut);
    if (config.batch > most)
      list.push({
        field: 'batch',
        asked: config.batch,
        became: most,
        why: `the smaller of its parts has ${most} images (held-out part ${config.heldOut})`,
        of: 'search',
      });
  }
  return list;
}

/**
 * Finds out what options contradict or ask for nothing, before anything is opened or read. Throws ConfigError.
 */
export function checkGiven(given: Given<Rows>): void {
  const { threshold, u = JOB_OPTIONS.u.default, arms, astrocyte } = given;
  if (astrocyte !== undefined && arms && !arms.includes('trained'))
    throw new ConfigError(
      'astrocyte',
      (name) =>
        `${name('astrocyte', astrocyte)}: no arm uses it; leave it out, or add trained to ${name('arms', arms.join(','))}`,
    );
  if (threshold !== undefined && threshold > 1 && u !== 'relu')
    throw new ConfigError(
      'threshold',
      (name) =>
        `${name('threshold', threshold)}: gates of ${name('u', u)} are at most 1, so all would be cut; takes a number from 0 to 1`,
    );
}

/** Throws ConfigError for an astrocyte that is to see gradients which may overflow. */
export function checkInput({ input, precision }: Pick<JobConfig, 'input' | 'precision'>): void {
  if (precision === 'f16' && (input === 'gradient' || input === 'taylor'))
    throw new ConfigError(
      'input',
      (name) =>
        `${name('input', input)}: gradients in f16 may overflow before their scale is found; take ${name('precision', 'f32')}`,
    );
}

/** What says how gates are cut. */
export interface CutSettings
  extends Pick<JobConfig, 'gate' | 'ranking' | 'settle'>,
    Partial<Pick<JobConfig, 'arms' | 'fall' | (typeof SIZES)[number]>> {}

/** What options say of a cut that another one contradicts, or that means nothing without another. Throws ConfigError. */
export function checkCut(config: CutSettings): void {
  const { fall, ranking, settle, arms = [], gate, targetTime } = config;
  const [size, other] = SIZES.filter((name) => config[name] !== undefined);
  if (other !== undefined)
    throw new ConfigError(
      other,
      (name) => `${name(other, config[other])} and ${name(size, config[size])} both say how much stays: take one`,
    );
  if (targetTime !== undefined && gate === 'connection')
    throw new ConfigError(
      'targetTime',
      (name) =>
        `${name('targetTime', targetTime)}: connections that are cut lie scattered, and a network is hardly faster without them; take ${name('gate', 'channel')} or ${name('gate', 'filter')}`,
    );
  if (size === undefined || size === 'threshold') {
    const needs = (field: string, value: string | number, why: string): never => {
      throw new ConfigError(
        field,
        (name) => `${name(field, value)}: ${why}, and none was given; say how much stays by ${name('keep', 0.5)}`,
      );
    };
    if (fall !== undefined) needs('fall', fall, 'what stays falls to a part of the gates');
    if (ranking !== 'network') needs('ranking', ranking, 'it ranks gates for a part of them');
    if (arms.includes('magnitude')) needs('arms', arms.join(','), 'the arm magnitude keeps a part of the gates');
  } else if (fall !== undefined && !(fall < 1 - settle))
    throw new ConfigError(
      'fall',
      (name) =>
        `${name('fall', fall)}: with ${name('settle', settle)} the gates are final from ${Number((1 - settle).toFixed(6))} of the guide on, and the fall has to begin before`,
    );
}

/** Entries of a table of learning rates: one for each update, 128 MiB, which every adapter has in one binding. */
const MOST_UPDATES = 2 ** 25;

/** Throws ConfigError where a phase has more updates than its table of learning rates has room for. */
export function checkRoom(config: JobConfig): void {
  const { batch, epochs, searchEpochs, heldOut, updates, T, phase } = config;
  const images = trainingImages(config);
  const held = Math.round(images * heldOut);
  const search = Math.floor((images - held) / Math.max(1, Math.min(batch, held, images - held)));
  const phases = [
    { name: 'guide', field: 'epochs', count: epochs, each: Math.floor(images / Math.min(batch, images)) },
    { name: 'search', field: 'searchEpochs', count: searchEpochs, each: search * (updates === 'each' ? T : 1) },
  ] as const;
  for (const { name: done, field, count, each } of phases)
    if (phase.includes(done) && count * each > MOST_UPDATES)
      throw new ConfigError(
        field,
        (name) =>
          `${name(field, count)}: with ${each} updates in an epoch that is ${count * each}, and the table of learning rates has room for ${MOST_UPDATES}; takes ${Math.floor(MOST_UPDATES / each)} at the most`,
      );
}

/** The part of the training images that chooses the best epoch, where nothing was said. */
const VALIDATION = 0.1;

/** Images that are left to train on when those that choose an epoch are set apart. */
const trainingImages = ({ images, validation = 0 }: JobConfig): number =>
  validation > 0 ? images - Math.round(images * validation) : images;

/** Is one epoch of each arm told from the others? */
export const choosesEpoch = ({ best, patience }: Pick<JobConfig, 'best' | 'patience'>): boolean =>
  best || patience !== undefined;

/** Is this a configuration by this version's names? Another version's has names that are not in the table, or lacks some that always have a value. */
export const isJobConfig = (saved: object): saved is JobConfig =>
  Object.keys(saved).every((name) => Object.hasOwn(JOB_OPTIONS, name)) &&
  Object.entries(JOB_OPTIONS).every(([name, row]) => row.default === undefined || Object.hasOwn(saved, name));

const savedValue = (row: Option) => {
  const value = v.custom<unknown>(
    (given) => isValueOf(row, given),
    row.read ? (row.read.takes ?? 'another value') : 'true or false',
  );
  return row.default === undefined ? v.optional(value) : value;
};

/** A configuration in a file: by the names of this version, each with a value that its option takes. */
export const JOB_CONFIG = v.pipe(
  v.strictObject(Object.fromEntries(Object.entries(JOB_OPTIONS).map(([name, row]) => [name, savedValue(row)]))),
  v.transform((config) => config as unknown as JobConfig),
);

/** Equal parts that a batch comes in: as few as keep each within a micro-batch. */
export function partsOf(batch: number, { microBatch = batch }: Pick<JobConfig, 'microBatch'>): number {
  const most = microBatch === 'auto' ? batch : microBatch;
  for (let parts = Math.ceil(batch / most); parts < batch; parts++) if (batch % parts === 0) return parts;
  return most >= batch ? 1 : batch;
}

/** Where a gate is cut if nothing was said: at an even chance for each iteration that multiplies it (docs/method.md §11). */
export const cutThreshold = ({ mode, T, threshold }: Pick<JobConfig, 'mode' | 'T' | 'threshold'>): number =>
  threshold ?? (mode === 'compound' ? 0.5 ** T : 0.5);
