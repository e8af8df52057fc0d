// What an index of images was made of, and whether that is still so: archives by their sizes and times, folders by their times, and the folder of all classes by the
// names in it, since the index itself may be written there.
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Paths are from the root. */
export interface Watched {
  /** A digest of what was asked for. */
  asked: string;
  /** Archives and lists. */
  files: [path: string, size: number, modified: number][];
  folders: [path: string, modified: number][];
  /** Folders whose names count, but for hidden ones. */
  names: [path: string, digest: string][];
}

/** A digest of a value that JSON can hold. */
export const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

const namesIn = (folder: string): string =>
  digestOf(
    readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort(),
  );

/** Notes what an index depends on, as it is now. */
export class Watch {
  private readonly root: string;
  private readonly watched: Watched = { asked: '', files: [], folders: [], names: [] };

  constructor(root: string) {
    this.root = root;
  }

  file(path: string): void {
    const { size, mtimeMs } = statSync(join(this.root, path));
    this.watched.files.push([path, size, mtimeMs]);
  }

  folder(path: string): void {
    this.watched.folders.push([path, statSync(join(this.root, path)).mtimeMs]);
  }

  names(path: string): void {
    this.watched.names.push([path, namesIn(join(this.root, path))]);
  }

  noted(asked: string): Watched {
    return { ...this.watched, asked };
  }
}

/** Is all as it was noted? */
export function stillHolds(root: string, asked: string, watched: Watched): boolean {
  if (watched.asked !== asked) return false;
  try {
    return (
      watched.files.every(([path, size, modified]) => {
        const there = statSync(join(root, path));
        return there.size === size && there.mtimeMs === modified;
      }) &&
      watched.folders.every(([path, modified]) => statSync(join(root, path)).mtimeMs === modified) &&
      watched.names.every(([path, digest]) => namesIn(join(root, path)) === digest)
    );
  } catch {
    return false; // something is gone
  }
}
