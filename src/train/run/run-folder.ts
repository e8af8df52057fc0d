// The folder a run leaves: config.json, metrics.jsonl and numbered checkpoints. It is never shared with another run, and after a kill at
// any moment it can be picked up again from the last whole checkpoint.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../gpu/index.ts';
import { isTemporaryName, writeFileAtomic } from '../../io/index.ts';
import type { MetricRow } from '../../report/index.ts';

/** A run folder that cannot be created, opened or read: `out` or `resume` as it was given. The message names the folder or the file and what to do. */
export class RunFolderError extends ConfigError {}

export interface RunFolderOptions {
  /** The folder asked for; without it a dated folder under `root` is made. */
  out?: string;
  /** Where dated folders go; default `runs`. */
  root?: string;
  model: string;
  /** What else tells this run from others of the model, such as the gate. */
  name: string;
  /** The moment in the folder's name; default now. */
  date?: Date;
}

const CHECKPOINT = /^checkpoint-(\d+)\.safetensors$/;

/**
 * Creates the folder of a new run and returns its path: `out`, or `<root>/<date>-<time>-<model>-<name>` with a number added when taken.
 * @throws RunFolderError when `out` is a file or holds anything, or when the folder cannot be made.
 */
export function createRunFolder({ out, root = 'runs', model, name, date = new Date() }: RunFolderOptions): string {
  try {
    if (out !== undefined) return takeEmptyFolder(out);
    mkdirSync(root, { recursive: true });
    const plain = (text: string) => text.replace(/[^\w.+-]+/g, '-');
    const base = join(root, `${timestamp(date)}-${plain(model)}-${plain(name)}`);
    for (let copy = 1; ; copy++) {
      const folder = copy === 1 ? base : `${base}-${copy}`;
      if (makeFresh(folder)) return folder;
    }
  } catch (error) {
    if (error instanceof RunFolderError) throw error;
    throw new RunFolderError(
      'out',
      (name) =>
        `the run folder ${out ?? root} cannot be made (${(error as Error).message}); name another (${name('out')})`,
    );
  }
}

/**
 * Opens the folder of an earlier run to go on with it, and removes temporary files a killed process left. Returns its config.
 * @throws RunFolderError when it is no run folder or its config.json cannot be read.
 */
export function openRunFolder(folder: string): Record<string, unknown> {
  const file = join(folder, 'config.json');
  const refuse = (why: string): never => {
    throw new RunFolderError('resume', (name) => `${name('resume', folder)}: ${why}`);
  };
  if (!existsSync(file)) refuse('there is no config.json in it, so it is not a run folder');
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    refuse(`${file} cannot be read (${(error as Error).message})`);
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    refuse(`${file} does not hold a JSON object`);
  for (const name of readdirSync(folder)) if (isTemporaryName(name)) rmSync(join(folder, name), { force: true });
  return config as Record<string, unknown>;
}

/** Writes config.json, whole or not at all. */
export function writeConfig(folder: string, config: Record<string, unknown>): void {
  writeFileAtomic(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
}

/** The path of the folder's metrics: one JSON object per line. */
export function metricsPath(folder: string): string {
  return join(folder, 'metrics.jsonl');
}

/** Appends rows to a metrics file. */
export function appendMetrics(path: string, ...rows: MetricRow[]): void {
  if (rows.length > 0) appendFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/**
 * The rows of a metrics file in order; none when it does not exist. A last line without its end is left out: it was being written when
 * the run was killed.
 * @throws RunFolderError naming the line, when another line is not a JSON object.
 */
export function readMetrics(path: string): MetricRow[] {
  return Array.from(readLines(path), ({ row }) => row);
}

/**
 * Cuts a metrics file at the first row that `keep` refuses, and drops a half-written last line: what a resumed run does, so that rows after
 * its checkpoint are not written twice. Returns the rows that stay.
 * @throws RunFolderError naming the line, when a line before the cut is not a JSON object.
 */
export function truncateMetrics(path: string, keep: (row: MetricRow) => boolean): MetricRow[] {
  const kept: MetricRow[] = [];
  let end = 0;
  for (const line of readLines(path)) {
    if (!keep(line.row)) break;
    kept.push(line.row);
    end = line.end;
  }
  if (existsSync(path)) truncateSync(path, end);
  return kept;
}

/** The path of the checkpoint after `updates` updates: names are numbered so that the newest is the largest. */
export function checkpointPath(folder: string, updates: number): string {
  return join(folder, `checkpoint-${String(updates).padStart(9, '0')}.safetensors`);
}

/** The newest whole checkpoint of a run folder, or undefined when there is none yet. */
export function latestCheckpoint(folder: string): string | undefined {
  return listCheckpoints(folder).at(-1);
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

function takeEmptyFolder(out: string): string {
  if (existsSync(out)) {
    if (!statSync(out).isDirectory())
      throw new RunFolderError('out', (name) => `${name('out', out)} is a file; name a folder`);
    if (readdirSync(out).length > 0)
      throw new RunFolderError(
        'out',
        (name) =>
          `${name('out', out)} is not empty; go on with that run by ${name('resume', out)}, or name another folder`,
      );
  }
  mkdirSync(out, { recursive: true });
  return out;
}

/** Whether the folder was made by this call: creating is the test, so two runs that start in the same second never share one. */
function makeFresh(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function timestamp(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}

function* readLines(path: string): Generator<{ row: MetricRow; end: number }> {
  if (!existsSync(path)) return;
  const bytes = readFileSync(path);
  let number = 0;
  for (let start = 0; ; ) {
    const newline = bytes.indexOf(10, start);
    if (newline < 0) return;
    number++;
    yield { row: parseRow(path, number, bytes.toString('utf8', start, newline)), end: newline + 1 };
    start = newline + 1;
  }
}

function parseRow(path: string, number: number, line: string): MetricRow {
  const refuse = (why: string): never => {
    throw new RunFolderError('resume', () => `${path}, line ${number}: ${why}; mend or remove that line`);
  };
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    refuse('not JSON');
  }
  return typeof row === 'object' && row !== null && !Array.isArray(row)
    ? (row as MetricRow)
    : refuse('not a JSON object');
}
