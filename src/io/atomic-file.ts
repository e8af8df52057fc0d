// Writing a file so that it is there whole or not at all: a killed run must never leave a half-written file behind.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const TEMPORARY = /^\..+\.\d+-[0-9a-f]{8}\.tmp$/;

/** Whether a file name is one of the temporary names of `writeFileAtomic`, left behind when a process was killed while writing. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY.test(name);
}

/**
 * Writes text or byte chunks under a unique temporary name in the same folder, flushes them to the disk and renames. On failure the
 * temporary file is removed, what stood at `path` is untouched, and the file system's error is thrown.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array | readonly Uint8Array[]): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
  const chunks =
    typeof content === 'string' ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content;
  const file = openSync(temporary, 'wx');
  try {
    try {
      for (const chunk of chunks) for (let at = 0; at < chunk.byteLength; ) at += writeSync(file, chunk, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  flushFolder(dirname(path));
}

/** The rename itself survives a power cut only once the folder is flushed; systems that cannot open a folder skip this. */
function flushFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    return;
  }
}
