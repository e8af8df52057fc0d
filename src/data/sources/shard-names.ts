// Which tar files a name stands for: one, a pattern with braces as WebDataset writes them, or the archives of a folder.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ImageSourceError } from '../errors.ts';
import { isFile, isFolder } from './paths.ts';

const MOST_SHARDS = 1_000_000;

/** `a-{000..012}.tar` and `{a,b}.tar` written out, in order. Throws ImageSourceError for more than a million. */
export function expandBraces(pattern: string): string[] {
  const found = /\{(?:(\d+)\.\.(\d+)|([^{}]*,[^{}]*))\}/.exec(pattern);
  if (!found) return [pattern];
  const [whole, first, last, words] = found;
  const before = pattern.slice(0, found.index);
  const after = expandBraces(pattern.slice(found.index + whole.length));
  const from = Number(first);
  const count = words === undefined ? Number(last) - from + 1 : words.split(',').length;
  if (!(count >= 1 && count * after.length <= MOST_SHARDS))
    throw new ImageSourceError(pattern, `${whole} stands for no list of 1 to ${MOST_SHARDS} archives`);
  const middle =
    words?.split(',') ?? Array.from({ length: count }, (_, i) => String(from + i).padStart(first.length, '0'));
  return middle.flatMap((word) => after.map((rest) => before + word + rest));
}

/** Do images lie at a path: a folder, or an archive, of a pattern the first? */
export function areImagesAt(path: string): boolean {
  return isFolder(path) || (isTar(basename(path)) && isFile(expandBraces(path)[0]));
}

/** The archives of each part of a set, as paths from the root. */
export interface ShardParts {
  train: string[];
  test: string[];
}

const isTar = (name: string): boolean => name.endsWith('.tar') && !name.startsWith('.');
const TEST = /(^|[^a-z])(val|valid|validation|test)([^a-z]|$)/i;
const TRAIN = /(^|[^a-z])train(ing)?([^a-z]|$)/i;

const tarsIn = (root: string, folder: string): string[] =>
  isFolder(join(root, folder))
    ? readdirSync(join(root, folder))
        .filter(isTar)
        .sort()
        .map((name) => (folder ? `${folder}/${name}` : name))
    : [];

/**
 * The shards in a folder: those in train/ and in val/ (or valid, validation, test, `split`), or those beside each other whose names say train and val; without such names
 * all are for training. Undefined where there are none.
 */
export function shardsIn(dir: string, split?: string): ShardParts | undefined {
  const train = tarsIn(dir, 'train');
  if (train.length > 0) {
    const splits = split === undefined ? ['val', 'valid', 'validation', 'test'] : [split];
    const test = splits.map((name) => tarsIn(dir, name)).find((tars) => tars.length > 0);
    return { train, test: test ?? [] };
  }
  const all = tarsIn(dir, '');
  if (all.length === 0) return undefined;
  const test = all.filter((name) => TEST.test(name) && !TRAIN.test(name));
  const named = all.filter((name) => TRAIN.test(name));
  return { train: named.length > 0 ? named : all.filter((name) => !test.includes(name)), test };
}

/** Archives by a pattern of their paths. Throws ImageSourceError for one that is not there. */
export function shardsOf(pattern: string): string[] {
  const paths = expandBraces(pattern);
  const missing = paths.find((path) => !isFile(path));
  if (missing !== undefined)
    throw new ImageSourceError(
      missing,
      `no such archive; ${basename(pattern)} stands for ${paths.length}${paths.length > 1 ? `, ${basename(paths[0])} to ${basename(paths.at(-1)!)}` : ''}`,
    );
  return paths;
}
