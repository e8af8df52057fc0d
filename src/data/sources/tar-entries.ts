// The files of a tar archive, wherever its bytes are: on a disk, or in the memory of a page. Found by going from header to header.
import { foreignKind } from '../../io/index.ts';
import { ArchiveError } from '../errors.ts';
import { readPax, readTarHeader, TAR_BLOCK } from './tar-header.ts';

/** A file in an archive, by its place. */
export interface TarEntry {
  name: string;
  /** Of its first byte, from the beginning of the archive's file. */
  at: number;
  bytes: number;
}

/** An archive's bytes. */
export interface TarBytes {
  /** What messages call it. */
  readonly path: string;
  readonly size: number;
  /** A header's block, which may be overwritten by the next. */
  block(at: number): Uint8Array;
  read(at: number, bytes: number): Uint8Array;
}

/** Of a name or of pax records. */
const MOST_TEXT = 2 ** 20;

/** The files from one byte to another. Throws ArchiveError for a header that is damaged and for a file that ends behind the last byte. */
export function* tarEntries(archive: TarBytes, from = 0, to = archive.size): Generator<TarEntry> {
  const { path } = archive;
  let long: string | undefined;
  let pax = new Map<string, string>();
  for (let at = from; ; ) {
    if (at + TAR_BLOCK > to)
      throw new ArchiveError(path, `it is cut short: at byte ${at} there is neither an entry nor the end of a tar`);
    const block = archive.block(at);
    const header = readTarHeader(block);
    if (header === undefined) return;
    if (header === 'damaged') {
      const foreign = at === from ? foreignKind(block) : undefined;
      throw new ArchiveError(
        path,
        foreign ? `this is ${foreign}` : `it is no tar archive, or damaged: byte ${at} begins no entry`,
      );
    }
    const { type } = header;
    const name = pax.get('path') ?? long ?? header.name;
    const bytes = pax.has('size') ? Number(pax.get('size')) : header.size;
    const begin = at + TAR_BLOCK;
    if (!Number.isSafeInteger(bytes) || bytes < 0 || begin + bytes > to)
      throw new ArchiveError(
        path,
        `it is cut short or damaged: ${JSON.stringify(name)} should end at byte ${begin + bytes}, and there are ${to}`,
      );
    at = begin + Math.ceil(bytes / TAR_BLOCK) * TAR_BLOCK;
    if (type === 'L' || type === 'x' || type === 'g' || type === 'K') {
      if (bytes > MOST_TEXT)
        throw new ArchiveError(path, `the entry at byte ${begin - TAR_BLOCK} has a name of ${bytes} bytes`);
      if (type === 'L') long = new TextDecoder().decode(archive.read(begin, bytes)).replace(/\0.*$/s, '');
      if (type === 'x') pax = readPax(archive.read(begin, bytes));
      continue;
    }
    if (type === '0' || type === '7') yield { name, at: begin, bytes };
    long = undefined;
    pax = new Map();
  }
}

/** An archive in memory. */
export const tarInMemory = (path: string, bytes: Uint8Array): TarBytes => ({
  path,
  size: bytes.length,
  block: (at) => bytes.subarray(at, at + TAR_BLOCK),
  read: (at, length) => bytes.subarray(at, at + length),
});
