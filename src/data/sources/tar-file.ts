// A tar archive that stays as it is: where its files lie, found by going from header to header, and their bytes read from there. Nothing is unpacked, and only
// headers are read.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { unreadable } from '../../io/index.ts';
import { ArchiveError } from '../errors.ts';
import { type TarEntry, tarEntries } from './tar-entries.ts';
import { TAR_BLOCK } from './tar-header.ts';

export type { TarEntry } from './tar-entries.ts';

/** A header and the one behind a short file are read at once; more would be read for nothing before a picture of a hundred kilobytes. */
const WINDOW = 4096;

/** An archive that is open. close() it. */
export class TarFile {
  readonly path: string;
  readonly size: number;
  private readonly handle: number;
  private readonly window = new Uint8Array(WINDOW);
  private windowAt = 0;
  private windowEnd = 0;

  /** Throws ArchiveError for a file that cannot be opened. */
  constructor(path: string) {
    this.path = path;
    try {
      this.handle = openSync(path, 'r');
    } catch (error) {
      throw new ArchiveError(path, unreadable(error));
    }
    this.size = fstatSync(this.handle).size;
  }

  close(): void {
    closeSync(this.handle);
  }

  /** Some bytes, in memory of their own. Throws ArchiveError where the file ends before. */
  read(at: number, bytes: number): Uint8Array {
    const into = new Uint8Array(bytes);
    this.fill(into, at);
    return into;
  }

  /** The files from one byte to another: all, or those of an archive that lies in this one as it is, without compression. Throws ArchiveError as tarEntries() does. */
  entries(from = 0, to = this.size): Generator<TarEntry> {
    return tarEntries(this, from, to);
  }

  /** A block, in memory that the next one may use. */
  block(at: number): Uint8Array {
    if (at < this.windowAt || at + TAR_BLOCK > this.windowEnd) {
      const length = Math.min(WINDOW, this.size - at);
      this.fill(this.window.subarray(0, length), at);
      [this.windowAt, this.windowEnd] = [at, at + length];
    }
    return this.window.subarray(at - this.windowAt, at - this.windowAt + TAR_BLOCK);
  }

  private readSome(into: Uint8Array, done: number, at: number): number {
    try {
      return readSync(this.handle, into, done, into.length - done, at);
    } catch (error) {
      throw new ArchiveError(this.path, `byte ${at} cannot be read: ${unreadable(error)}`);
    }
  }

  private fill(into: Uint8Array, at: number): void {
    for (let done = 0; done < into.length; ) {
      const read = this.readSome(into, done, at + done);
      if (read === 0)
        throw new ArchiveError(this.path, `it ends at byte ${at + done}, inside of an entry; was it changed?`);
      done += read;
    }
  }
}
