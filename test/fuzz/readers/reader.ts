// What the fuzz asks of a reader: a case put into a folder, and read. Seeds are damaged as bytes, or as JSON whose values are others.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changed, damaged, pick, type Random } from '../mutate.ts';

export interface Reader {
  name: string;
  /** Puts a case into the empty folder and returns the bytes that were written; `random` makes its choices. */
  write(folder: string, random: Random): number | Promise<number>;
  /** Reads it. */
  read(folder: string): unknown;
  /** Reads slowly: a part of the cases is enough. Default 1. */
  share?: number;
}

export const put = (path: string, bytes: Buffer | string): number => {
  writeFileSync(path, bytes);
  return Buffer.byteLength(bytes);
};

/** Bytes of a JSON file: a seed whose values are changed, or whose bytes are damaged. */
export function jsonCase(random: Random, seeds: readonly unknown[]): Buffer {
  const texts = seeds.map((seed) => Buffer.from(JSON.stringify(seed)));
  const seed = pick(random, seeds);
  return random() < 0.7
    ? Buffer.from(JSON.stringify(changed(random, seed)) ?? '')
    : damaged(random, pick(random, texts), texts);
}

/** A reader of one file, with seeds as bytes. */
export const bytesReader = (
  name: string,
  file: string,
  seeds: readonly Buffer[],
  read: (path: string) => unknown,
  share?: number,
): Reader => ({
  name,
  share,
  write: (folder, random) => put(join(folder, file), damaged(random, pick(random, seeds), seeds)),
  read: (folder) => read(join(folder, file)),
});

export const jsonReader = (
  name: string,
  file: string,
  seeds: readonly unknown[],
  read: (path: string) => unknown,
): Reader => ({
  name,
  write: (folder, random) => put(join(folder, file), jsonCase(random, seeds)),
  read: (folder) => read(join(folder, file)),
});
