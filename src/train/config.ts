// The configuration of a job: everything that decides what it computes, by the names in the table of options. A run folder keeps it, and a checkpoint is
// only resumed under the configuration that it was made with.
import * as v from 'valibot';
import { type Given, isValueOf, type Option, type Settings, settingsOf } from './options/option.ts';
import { JOB_OPTIONS } from './options/table.ts';

type Rows = typeof JOB_OPTIONS;

/** A value for each option of the table; those without a default may be missing. */
export interface JobConfig extends Settings<Rows> {}

/** The controls of docs/method.md §8: (a), (b), (c) and (d), the plain network made uniformly narrower. */
export type ArmName = JobConfig['arms'][number];

/** What the defaults of a new job depend on. */
export interface ConfigureOptions {
  /** Defaults are those of a software adapter: a small network that ends in minutes. */
  software: boolean;
  /** Images that the data set has. */
  available: { train: number; test: number };
}

/** The configuration of a new job: what was given, the rest by default, and no more images than there are. */
export function configure(given: Given<Rows>, { software, available }: ConfigureOptions): JobConfig {
  // A given astrocyte takes the place of the search.
  const phase = given.phase ?? (given.astrocyte === undefined ? undefined : ['guide' as const]);
  const config: JobConfig = settingsOf(JOB_OPTIONS, { ...given, phase }, software);
  config.images = Math.min(config.images, available.train);
  config.testImages = Math.min(config.testImages, available.test);
  return config;
}

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

/** Where a gate is cut if nothing was said: at an even chance for each iteration that multiplies it (docs/method.md §11). */
export const cutThreshold = ({ mode, T, threshold }: Pick<JobConfig, 'mode' | 'T' | 'threshold'>): number =>
  threshold ?? (mode === 'compound' ? 0.5 ** T : 0.5);
