// The page into a folder that a host serves: whole or not at all, and never over what somebody else put there.
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AstroError } from 'astrogpu/gpu';
import { checkFolderPath, makeFolder } from 'astrogpu/io';
import type { Built } from './build.ts';

/** The names of all that was written, by which the next build knows it. */
const LIST = 'files.json';

/**
 * Writes the files into a folder, made if it is not there. One that an earlier build wrote is replaced at once, when all of the new one is written.
 * Throws AstroError for a folder that holds anything else.
 */
export function writePage(files: Built, folder: string): void {
  const reason = reasonToKeep(folder);
  if (reason) throw new AstroError(`${folder} ${reason}: give a folder that is empty or not there yet`);
  // A link stays, and what it leads to is replaced.
  const whole = existsSync(folder) ? realpathSync(folder) : resolve(folder);
  makeFolder(dirname(whole));
  const beside = (what: string): string => join(dirname(whole), `.${basename(whole)}-${process.pid}-${what}`);
  const [fresh, old] = [beside('new'), beside('old')];
  try {
    for (const [path, bytes] of files) {
      makeFolder(dirname(join(fresh, path)));
      writeFileSync(join(fresh, path), bytes);
    }
    writeFileSync(join(fresh, LIST), `${JSON.stringify({ page: 'astrogpu', files: [...files.keys()] }, null, 2)}\n`);
    const before = existsSync(whole);
    // An empty one may be what somebody just made, and goes; where that fails, so does all of it.
    if (before && readdirSync(whole).length === 0) rmdirSync(whole);
    else if (before) renameSync(whole, old);
    renameSync(fresh, whole);
  } finally {
    if (existsSync(old) && !existsSync(whole)) renameSync(old, whole);
    for (const left of [fresh, old]) rmSync(left, { recursive: true, force: true });
  }
}

/** Why the folder stays as it is; undefined for one that is not there, empty, or an earlier build and nothing but that. */
export function reasonToKeep(folder: string): string | undefined {
  try {
    if (!lstatSync(folder, { throwIfNoEntry: false })) {
      checkFolderPath(dirname(resolve(folder)));
      return undefined;
    }
    // A link may lead nowhere.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return 'is no folder';
    if (readdirSync(folder).length === 0) return undefined;
    const own = new Set([LIST, ...filesOf(folder)]);
    if (own.size === 1) return 'is not empty, and no build of the page';
    const other = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => !lstatSync(join(folder, path)).isDirectory())
      .map((path) => path.replaceAll('\\', '/'))
      .find((path) => !own.has(path));
    return other === undefined ? undefined : `is a build of the page with something else in it (${other})`;
  } catch (error) {
    return `cannot be written (${(error as Error).message})`;
  }
}

/** Those of an earlier build by its own list; none where there is no such list. */
function filesOf(folder: string): string[] {
  try {
    const { page, files } = JSON.parse(readFileSync(join(folder, LIST), 'utf8'));
    return page === 'astrogpu' && Array.isArray(files) ? files : [];
  } catch {
    return [];
  }
}
