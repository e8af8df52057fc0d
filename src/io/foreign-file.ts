// What a file on the disk is that is not what it was taken for.
import { closeSync, openSync, readSync } from 'node:fs';
import { BYTES_THAT_TELL, foreignKind } from './foreign.ts';

/** What a file is by its path, as foreignKind() says it; undefined where it cannot be read, too. */
export function foreignFile(path: string): string | undefined {
  const bytes = Buffer.alloc(BYTES_THAT_TELL);
  try {
    const file = openSync(path, 'r');
    try {
      return foreignKind(bytes.subarray(0, readSync(file, bytes)));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
