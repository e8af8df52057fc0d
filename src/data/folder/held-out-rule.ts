// Which images of a folder are set apart for testing. A file's own path decides, so that files that are added, removed or damaged move no other; and what
// could not be decided so is written down, for the network that was trained on the rest. Numbers of paths are SHA-256's, which Node has at once and a page later.
import type { HeldOutRule } from '../image/image-set.ts';

/** An image by its path below the class folders, and its class. */
export interface KeyedImage {
  key: string;
  label: number;
}

/** What a path's number is made from, as text. */
export const placeText = (kind: 'held out' | 'known', seed: number, key: string): string =>
  `${kind}\n${seed}\n${key.normalize('NFC')}`;

/** A number in [0, 1) of SHA-256 of such a text. */
export const placeIn = (digest: Uint8Array): number =>
  digest.subarray(0, 6).reduce((number, byte) => number * 256 + byte, 0) / 2 ** 48;

/** Files that a network's folder is known by again. */
export const MOST_KNOWN = 64;

/** Of the digest of a file's bytes that many hexadecimal digits. */
export const KNOWN_DIGITS = 16;

/** Images to train on, and those that are held out. */
export interface PartsOf<T> {
  train: T[];
  test: T[];
}

/**
 * Sets a share of the images apart by the numbers of their paths. Of each class with two images or more at least one is held out and one is not: where the paths say
 * otherwise the nearest file is an exception, which is told.
 */
export function holdOutBy<T extends KeyedImage>(
  files: readonly T[],
  share: number,
  placeOf: (key: string) => number,
): PartsOf<T> & Pick<HeldOutRule, 'exceptions'> {
  const exceptions: string[] = [];
  for (const group of byLabel(files).values()) {
    const ranked = group
      .map(({ key }) => ({ key, at: placeOf(key) }))
      .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
    const away = ranked.filter(({ at }) => at < share).length;
    if (away === 0 && ranked.length > 1) exceptions.push(ranked[0].key);
    if (away === ranked.length) exceptions.push(ranked.at(-1)!.key);
  }
  return { ...splitBy(files, { share, exceptions }, placeOf), exceptions };
}

/** The parts of a folder by a rule that was made before. */
export function splitBy<T extends KeyedImage>(
  files: readonly T[],
  { share, exceptions }: Pick<HeldOutRule, 'share' | 'exceptions'>,
  placeOf: (key: string) => number,
): PartsOf<T> {
  const parts: PartsOf<T> = { train: [], test: [] };
  const other = new Set(exceptions);
  for (const file of files) parts[placeOf(file.key) < share !== other.has(file.key) ? 'test' : 'train'].push(file);
  return parts;
}

/** The images of each label. */
export function byLabel<T extends KeyedImage>(files: readonly T[]): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const file of files) {
    const group = groups.get(file.label);
    if (group) group.push(file);
    else groups.set(file.label, [file]);
  }
  return groups;
}
