// CIFAR-10 from its home: fetched once under a temporary name, checked against its published MD5, unpacked file by file by rename, so that
// a broken connection or a killed process leaves nothing that looks complete.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { makeFolder } from '../../io/index.ts';
import { DownloadError } from '../errors.ts';
import { type CifarLayout, cifar10Layout } from './records.ts';
import { untar } from './tar.ts';

/** A gzipped tar on the web, with its published MD5 and how long to wait for it. */
export interface Archive {
  url: string;
  md5: string;
  /** Until the server answers. */
  connectMs: number;
  /** Between two pieces. */
  stallMs: number;
}

export const cifar10Archive: Archive = {
  url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
  md5: 'c32a1d4ab5d03f1284b67883e8d87530',
  connectMs: 6_000,
  stallMs: 30_000,
};

/** Fetches, verifies and unpacks the binary version into `folder` (made if needed). Throws DownloadError. */
export async function downloadCifar10(
  folder: string,
  log: (line: string) => void,
  archive: Archive = cifar10Archive,
  layout: CifarLayout = cifar10Layout,
): Promise<void> {
  const part = join(folder, `archive.${process.pid}.part`);
  try {
    makeFolder(folder);
    await sweep(folder);
    log(`data: downloading ${archive.url}`);
    const sum = await fetchTo(part, archive, log);
    if (sum !== archive.md5) {
      throw new DownloadError(
        `${archive.url} arrived with MD5 ${sum}, but ${archive.md5} is published; try again later`,
      );
    }
    log('data: archive complete, MD5 right; unpacking');
    await unpack(part, folder, layout);
  } catch (error) {
    if (error instanceof DownloadError) throw error;
    throw new DownloadError(`${archive.url} could not be fetched into ${folder}: ${cause(error)}`);
  } finally {
    await rm(part, { force: true });
  }
}

/** Removes what killed downloads left: parts that have not grown for ten minutes. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.part')) continue;
    const path = join(folder, name);
    if (Date.now() - (await stat(path)).mtimeMs > 600_000) await rm(path, { force: true });
  }
}

/** Streams the archive into a file; returns the MD5 of what arrived. */
async function fetchTo(path: string, archive: Archive, log: (line: string) => void): Promise<string> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const within = (ms: number, what: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(new DownloadError(`${archive.url}: ${what} within ${ms / 1000} s`)), ms);
  };
  try {
    within(archive.connectMs, 'no answer');
    const response = await fetch(archive.url, { signal: abort.signal });
    if (!response.ok || !response.body) {
      throw new DownloadError(`${archive.url} answered ${response.status} ${response.statusText}`);
    }
    const total = Number(response.headers.get('content-length') ?? 0);
    const hash = createHash('md5');
    let bytes = 0;
    let shown = 0;
    const watch = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const piece of source) {
        within(archive.stallMs, 'nothing more arrived');
        hash.update(piece);
        bytes += piece.length;
        const tenth = total > 0 ? Math.floor((10 * bytes) / total) : 0;
        if (tenth > shown) log(`data: ${10 * tenth} % of ${(total / 1e6).toFixed(0)} MB`);
        shown = Math.max(shown, tenth);
        yield piece;
      }
    };
    await pipeline(Readable.fromWeb(response.body as never), watch, createWriteStream(path));
    return hash.digest('hex');
  } finally {
    clearTimeout(timer);
  }
}

/** Writes the layout's files out of the archive, each under a temporary name until it is whole. */
async function unpack(archive: string, folder: string, layout: CifarLayout): Promise<void> {
  const wanted = new Set([...layout.train, ...layout.test].map((file) => file.name));
  const source = createReadStream(archive);
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  for await (const { path, bytes } of untar(source.pipe(gunzip), { wanted: (path) => wanted.has(nameOf(path)) })) {
    const name = nameOf(path);
    wanted.delete(name);
    const part = join(folder, `${name}.${process.pid}.part`);
    await writeFile(part, bytes);
    await rename(part, join(folder, name));
  }
  if (wanted.size > 0) throw new DownloadError(`the archive lacks ${[...wanted].join(', ')}`);
}

/** `fetch failed` alone says nothing: the reason is in its cause. */
function cause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
