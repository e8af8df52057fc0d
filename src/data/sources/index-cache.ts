// Indexes that were made before: to list 1.3 million files, or to find as many entries in archives, takes minutes, and to read the list again takes no second. A file
// that is damaged, of another version or no longer true is made anew without a word.
import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { makeFolder, writeFileAtomic } from '../../io/index.ts';
import type { IndexBuilder } from './index-builder.ts';
import { PackedIndex } from './packed-index.ts';
import { digestOf, stillHolds, type Watch, type Watched } from './watched.ts';

/** What was found when an index was made. */
export interface Indexed {
  builder: IndexBuilder;
  /** Classes by label. */
  folders: readonly string[];
  /** What was left out, in words. */
  notes: readonly string[];
  watch: Watch;
}

/** An index that may be there already. */
export interface IndexRequest {
  /** The folder that paths are counted from. */
  root: string;
  /** Of the set: `train`. */
  part: string;
  /** All that decides what the index is, besides the files. */
  asked: unknown;
  /** A folder for indexes, or false for none. Default: beside the data where that can be written, else the user's folder for caches. */
  cache?: string | false | undefined;
  make: () => Promise<Indexed>;
}

/** Where a user's programs keep what they can make again. */
function userCache(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const home = homedir();
  if (process.platform === 'win32') return join(LOCALAPPDATA || join(home, 'AppData', 'Local'), 'astrogpu');
  if (process.platform === 'darwin') return join(home, 'Library', 'Caches', 'astrogpu');
  return join(XDG_CACHE_HOME || join(home, '.cache'), 'astrogpu');
}

/** Where an index may be, the best place first. */
function candidates({ root, part, cache }: IndexRequest): { folder: string; file: string }[] {
  if (cache === false) return [];
  const elsewhere = (folder: string) => ({
    folder,
    file: join(folder, `${digestOf([realpathSync(root), part]).slice(0, 16)}.index`),
  });
  if (cache !== undefined) return [elsewhere(cache)];
  return [{ folder: root, file: join(root, `.astrogpu-${part}.index`) }, elsewhere(userCache())];
}

/** An index from a file, or made and written. `cached` says which. Throws what `make` throws. */
export async function cachedIndex(request: IndexRequest): Promise<{ index: PackedIndex; cached: boolean }> {
  const asked = digestOf([request.part, request.asked]);
  const places = candidates(request);
  for (const { file } of places) {
    const found = readIndex(file);
    if (found && stillHolds(request.root, asked, found.watched as Watched)) return { index: found.index, cached: true };
  }
  const { builder, folders, notes, watch } = await request.make();
  const index = builder.finish(folders, notes, watch.noted(asked));
  for (const { folder, file } of places)
    try {
      makeFolder(folder);
      writeFileAtomic(file, new Uint8Array(index.buffer));
      break;
    } catch {
      // The next place; where there is none, the index is made again next time.
    }
  return { index, cached: false };
}

function readIndex(file: string): ReturnType<typeof PackedIndex.parse> {
  try {
    const handle = openSync(file, 'r');
    try {
      const bytes = new Uint8Array(new SharedArrayBuffer(fstatSync(handle).size));
      for (let at = 0; at < bytes.length; ) {
        const read = readSync(handle, bytes, at, bytes.length - at, at);
        if (read === 0) return undefined;
        at += read;
      }
      return PackedIndex.parse(bytes.buffer as SharedArrayBuffer);
    } finally {
      closeSync(handle);
    }
  } catch {
    return undefined;
  }
}
