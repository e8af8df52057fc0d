// Writing a file so that it is there whole or not at all: a killed run must never leave a half-written file behind.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const TEMPORARY = /^\..+\.\d+-[0-9a-f]{8}\.tmp$/;

/** Whether a file name is one of the temporary names of `writeFileAtomic`, left behind when a process was killed while writing. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY.test(name);
}

/** A name beside `path` that nobody has: what a file is called until it is whole. */
export const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`);

/**
 * Writes text or byte chunks under a unique temporary name in the same folder, flushes them to the disk and renames. On failure the
 * temporary file is removed, what stood at `path` is untouched, and the file system's error is thrown. A link stays one, and so does a device or a pipe
 * (/dev/stdout): what is written goes to where it leads.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array | readonly Uint8Array[]): void {
  const chunks =
    typeof content === 'string' ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content;
  const there = statSync(path, { throwIfNoEntry: false });
  if (there && !there.isFile() && !there.isDirectory()) {
    const device = openSync(path, 'a');
    try {
      writeAll(device, chunks);
    } finally {
      closeSync(device);
    }
    return;
  }
  const target = there ? realpathSync(path) : path;
  const temporary = temporaryName(target);
  const file = openSync(temporary, 'wx');
  try {
    try {
      writeAll(file, chunks);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  flushFolder(dirname(target));
}

function writeAll(file: number, chunks: readonly Uint8Array[]): void {
  for (const chunk of chunks) for (let at = 0; at < chunk.byteLength; ) at += writeSync(file, chunk, at);
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
