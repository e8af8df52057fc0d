// What a run leaves in its folder: result.json, written last, so that a folder that has one is never trained again.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AstroError, checked, isRecord } from 'astrogpu/gpu';
import { readJsonFile, writeFileAtomic } from 'astrogpu/io';
import type { ArmResult, MetricRow, Spread } from 'astrogpu/report';
import {
  ARM_RESULT,
  JOB_OPTIONS,
  type JobConfig,
  type JobResult,
  OF_GATES,
  type OptionTable,
  openRunFolder,
  writeConfig,
} from 'astrogpu/train';
import * as v from 'valibot';

/** A folder of runs that does not fit what is asked for. One line. */
export class TableError extends AstroError {}

/** What decides a run's numbers. */
export interface Identity {
  config: object;
  adapter: string;
  standIn: boolean;
}

export interface Finished {
  config: JobConfig;
  /** Of the arm; a search alone has none. */
  arm?: ArmResult;
  /** e¹..eᵀ after the last epoch of the search and of the guide. */
  e: { search?: number[]; guide?: number[] };
  /** Wall-clock time, if it was done in one go. */
  seconds?: number;
  /** Of a narrower network: its time for an image in parts of the whole one's. Gated ones have theirs in what compaction made of them. */
  time?: Spread;
  date: string;
}

/** Stopped by what its row alone does: a loss that is not finite, a cut that leaves no network; or not begun, for want of a run that failed. */
export interface Failed {
  failed: string;
}

export type Outcome = Finished | Failed;

export const isFinished = (outcome: Outcome | undefined): outcome is Finished =>
  outcome !== undefined && !('failed' in outcome);

const RESULT = 'result.json';

const OBJECT = v.custom<Record<string, unknown>>(isRecord, 'an object');
/** JSON has null for what is no number. */
const error = v.union(
  [
    v.number(),
    v.pipe(
      v.null(),
      v.transform(() => Number.NaN),
    ),
  ],
  'a number',
);
const ERRORS = v.optional(v.array(error));
const FAILED = v.looseObject({ failed: v.string() });
const FINISHED = v.looseObject({
  config: v.custom<JobConfig>(isRecord, 'an object'),
  arm: v.exactOptional(ARM_RESULT),
  e: v.object({ search: ERRORS, guide: ERRORS }),
  seconds: v.exactOptional(v.number()),
  time: v.exactOptional(v.looseObject({ median: v.number(), low: v.number(), high: v.number() })),
  date: v.string(),
});

/** The outcome of a folder's run; undefined if it has not ended. Throws TableError for a damaged file, in one line that says where. */
export function readOutcome(folder: string): Outcome | undefined {
  const file = join(folder, RESULT);
  if (!existsSync(file)) return undefined;
  const refuse = (reason: string): TableError =>
    new TableError(`${file}: ${reason}; remove that folder to run it again`);
  const found = readJsonFile(file, OBJECT, refuse);
  return 'failed' in found ? checked(FAILED, found, refuse) : checked(FINISHED, found, refuse);
}

/** The same, of a folder that claimFolder() would find to be this run's. */
export const ownOutcome = (folder: string, identity: Identity): Outcome | undefined =>
  existsSync(join(folder, 'config.json')) && !mismatch(openRunFolder(folder), identity)
    ? readOutcome(folder)
    : undefined;

const CHECKPOINT = /^checkpoint-\d+\.safetensors$/;

/** Has a run begun here that can be gone on with? */
export const isUnderWay = (folder: string): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => CHECKPOINT.test(name));

/**
 * Takes the run into its folder, or finds it there. A finished run stays where its configuration differs in nothing that counts; one that was begun under other
 * words is begun anew, for its steps need not be this version's. Throws TableError for a folder of another configuration, adapter or data.
 */
export function claimFolder(folder: string, identity: Identity): void {
  if (!existsSync(join(folder, 'config.json'))) {
    writeConfig(folder, { ...identity });
    return;
  }
  const found = openRunFolder(folder);
  const [name, there, here] = mismatch(found, identity) ?? [];
  if (name)
    throw new TableError(
      `${join(folder, 'config.json')} has ${name} = ${JSON.stringify(there)}, and this is ${JSON.stringify(here)}: take another --out, or the options of that run`,
    );
  const wanted = asSaved(identity);
  if (!existsSync(join(folder, RESULT)) && !isDeepStrictEqual(found, wanted)) {
    letCheckpointsGo(folder);
    writeConfig(folder, { ...wanted });
  }
}

