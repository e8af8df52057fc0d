// Which images of a folder are set apart for testing. A file's own path decides, so that files that are added, removed or damaged move no other; and what
// could not be decided so is written down, with a few files by which the folder is known again, for the network that was trained on the rest.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { HeldOutRule } from '../image/image-set.ts';
import type { ClassFile } from './class-folders.ts';

/** Training files by which a folder is known again. */
const KNOWN = 64;

/** A number in [0, 1) from a file's path below the class folders, the same on every system. */
function place(kind: string, seed: number, key: string): number {
  const digest = createHash('sha256')
    .update(`${kind}\n${seed}\n${key.normalize('NFC')}`)
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

export interface Parts {
  train: ClassFile[];
  test: ClassFile[];
}

/**
 * Sets a share of the images apart by their paths. Of each class with two images or more at least one is held out and one is not: where the paths say
 * otherwise the nearest file is an exception, which is told.
 */
export function holdOut(
  files: readonly ClassFile[],
  share: number,
  seed: number,
): Parts & Pick<HeldOutRule, 'exceptions'> {
  const exceptions: string[] = [];
  for (const group of byLabel(files).values()) {
    const ranked = group
      .map(({ key }) => ({ key, at: place('held out', seed, key) }))
      .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
    const away = ranked.filter(({ at }) => at < share).length;
    if (away === 0 && ranked.length > 1) exceptions.push(ranked[0].key);
    if (away === ranked.length) exceptions.push(ranked.at(-1)!.key);
  }
  return { ...split(files, { share, seed, exceptions }), exceptions };
}

/** The parts of a folder by a rule that was made before. */
export function split(
  files: readonly ClassFile[],
  { share, seed, exceptions }: Pick<HeldOutRule, 'share' | 'seed' | 'exceptions'>,
): Parts {
  const parts: Parts = { train: [], test: [] };
  const other = new Set(exceptions);
  for (const file of files)
    parts[place('held out', seed, file.key) < share !== other.has(file.key) ? 'test' : 'train'].push(file);
  return parts;
}

/** Some of the files that were trained on, each with a digest of its bytes. */
export async function knownBy(files: readonly ClassFile[], seed: number): Promise<Record<string, string>> {
  const chosen = files
    .map((file) => ({ file, at: place('known', seed, file.key) }))
    .sort((a, b) => a.at - b.at)
    .slice(0, KNOWN);
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
  return bytes && createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

/** The images of each label. */
export function byLabel(files: readonly ClassFile[]): Map<number, ClassFile[]> {
  const groups = new Map<number, ClassFile[]>();
  for (const file of files) {
    const group = groups.get(file.label);
    if (group) group.push(file);
    else groups.set(file.label, [file]);
  }
  return groups;
}
