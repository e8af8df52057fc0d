// The files of a tar stream, one by one. An archive comes from elsewhere: what is damaged, too large or would lie outside its folder is an error that says so.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AstroError } from '../../gpu/index.ts';
import { ArchiveError } from '../errors.ts';

/** A regular file of an archive. */
export interface TarFile {
  path: string;
  bytes: Uint8Array;
}

export interface UntarOptions {
  /** What messages call the archive. */
  name?: string;
  /** Which files are read; others are passed over. Default all. */
  wanted?: (path: string) => boolean;
  /** Bytes that the archive may have, unpacked. Default 1 GiB: six times CIFAR-10. */
  most?: number;
}

/**
 * The regular files of a tar stream, in order; each is held in memory whole. Throws ArchiveError for a stream that is damaged, cut short or larger than `most`, and for a path that
 * leads out of the folder that the archive is unpacked to.
 */
export async function* untar(
  stream: AsyncIterable<Uint8Array>,
  { name = 'the archive', wanted = () => true, most = 2 ** 30 }: UntarOptions = {},
): AsyncGenerator<TarFile> {
  const { extract } = await import('tar-stream');
  const archive = extract();
  // A failure of the stream destroys the archive, and so ends the loop below with its reason.
  pipeline(Readable.from(limited(stream, name, most)), archive).catch(() => {});
  try {
    for await (const entry of archive) {
      const { name: path, type, size = 0 } = entry.header;
      if (!isInside(path))
        throw new ArchiveError(
          name,
          `its entry ${JSON.stringify(path)} would lie outside the folder that it is unpacked to`,
        );
      if (!Number.isSafeInteger(size) || size < 0)
        throw new ArchiveError(name, `it is damaged: ${JSON.stringify(path)} has no size`);
      const isFile = type === 'file' || type === 'contiguous-file';
      if (!isFile || !wanted(path)) {
        entry.resume();
        continue;
      }
      const parts: Uint8Array[] = [];
      for await (const part of entry) parts.push(part as Uint8Array);
      yield { path, bytes: Buffer.concat(parts) };
    }
  } catch (error) {
    throw error instanceof AstroError
      ? error
      : new ArchiveError(name, `it is damaged or cut short (${(error as Error).message})`);
  } finally {
    archive.destroy();
  }
}

/** No absolute path, and none that goes up. */
const isInside = (path: string): boolean =>
  path !== '' && !/^([\\/]|[a-z]:)|\0/i.test(path) && !path.split(/[\\/]/).includes('..');

/** The stream, until it has given more than `most` bytes. */
async function* limited(stream: AsyncIterable<Uint8Array>, name: string, most: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of stream) {
    bytes += piece.length;
    if (bytes > most) throw new ArchiveError(name, `it holds more than ${most} bytes`);
    yield piece;
  }
}
