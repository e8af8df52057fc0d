// The download, from a server of our own: what a good archive, a bad one, a refusal and a silence lead to, and that nothing half-done is left.
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCifar10 } from '../../../src/data/cifar10/cifar10.ts';
import { type Archive, downloadCifar10 } from '../../../src/data/cifar10/download.ts';
import { DownloadError } from '../../../src/data/errors.ts';
import { folder, records, tinySet } from './files.ts';

/** An archive as tar writes it: a folder entry, then the files. */
async function tar(files: Map<string, Buffer>): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: 'cifar-10-batches-bin/', type: 'directory' });
  for (const [name, bytes] of files) archive.entry({ name: `cifar-10-batches-bin/${name}` }, bytes);
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const { files, layout } = tinySet();
const good = gzipSync(await tar(files));
const short = gzipSync(await tar(new Map([...files].slice(0, 3))));
const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');

let server: Server;
let at: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/good') response.setHeader('content-length', good.length).end(good);
    else if (request.url === '/short') response.end(short);
    else if (request.url === '/stall') response.write(good.subarray(0, 100));
    else if (request.url !== '/silent') response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const archive = (path: string, sum = md5(good)): Archive => ({
  url: at + path,
  md5: sum,
  connectMs: 300,
  stallMs: 300,
});

describe('downloading', () => {
  it('fetches, checks, unpacks and loads, with progress', async () => {
    const where = { env: {}, folder: join(await folder(), 'data'), layout, archive: archive('/good') };
    const lines: string[] = [];
    const set = await loadCifar10({ log: (line) => lines.push(line) }, where);
    expect(set).toMatchObject({ standIn: false, train: { count: 5 * records }, test: { count: records } });
    expect((await readdir(where.folder)).sort()).toEqual([...files.keys()].sort());
    expect(lines).toContainEqual(expect.stringContaining('100 %'));
  });

  it.each([
    ['a wrong MD5', '/good', 'f'.repeat(32), /arrived with MD5 [0-9a-f]{32}, but f{32} is published/],
    ['a refusal', '/gone', undefined, /answered 404/],
    ['no answer', '/silent', undefined, /no answer within 0\.3 s/],
    ['a stall', '/stall', undefined, /nothing more arrived within 0\.3 s/],
    [
      'an archive that lacks files',
      '/short',
      md5(short),
      /lacks data_batch_4\.bin, data_batch_5\.bin, test_batch\.bin/,
    ],
  ])('refuses %s, leaves no part, and falls back on the stand-in', async (_, path, sum, message) => {
    const dir = await folder();
    const error = await downloadCifar10(dir, () => {}, archive(path, sum), layout).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DownloadError);
    expect((error as Error).message).toMatch(message);
    expect((await readdir(dir)).filter((name) => name.endsWith('.part'))).toEqual([]);

    const lines: string[] = [];
    const where = { env: {}, folder: dir, layout, archive: archive(path, sum) };
    const set = await loadCifar10({ offlineStandIn: { train: 10, test: 10 }, log: (line) => lines.push(line) }, where);
    expect(set.standIn).toBe(true);
    expect(lines.join('\n')).toMatch(message);
  });

  it('says why when nothing listens there', async () => {
    const nowhere = { ...archive('/'), url: 'http://127.0.0.1:1/' };
    await expect(downloadCifar10(await folder(), () => {}, nowhere, layout)).rejects.toThrow(DownloadError);
  });
});
