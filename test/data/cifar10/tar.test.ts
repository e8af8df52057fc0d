// Archives as they come: whole ones give their files however the stream is cut, and every other one is a typed line.
import { Readable } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { type TarFile, type UntarOptions, untar } from '../../../src/data/cifar10/tar.ts';
import { ArchiveError } from '../../../src/data/errors.ts';

async function archiveOf(
  ...entries: { name: string; content?: string; type?: 'file' | 'symlink' | 'directory' }[]
): Promise<Buffer> {
  const archive = pack();
  for (const { name, content = '', type = 'file' } of entries)
    archive.entry({ name, type, ...(type === 'symlink' && { linkname: '/etc/passwd' }) }, content);
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

async function* cutBy(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function filesOf(stream: AsyncIterable<Uint8Array>, options?: UntarOptions): Promise<[string, string][]> {
  const files: TarFile[] = [];
  for await (const file of untar(stream, options)) files.push(file);
  return files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]);
}

const refusal = async (stream: AsyncIterable<Uint8Array>, options?: UntarOptions): Promise<string> => {
  const error = await filesOf(stream, options).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(ArchiveError);
  expect(error.message).not.toContain('\n');
  return error.message;
};

describe('untar', () => {
  const long = `${'folder/'.repeat(30)}name`;
  it.each([1, 100, 512, 5000])('gives regular files, whole, from a stream in pieces of %i bytes', async (size) => {
    const archive = await archiveOf(
      { name: 'a/', type: 'directory' },
      { name: 'a/one', content: 'x'.repeat(1000) },
      { name: 'a/link', type: 'symlink' },
      { name: 'a/empty' },
      { name: long, content: 'deep' },
    );
    expect(await filesOf(cutBy(archive, size))).toEqual([
      ['a/one', 'x'.repeat(1000)],
      ['a/empty', ''],
      [long, 'deep'],
    ]);
    expect(await filesOf(cutBy(archive, size), { wanted: (path) => path === long })).toEqual([[long, 'deep']]);
  });

  it.each(['../evil', 'a/../../evil', '/etc/passwd', 'C:\\evil', 'a\\..\\..\\evil'])(
    'refuses the path %s',
    async (name) => {
      const archive = await archiveOf({ name: 'good', content: 'x' }, { name, content: 'x' });
      expect(await refusal(cutBy(archive, 512), { name: 'x.tar' })).toBe(
        `x.tar: its entry ${JSON.stringify(name)} would lie outside the folder that it is unpacked to`,
      );
    },
  );

  it('refuses an archive that is cut short anywhere in a file, damaged, or no archive', async () => {
    const archive = await archiveOf({ name: 'one', content: 'x'.repeat(2000) });
    for (const length of [100, 600, 2000, 2511])
      expect(await refusal(cutBy(archive.subarray(0, length), 300))).toMatch(/cut short/);
    const damaged = Buffer.from(archive);
    damaged[3] ^= 1;
    expect(await refusal(cutBy(damaged, 512))).toMatch(/^the archive: it is damaged/);
    expect(await refusal(cutBy(Buffer.from('no archive '.repeat(100)), 512))).toMatch(/damaged/);
    const gunzip = (bytes: Uint8Array) => Readable.from([bytes]).pipe(createGunzip());
    expect(await refusal(gunzip(gzipSync(archive).subarray(0, 60)))).toMatch(
      /damaged or cut short \(unexpected end of file\)/,
    );
    expect(await refusal(gunzip(Buffer.from('no gzip')))).toMatch(/incorrect header check/);
  });

  it('refuses one that unpacks to more than is allowed, without holding it', async () => {
    const archive = await archiveOf({ name: 'one', content: 'x'.repeat(100_000) });
    expect(await refusal(cutBy(archive, 1000), { most: 50_000 })).toMatch(/it holds more than 50000 bytes/);
  });
});
