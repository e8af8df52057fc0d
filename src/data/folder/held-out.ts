// The images of a folder on the disk that are set apart for testing, by held-out-rule.ts, and a few files by which the folder is known again, for the network that was trained on
// the rest.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { HeldOutRule } from '../image/image-set.ts';
import type { ClassFile } from './class-folders.ts';
import { holdOutBy, KNOWN_DIGITS, MOST_KNOWN, type PartsOf, placeIn, placeText, splitBy } from './held-out-rule.ts';

/** A number in [0, 1) from a file's path below the class folders, the same on every system. */
const place = (kind: 'held out' | 'known', seed: number, key: string): number =>
  placeIn(
    createHash('sha256')
      .update(placeText(kind, seed, key))
      .digest(),
  );

export type Parts = PartsOf<ClassFile>;

/** Sets a share of the images apart as holdOutBy() does. */
export const holdOut = (
  files: readonly ClassFile[],
  share: number,
  seed: number,
): Parts & Pick<HeldOutRule, 'exceptions'> => holdOutBy(files, share, (key) => place('held out', seed, key));

/** The parts of a folder by a rule that was made before. */
export const split = (files: readonly ClassFile[], rule: Pick<HeldOutRule, 'share' | 'seed' | 'exceptions'>): Parts =>
  splitBy(files, rule, (key) => place('held out', rule.seed, key));

/** Some of the files that were trained on, each with a digest of its bytes. */
export async function knownBy(files: readonly ClassFile[], seed: number): Promise<Record<string, string>> {
  const chosen = files
    .map((file) => ({ file, at: place('known', seed, file.key) }))
    .sort((a, b) => a.at - b.at)
    .slice(0, MOST_KNOWN);
  const known: Record<string, string> = {};
  for (const { file } of chosen) {
    const digest = await digestOf(file.path);
    if (digest !== undefined) known[file.key] = digest;
  }
  return known;
}

/**
 * Is this the folder that a network was trained on? `all` where most files that stand where known ones did are those still, though others may have come and gone;
 * `some` where a few are.
 */
export async function whetherKnown(
  files: readonly ClassFile[],
  { known }: Pick<HeldOutRule, 'known'>,
): Promise<'all' | 'some' | 'none'> {
  const there = files.filter(({ key }) => Object.hasOwn(known, key));
  let same = 0;
  for (const { key, path } of there) if ((await digestOf(path)) === known[key]) same++;
  return same === 0 ? 'none' : 2 * same > there.length ? 'all' : 'some';
}

/** A digest of the paths in both parts: two folders that agree in it hold files of the same names. */
export function listingOf({ train, test }: Parts): string {
  const hash = createHash('sha256');
  for (const part of [train, test]) hash.update(JSON.stringify(part.map(({ key }) => key)));
  return hash.digest('hex').slice(0, 16);
}

async function digestOf(path: string): Promise<string | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes && createHash('sha256').update(bytes).digest('hex').slice(0, KNOWN_DIGITS);
}
