// A tar archive that stays as it is: where its files lie, found by going from header to header, and their bytes read from there. Nothing is unpacked, and only
// headers are read.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { foreignKind, unreadable } from '../../io/index.ts';
import { ArchiveError } from '../errors.ts';
import { readPax, readTarHeader, TAR_BLOCK } from './tar-header.ts';

/** A file in an archive, by its place. */
export interface TarEntry {
  name: string;
  /** Of its first byte, from the beginning of the archive's file. */
  at: number;
  bytes: number;
}

/** A header and the one behind a short file are read at once; more would be read for nothing before a picture of a hundred kilobytes. */
const WINDOW = 4096;
/** Of a name or of pax records. */
const MOST_TEXT = 2 ** 20;

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

  /**
   * The files from one byte to another: all, or those of an archive that lies in this one as it is, without compression. Throws ArchiveError for a header that is damaged
   * and for a file that ends behind the last byte.
   */
  *entries(from = 0, to = this.size): Generator<TarEntry> {
    let long: string | undefined;
    let pax = new Map<string, string>();
    for (let at = from; ; ) {
      if (at + TAR_BLOCK > to)
        throw new ArchiveError(
          this.path,
          `it is cut short: at byte ${at} there is neither an entry nor the end of a tar`,
        );
      const block = this.block(at);
      const header = readTarHeader(block);
      if (header === undefined) return;
      if (header === 'damaged') throw this.damaged(at, from, block);
      const { type } = header;
      const name = pax.get('path') ?? long ?? header.name;
      const bytes = pax.has('size') ? Number(pax.get('size')) : header.size;
      const begin = at + TAR_BLOCK;
      if (!Number.isSafeInteger(bytes) || bytes < 0 || begin + bytes > to)
        throw new ArchiveError(
          this.path,
          `it is cut short or damaged: ${JSON.stringify(name)} should end at byte ${begin + bytes}, and there are ${to}`,
        );
      at = begin + Math.ceil(bytes / TAR_BLOCK) * TAR_BLOCK;
      if (type === 'L' || type === 'x' || type === 'g' || type === 'K') {
        if (bytes > MOST_TEXT)
          throw new ArchiveError(this.path, `the entry at byte ${begin - TAR_BLOCK} has a name of ${bytes} bytes`);
        if (type === 'L') long = Buffer.from(this.read(begin, bytes)).toString('utf8').replace(/\0.*$/s, '');
        if (type === 'x') pax = readPax(this.read(begin, bytes));
        continue;
      }
      if (type === '0' || type === '7') yield { name, at: begin, bytes };
      long = undefined;
      pax = new Map();
    }
  }

  private damaged(at: number, from: number, block: Uint8Array): ArchiveError {
    const foreign = at === from ? foreignKind(block) : undefined;
    return new ArchiveError(
      this.path,
      foreign ? `this is ${foreign}` : `it is no tar archive, or damaged: byte ${at} begins no entry`,
    );
  }

  /** A block, in memory that the next one may use. */
  private block(at: number): Uint8Array {
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
