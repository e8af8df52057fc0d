// The folder a run leaves: config.json, metrics.jsonl and numbered checkpoints. It is never shared with another run, and after a kill at
// any moment it can be picked up again from the last whole checkpoint.
import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { ConfigError, checked, isRecord, parseJson } from '../../gpu/index.ts';
import { readJsonFile, writeFileAtomic } from '../../io/index.ts';
import type { MetricRow } from '../../report/index.ts';

/** A run folder that cannot be created, opened or read: `out` or `resume` as it was given. The message names the folder or the file and what to do. */
export class RunFolderError extends ConfigError {}

const ANY_OBJECT = v.custom<Record<string, unknown>>(isRecord, 'an object');

const amount = v.optional(v.nullable(v.number()));

/** A row of metrics; JSON has no NaN, and what is none of a number is left out. */
const METRIC_ROW = v.pipe(
  ANY_OBJECT,
  v.objectWithRest(
    {
      arm: v.string(),
      phase: v.string(),
      epoch: v.number(),
      step: v.number(),
      loss: amount,
      anLoss: amount,
      trainAccuracy: amount,
      accuracy: amount,
      evalLoss: amount,
      lr: amount,
      anLr: amount,
      imagesPerSecond: amount,
      seconds: amount,
      gateMean: amount,
      sparsity: amount,
      level: v.optional(v.picklist(['step', 'epoch'])),
      time: v.optional(v.string()),
    },
    v.union([v.number(), v.string(), v.boolean(), v.null()], 'a number or a text'),
  ),
  v.transform(
    (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as MetricRow,
  ),
);

const CHECKPOINT = /^checkpoint-(\d+)\.safetensors$/;

/**
 * Reads the configuration of an earlier run.
 * @throws RunFolderError when it is no run folder or its config.json cannot be read.
 */
export function openRunFolder(folder: string): Record<string, unknown> {
  const file = join(folder, 'config.json');
  const refuse = (why: string): RunFolderError =>
    new RunFolderError('resume', (name) => `${name('resume', folder)}: ${why}`);
  if (!existsSync(folder)) throw refuse('there is no such folder');
  if (!existsSync(file))
    throw refuse(
      'there is no config.json in it, so it is not a run folder, or of a run that was stopped before it began',
    );
  return readJsonFile(file, ANY_OBJECT, (why) => refuse(`${file}: ${why}`));
}

/** Writes config.json, whole or not at all. */
export function writeConfig(folder: string, config: Record<string, unknown>): void {
  writeFileAtomic(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
}

/** Where a run keeps the choices of kernels that it goes with. */
export const tuningPath = (folder: string): string => join(folder, 'tuning.json');

/** Where a run keeps its astrocyte: the one that its search found, or a copy of the one that it was given. */
export const astrocytePath = (folder: string, of?: string): string =>
  join(folder, of === undefined ? 'astrocyte.safetensors' : `${of}-astrocyte.safetensors`);

/** Where a run keeps a copy of the weights that it starts from. */
export const startingWeightsPath = (folder: string): string => join(folder, 'starting-weights.safetensors');

/** The path of the folder's metrics: one JSON object per line. */
export function metricsPath(folder: string): string {
  return join(folder, 'metrics.jsonl');
}

/** Appends rows to a metrics file. */
export function appendMetrics(path: string, ...rows: MetricRow[]): void {
  if (rows.length > 0) appendFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/**
 * The rows of a metrics file in order; none when it does not exist. A last line that is no JSON is left out: it was being written when
 * the run was killed.
 * @throws RunFolderError naming the line, what was found and what is wanted, when another line is no row of metrics.
 */
export function readMetrics(path: string): MetricRow[] {
  return Array.from(readLines(path), ({ row }) => row);
}

/**
 * Cuts a metrics file at the first row that `keep` refuses, and drops a half-written last line: what a resumed run does, so that rows after
 * its checkpoint are not written twice. Returns the rows that stay.
 * @throws RunFolderError naming the line, when a line before the cut is no row of metrics.
 */
export function truncateMetrics(path: string, keep: (row: MetricRow) => boolean): MetricRow[] {
  const kept: MetricRow[] = [];
  let end = 0;
  let ended = true;
  for (const line of readLines(path)) {
    if (!keep(line.row)) break;
    kept.push(line.row);
    ({ end, ended } = line);
  }
  if (existsSync(path)) truncateSync(path, end);
  if (!ended) appendFileSync(path, '\n');
  return kept;
}

/** The path of the checkpoint after `updates` updates: names are numbered so that the newest is the largest. */
export function checkpointPath(folder: string, updates: number): string {
  return join(folder, `checkpoint-${String(updates).padStart(9, '0')}.safetensors`);
}

/** The checkpoints of a run folder, the newest first. */
export function newestCheckpoints(folder: string): string[] {
  return listCheckpoints(folder).reverse();
}

/** Renames a checkpoint that cannot be read, so that it is neither resumed from nor counted as one of the newest. Returns its new name. */
export function putAside(checkpoint: string): string {
  const aside = `${checkpoint}.unreadable`;
  renameSync(checkpoint, aside);
  return aside;
}

/** Removes all but the newest `count` checkpoints. */
export function keepNewestCheckpoints(folder: string, count: number): void {
  for (const path of listCheckpoints(folder).slice(0, -count)) rmSync(path, { force: true });
}

function listCheckpoints(folder: string): string[] {
  const numbered = readdirSync(folder).flatMap((name) => {
    const match = CHECKPOINT.exec(name);
    return match ? [{ updates: Number(match[1]), path: join(folder, name) }] : [];
  });
  return numbered.sort((a, b) => a.updates - b.updates).map(({ path }) => path);
}

/** The rows of a file, and where each line ends; `ended` is false for a last line that lacks its end. */
function* readLines(path: string): Generator<{ row: MetricRow; end: number; ended: boolean }> {
  if (!existsSync(path)) return;
  const bytes = readFileSync(path);
  for (let start = 0, number = 1; start < bytes.length; number++) {
    const newline = bytes.indexOf(10, start);
    const ended = newline >= 0;
    const end = ended ? newline + 1 : bytes.length;
    const refuse = (why: string): RunFolderError =>
      new RunFolderError('resume', () => `${path}, line ${number}: ${why}; mend or remove that line`);
    const line = bytes.toString('utf8', start, ended ? newline : end);
    if (end === bytes.length && !isJson(line)) return;
    yield { row: checked(METRIC_ROW, parseJson(line, refuse), refuse), end, ended };
    start = end;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
