// Files read whole. A device may never end, and what is read twice is no pipe: both are refused by name in place of being read for ever.
import { readFileSync, type Stats, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/** A path that leads to no file with an end. */
class NoFile extends Error {}

/** The bytes of a file. With `pipes` those of a pipe, too, as `<(…)` makes one. Throws the file system's error; unreadable() puts it in words. */
export async function readWhole(path: string, pipes = false): Promise<Uint8Array> {
  refuseOthers(await stat(path), pipes);
  return readFile(path);
}

/** readWhole() for those that cannot wait. */
export function readWholeSync(path: string): Uint8Array {
  refuseOthers(statSync(path), false);
  return readFileSync(path);
}

function refuseOthers(there: Stats, pipes: boolean): void {
  if (there.isFIFO() && !pipes) throw new NoFile('it is a pipe, which can be read only once; save it as a file first');
  if (there.isCharacterDevice() || there.isBlockDevice()) throw new NoFile('it is a device, not a file');
  if (there.isSocket()) throw new NoFile('it is a socket, not a file');
}

/** What the file system refuses, in words. */
export function unreadable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof NoFile) return message;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder, not a file';
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read';
  return `it cannot be read (${message})`;
}