const asSaved = (identity: Identity): Identity => JSON.parse(JSON.stringify(identity));

/** The first thing that counts in which the run of a folder is another one. */
function mismatch(
  found: ReturnType<typeof openRunFolder>,
  identity: Identity,
): [name: string, there: unknown, here: unknown] | undefined {
  const wanted = asSaved(identity);
  return firstDifference(
    { ...found, config: deciding(found.config) },
    { ...wanted, config: deciding(wanted.config) },
    '',
  );
}

/** Of every run: a recipe only names what stands option by option. */
const DECIDES_NOTHING: ReadonlySet<string> = new Set<keyof JobConfig>(['recipe']);
/** Of the guide's options those that a network without gates sees. */
const OF_PLAIN: ReadonlySet<string> = new Set<keyof JobConfig>([
  'epochs',
  'ema',
  'best',
  'patience',
  'validation',
  'evaluateEvery',
]);
/**
 * What of a configuration decides a run's numbers, by this version's options. One that it lacks did not exist when the run was made, and what ran without it is
 * what its default computes. A plain network sees nothing of astrocyte, gates and search, and the rule of the largest weights nothing of astrocyte and search.
 */
function deciding(config: unknown): unknown {
  if (!isRecord(config)) return config;
  const guides = (arm: string): boolean => isDeepStrictEqual([config.phase, config.arms], [['guide'], [arm]]);
  const [plain, rule] = [guides('plain'), guides('magnitude')];
  // How often a network is evaluated changes nothing of it, but which epoch can be the best one.
  const choosing = config.best === true || typeof config.patience === 'number';
  const counts = (name: string): boolean => {
    if (DECIDES_NOTHING.has(name) || (name === 'evaluateEvery' && !choosing)) return false;
    const { group } = (JOB_OPTIONS as OptionTable)[name] ?? {};
    if (!plain && !rule) return true;
    if (group === 'guide') return rule || OF_PLAIN.has(name);
    return group === 'astrocyte and gates' ? rule && OF_GATES.has(name) : group !== 'search';
  };
  const defaults = Object.entries(JOB_OPTIONS).map(([name, row]) => [name, row.default]);
  const complete = { ...JSON.parse(JSON.stringify(Object.fromEntries(defaults))), ...config };
  return Object.fromEntries(Object.entries(complete).filter(([name]) => counts(name)));
}

function firstDifference(a: unknown, b: unknown, path: string): [string, unknown, unknown] | undefined {
  if (isDeepStrictEqual(a, b)) return undefined;
  const isRecord = (x: unknown): x is Record<string, unknown> =>
    typeof x === 'object' && x !== null && !Array.isArray(x);
  if (isRecord(a) && isRecord(b))
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const found = firstDifference(a[key], b[key], path ? `${path}.${key}` : key);
      if (found) return found;
    }
  return [path || 'config', a, b];
}

/** Writes result.json, and lets the checkpoints go, which only an unfinished run needs. */
export function writeOutcome(folder: string, outcome: Outcome): void {
  writeFileAtomic(join(folder, RESULT), `${JSON.stringify(outcome, null, 2)}\n`);
  letCheckpointsGo(folder);
}

/** Removes the checkpoints of a run that has ended. */
export function letCheckpointsGo(folder: string): void {
  for (const name of readdirSync(folder)) if (CHECKPOINT.test(name)) rmSync(join(folder, name), { force: true });
}

/** What of a job's result the tables and figures need. */
export function outcomeOf(config: JobConfig, { arms, series }: JobResult, seconds?: number): Finished {
  const last = (phase: string): number[] | undefined => errorsOf(series.findLast((row) => row.phase === phase));
  return {
    config,
    arm: arms[0],
    e: { search: last('search'), guide: last('guide') },
    seconds,
    date: new Date().toISOString(),
  };
}

/** e¹, e², ... of a row of metrics. */
function errorsOf(row: MetricRow | undefined): number[] | undefined {
  const e: number[] = [];
  while (row && typeof row[`e${e.length + 1}`] === 'number') e.push(row[`e${e.length + 1}`] as number);
  return e.length > 0 ? e : undefined;
}
