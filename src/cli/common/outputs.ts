// Where a command's results go: never over what it reads, and only where they can be written, which is known before the work.
import { existsSync } from 'node:fs';
import { basename, dirname, extname, relative, resolve, sep } from 'node:path';
import { checkFilePath, checkFolderPath, isSameFile } from '../../io/index.ts';
import { isOwnPicture } from '../../report/index.ts';
import { flagOf } from './flags.ts';
import { UsageError } from './options.ts';

/** Files that a command reads; options that were not given are left out. */
export type Inputs = readonly (string | undefined)[];

/** The input that a path leads to, through links and as a hard link too. */
export const inputAt = (path: string, inputs: Inputs): string | undefined =>
  inputs.find((input) => input !== undefined && isSameFile(path, input));

/** Throws UsageError where the file of an option is one that the command reads, or cannot be written. */
export function checkOutput(field: string, path: string | undefined, inputs: Inputs = []): void {
  if (path === undefined) return;
  const input = inputAt(path, inputs);
  if (input !== undefined)
    throw new UsageError(
      `${flagOf(field)} ${path}: this is ${input === path ? '' : `${input}, `}what the command reads; name another file`,
    );
  refusing(field, path, () => checkFilePath(path));
}

/** Throws UsageError as checkOutput() does, and where there is a file that no command here has drawn: it may be one of somebody's images. */
export async function checkPicture(field: string, path: string | undefined, inputs: Inputs = []): Promise<void> {
  if (path === undefined) return;
  if (extname(path) !== '.png') throw new UsageError(`${flagOf(field)} ${path}: takes a name that ends in .png`);
  checkOutput(field, path, inputs);
  if (existsSync(path) && !(await isOwnPicture(path)))
    throw new UsageError(`${flagOf(field)} ${path}: this file was not drawn here and stays; name another one`);
}

/** A result's path from where one is, or as it is where that folder has been deleted meanwhile. */
export function fromHere(path: string): string {
  try {
    return relative('.', path) || path;
  } catch {
    return path;
  }
}

/** Throws UsageError where files cannot be written into the folder of an option, made if it is not there. */
export const checkOutputFolder = (field: string, folder: string): void =>
  refusing(field, folder, () => checkFolderPath(folder));

function refusing(field: string, path: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new UsageError(
      `${flagOf(field)} ${path} cannot be written (${(error as Error).message}); name another place`,
    );
  }
}

/**
 * A name for each result, without its ending, after the file that it is made of: `cat` of pets/cat.png; where two would be one, as much of the folder's name
 * as tells them apart (`a-1` and `b-1` of a/1.png and b/1.png), then the ending (`cat-jpg`), then a number.
 */
export function namesAfter(paths: readonly string[]): string[] {
  const parts = paths.map((path) => [...dirname(resolve(path)).split(sep), basename(path, extname(path))]);
  const deepest = Math.max(0, ...parts.map(({ length }) => length));
  const named = (path: string, i: number, depth: number): string =>
    parts[i].slice(-depth).filter(Boolean).join('-') + (depth > deepest ? extname(path).replace('.', '-') : '');
  const folded = (names: readonly string[]): string[] => names.map((name) => name.toLowerCase());
  const names = paths.map((path, i) => named(path, i, 1));
  for (let depth = 2; depth <= deepest + 1; depth++) {
    const all = folded(names);
    for (const [i, path] of paths.entries())
      if (all.indexOf(all[i]) !== all.lastIndexOf(all[i])) names[i] = named(path, i, depth);
  }
  return names.map((name, i) => {
    const before = folded(names.slice(0, i)).filter((other) => other === name.toLowerCase()).length;
    return before > 0 ? `${name}-${before + 1}` : name;
  });
}

/** `path` with .png, or a name like it with what was `done` where that is an input, or a picture that no command here has drawn: those stay. */
export async function freePicture(path: string, inputs: Inputs, done: string): Promise<string> {
  for (let i = 0; ; i++) {
    const file = `${path}${i === 0 ? '' : i === 1 ? `-${done}` : `-${done}-${i}`}.png`;
    if (!existsSync(file) || ((await isOwnPicture(file)) && inputAt(file, inputs) === undefined)) return file;
  }
}
