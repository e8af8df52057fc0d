// Run folders that this process alone writes to: made for a new run, or taken up to go on. A run that comes to nothing takes its folder away again, and one
// that was killed before it had a configuration leaves what the same command takes up.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isTemporaryName, makeFolder, removeMade } from '../../io/index.ts';
import { LOCK_FILE, lockFolder } from './folder-lock.ts';
import { astrocytePath, RunFolderError, startingWeightsPath, tuningPath } from './run-folder.ts';

/** A run folder that this process holds. */
export interface HeldFolder {
  readonly path: string;
  /** Lets others have it; the end of the process does the same. */
  release(): void;
  /** Takes away what the run left there, and the folder if it was made for it: for a run that came to nothing. */
  discard(): void;
}

/** Where a new run goes. */
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

/**
 * Creates the folder of a new run, and holds it: `out`, or `<root>/<date>-<time>-<model>-<name>` with a number added when taken.
 * @throws RunFolderError when `out` is a file or holds anything, when another process has it, or when the folder cannot be made.
 */
export function createRunFolder(options: RunFolderOptions): HeldFolder {
  const { out, root = 'runs' } = options;
  try {
    return out === undefined ? datedFolder(options) : emptyFolder(out);
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
 * Takes up the folder of an earlier run, or of several, and removes temporary files that a killed process left. `field` is how it was named.
 * @throws RunFolderError when there is no such folder, or another process has it.
 */
export function holdRunFolder(path: string, field: 'out' | 'resume' = 'resume'): HeldFolder {
  const there = statSync(path, { throwIfNoEntry: false });
  if (!there?.isDirectory())
    throw new RunFolderError(
      field,
      (name) => `${name(field, path)}: ${there ? 'this is a file, and no run folder' : 'there is no such folder'}`,
    );
  const release = lockFolder(path, field);
  for (const name of readdirSync(path)) if (isTemporaryName(name)) rmSync(join(path, name), { force: true });
  return { path, release, discard: release };
}

/** Throws RunFolderError where a new run cannot have the folder `out`; leaves nothing. */
export const checkRunFolder = (options: Pick<RunFolderOptions, 'out' | 'root'>): void =>
  createRunFolder({ ...options, model: 'check', name: String(process.pid) }).discard();

/** Puts a copy of the astrocyte that a run was given into its folder, which then needs nothing beside it. */
export const keepAstrocyte = (folder: string, file: string): void => copyFileSync(file, astrocytePath(folder));

function datedFolder({ root = 'runs', model, name, date = new Date() }: RunFolderOptions): HeldFolder {
  const made = makeFolder(root);
  const plain = (text: string) => text.replace(/[^\w.+-]+/g, '-');
  const base = join(root, `${timestamp(date)}-${plain(model)}-${plain(name)}`);
  for (let copy = 1; ; copy++) {
    const folder = copy === 1 ? base : `${base}-${copy}`;
    if (makeFresh(folder)) return hold(folder, made ?? folder);
  }
}

function emptyFolder(out: string): HeldFolder {
  if (existsSync(out) && !statSync(out).isDirectory())
    throw new RunFolderError('out', (name) => `${name('out', out)} is a file; name a folder`);
  const made = makeFolder(out);
  // A lock that is left over says that what lies beside it was a run's, killed before it began.
  const begun = readdirSync(out).includes(LOCK_FILE);
  const check = (): void => {
    const names = readdirSync(out).filter((name) => name !== LOCK_FILE);
    if (names.every((name) => begun && isBeginning(name))) return;
    throw new RunFolderError(
      'out',
      (name) =>
        `${name('out', out)} is not empty; ${names.includes('config.json') ? `go on with that run by ${name('resume', out)}, or name` : 'name'} another folder`,
    );
  };
  check();
  const held = hold(out, made);
  try {
    // Another process may have had it until it was locked here.
    check();
    clear(out);
  } catch (error) {
    held.release();
    throw error;
  }
  return held;
}

function hold(path: string, made: string | undefined): HeldFolder {
  const release = lockFolder(path, 'out');
  const discard = (): void => {
    clear(path);
    release();
    removeMade(path, made);
  };
  return { path, release, discard };
}

/** What a run has in its folder before its configuration, which is the last of it. */
const isBeginning = (name: string): boolean =>
  isTemporaryName(name) || [tuningPath, astrocytePath, startingWeightsPath].some((path) => path('') === name);

/** Takes away what is there before a first step; all of it is the run's, whose folder was empty. */
function clear(folder: string): void {
  for (const name of readdirSync(folder))
    if (isBeginning(name) || ['config.json', 'metrics.jsonl', 'tensorboard'].includes(name))
      rmSync(join(folder, name), { force: true, recursive: true });
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
