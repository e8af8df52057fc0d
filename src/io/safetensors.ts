// Safetensors in files: how checkpoints are stored. Written atomically with a digest over the whole file, so that a killed run leaves the previous checkpoint, and a
// damaged or foreign file is refused with its reason instead of being trained on.
import { createHash } from 'node:crypto';
import {
  CheckpointError,
  checkSeal,
  encodeSafetensors,
  openSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  seal,
  tensorsOf,
} from '../nn/index.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { foreignKind } from './foreign.ts';
import { readWholeSync, unreadable } from './whole-file.ts';

export { CheckpointError, type SafetensorsFile, type StoredTensor } from '../nn/index.ts';

/**
 * Writes tensors and text metadata to `path`, atomically, in the order and with the digest that encodeSafetensors() says.
 * @throws CheckpointError when a tensor's data does not fit its dtype and shape, or a metadata key is one the format uses itself.
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const file = encodeSafetensors(path, tensors, metadata);
  seal(file, digest([file.head, ...file.chunks]));
  try {
    writeFileAtomic(path, [file.head, ...file.chunks]);
  } catch (error) {
    throw new CheckpointError(path, `cannot be written (${(error as Error).message}); the earlier file is untouched`);
  }
}

/**
 * Reads a safetensors file written by this project or another. The arrays are views of one buffer where alignment allows. The digest is
 * verified when there is one, and files of this project must have one.
 * @throws CheckpointError when the file is missing, truncated, damaged, of another format, or holds a dtype that is not stored here.
 */
export function readSafetensors(path: string): SafetensorsFile {
  const bytes = readBytes(path);
  const opened = openSafetensors(path, bytes, foreignKind);
  const { sealed } = opened;
  if (sealed) checkSeal(path, sealed.digest, digest(sealed.parts));
  return tensorsOf(path, bytes, opened);
}

function digest(chunks: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

function readBytes(path: string): Uint8Array {
  try {
    return readWholeSync(path);
  } catch (error) {
    throw new CheckpointError(path, unreadable(error));
  }
}
