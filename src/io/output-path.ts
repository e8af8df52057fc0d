// Whether a result can be written where it is wanted, and whether that is a place that it must not take: both are known before the work that it is the result of.
import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { temporaryName } from './atomic-file.ts';

/** Do two paths lead to one file: by name, through links, or as hard links of it? Files that are not there yet count too. */
export function isSameFile(a: string, b: string): boolean {
  if (whereabouts(a) === whereabouts(b)) return true;
  const [one, other] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false, bigint: true }));
  return !!one && !!other && one.ino !== 0n && one.ino === other.ino && one.dev === other.dev;
}

/** The path without links; of what is not there, as far as there is something. */
function whereabouts(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync(whole);
  } catch {
    const above = dirname(whole);
    return above === whole ? whole : join(whereabouts(above), basename(whole));
  }
}

/** Throws the file system's error where no file can be written at `path`: a folder, or a folder that is not there or takes none. Leaves nothing. */
export function checkFilePath(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory() || path.endsWith('/') || path === '') throw new Error('it is a folder, not a file');
  const folder = dirname(path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`the folder ${folder} is not there`);
  // A device or a pipe is written as it stands.
  if (there && !there.isFile()) return;
  if (there) accessSync(path, constants.W_OK);
  const probe = temporaryName(there ? realpathSync(path) : path);
  closeSync(openSync(probe, 'wx'));
  rmSync(probe, { force: true });
}

/**
 * Makes a folder and those above it; returns the first that it made. Node's own goes round for ever below a folder that takes none (/proc). Throws the file
 * system's error.
 */
export function makeFolder(folder: string): string | undefined {
  const whole = resolve(folder);
  if (statSync(whole, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const above = dirname(whole) === whole ? undefined : makeFolder(dirname(whole));
  try {
    mkdirSync(whole);
  } catch (error) {
    const made = (error as NodeJS.ErrnoException).code === 'EEXIST' && statSync(whole).isDirectory();
    if (made) return above;
    removeMade(dirname(whole), above);
    throw error;
  }
  return above ?? whole;
}

/** Throws the file system's error where files cannot be written into a folder, which may have to be made first. Leaves nothing. */
export function checkFolderPath(folder: string): void {
  const made = makeFolder(folder);
  try {
    checkFilePath(join(folder, 'probe'));
  } finally {
    removeMade(folder, made);
  }
}

/** Takes empty folders away again, from `folder` up to the one that makeFolder() made first. */
export function removeMade(folder: string, made: string | undefined): void {
  if (made === undefined) return;
  try {
    for (let at = resolve(folder); ; at = dirname(at)) {
      rmdirSync(at);
      if (at === resolve(made) || at === dirname(at)) return;
    }
  } catch {
    return; // somebody else's files are in it by now
  }
}
