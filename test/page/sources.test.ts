// Images that a person gives the page, as files: CIFAR-10 in its binary version, and folders of one's own, taken in as the library takes them from a disk.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Decode } from '../../page/worker/sources/picture.ts';
import { readSource } from '../../page/worker/sources/source.ts';
import { readCifar10 } from '../../src/data/cifar10/format.ts';
import { loadImageFolder } from '../../src/data/folder/image-folder.ts';
import { tinySet, write } from '../data/cifar10/files.ts';

const decode: Decode = async (file) => {
  const { data, info } = await sharp(await file.arrayBuffer(), { failOn: 'error', autoOrient: true })
    .toColorspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
};

const { files: batches, layout } = tinySet();
const world = { software: true, decode, cifar10: layout };
const fileOf = (name: string, bytes: Uint8Array): File => new File([new Uint8Array(bytes)], name);
const take = (files: File[]) => readSource({ kind: 'cifar10', files }, world);

/** One that was moved away after it was chosen. */
function gone(name: string): File {
  const file = new File(['some bytes'], name);
  const arrayBuffer = () => Promise.reject(new DOMException('A requested file could not be found.', 'NotFoundError'));
  return Object.assign(file, { arrayBuffer, slice: () => gone(name) });
}

async function archive(files: ReadonlyMap<string, Uint8Array>): Promise<Buffer> {
  const tar = pack();
  for (const [name, bytes] of files) tar.entry({ name: `cifar-10-batches-bin/${name}` }, Buffer.from(bytes));
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar) parts.push(part as Buffer);
  return gzipSync(Buffer.concat(parts));
}

describe('CIFAR-10', () => {
  const all = [...batches].map(([name, bytes]) => fileOf(name, bytes));

  it('is what the library reads, from its files and from its archive', async () => {
    const own = await readCifar10(await write(batches), layout);
    const packed = fileOf(
      'cifar-10-binary.tar.gz',
      await archive(new Map<string, Uint8Array>([...batches, ['readme.html', new Uint8Array(9)]])),
    );
    const noise = fileOf('batches.meta.txt', new Uint8Array(3));
    for (const files of [[...all, noise], [packed]]) {
      const { name, train, test, leftOut } = await take(files);
      expect({ train, test }).toEqual(own);
      expect(name).toBe('CIFAR-10');
      expect(leftOut).toEqual(files.length > 1 ? ['batches.meta.txt: no batch of CIFAR-10 by its name'] : []);
    }
  });

  it('may lack batches to train on, which is said', async () => {
    const some = all.filter(({ name }) => /^(data_batch_[25]|test_batch)/.test(name));
    const { name, train } = await take(some);
    expect(name).toBe('CIFAR-10, without data_batch_1.bin, data_batch_3.bin, data_batch_4.bin');
    expect(train.count).toBe(6);
  });

  it('is checked before it is used', async () => {
    const change = (name: string, at: number, value: number): File[] =>
      all.map((file) => {
        if (file.name !== name) return file;
        const bytes = new Uint8Array(batches.get(name)!);
        bytes[at] = value;
        return fileOf(name, bytes);
      });
    const cut = new Uint8Array((await archive(batches)).subarray(0, 700));
    const whole = await archive(batches);
    const page = new TextEncoder().encode('<!doctype html><title>404</title>');
    const short = fileOf('test_batch.bin', page);
    const refused: [File[], RegExp][] = [
      [[], /^no file: data_batch_1\.bin, .* missing; CIFAR-10 in its binary version is cifar-10-binary\.tar\.gz of /],
      [all.slice(0, 5), /^data_batch_1\.bin: test_batch\.bin missing; CIFAR-10/],
      [[fileOf('data_batch_1', page)], /missing; this is the Python version\. CIFAR-10/],
      [[...all.slice(0, 5), short], /^test_batch\.bin: this is an HTML page, as a failed download leaves it/],
      [
        change('data_batch_2.bin', 3073, 10),
        /^data_batch_2\.bin: byte 3073, the label of record 1, is 10, outside 0\.\.9/,
      ],
      [change('data_batch_2.bin', 3000, 1), /^data_batch_2\.bin: SHA-256 [0-9a-f]{64}, but CIFAR-10's is [0-9a-f]{64}/],
      [[fileOf('cifar-10-binary.tar.gz', cut)], /^cifar-10-binary\.tar\.gz: it is damaged or cut short/],
      [
        [fileOf('a.tar.gz', gzipSync(new Uint8Array(1000).fill(7)))],
        /^a\.tar\.gz: it is no tar archive, or damaged: byte 0/,
      ],
      [
        [...all.slice(0, 5), gone('test_batch.bin')],
        /^test_batch\.bin: the browser cannot read it; .* Choose it again$/,
      ],
      [[gone('b.tar.gz')], /^b\.tar\.gz: the browser cannot read it; /],
      [[fileOf('a.tar', new Uint8Array(whole))], /missing|damaged/],
    ];
    for (const [files, message] of refused.slice(0, -1))
      await expect(take(files), String(message)).rejects.toThrow(message);
    // What is packed is unpacked whatever it is called.
    await expect(take([fileOf('a.tar', new Uint8Array(whole))])).resolves.toMatchObject({ name: 'CIFAR-10' });
  });
});

describe('a folder', () => {
  const home = mkdtempSync(join(tmpdir(), 'astrogpu-page-'));
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  const folder = join(home, 'pets');

  const picture = (seed: number, width: number, height: number): Promise<Buffer> =>
    sharp(
      Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * seed * 31 + (i >> 7) * 13) & 255),
      {
        raw: { width, height, channels: 3 },
      },
    )
      .png()
      .toBuffer();

  async function put(path: string, bytes: Uint8Array | string): Promise<void> {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }

  beforeAll(async () => {
    for (const [label, name] of ['cat', 'dog', 'emu'].entries())
      for (let i = 0; i < 4; i++)
        await put(`${name}/deep/${i}.png`, await picture(10 * label + i + 1, 20 + 3 * i, 31 - 2 * i));
    await put('cat/broken.jpg', 'no picture');
    await put('dog/notes.txt', 'a text');
    await put('.hidden/a.png', 'x');
  });

  const listed = (dir = folder, as = 'pets'): { path: string; file: File }[] =>
    readdirSync(dir, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return { path: `${as}${path.slice(dir.length)}`, file: fileOf(entry.name, readFileSync(path)) };
      })
      .reverse();
  const taken = (files: { path: string; file: File }[], size?: number) =>
    readSource({ kind: 'folder', files, size }, world);

  it('is what the library reads from a disk, with the same images held out', async () => {
    const own = await loadImageFolder(folder, { size: 16, interpolation: 'bilinear' });
    const { name, train, test, leftOut } = await taken(listed(), 16);
    expect(name).toBe('3 classes of images from pets (of each class some are held out for testing)');
    for (const [mine, theirs] of [
      [train, own.train],
      [test, own.test],
    ] as const) {
      expect(mine.count).toBe(theirs.count);
      expect([...mine.labels]).toEqual([...theirs.labels]);
      expect(Buffer.compare(mine.images, theirs.images)).toBe(0);
      expect(mine.classes).toEqual(['cat', 'dog', 'emu']);
      expect(mine.normalization).toEqual(theirs.normalization);
    }
    expect(train.heldOut).toEqual(own.train.heldOut);
    expect(leftOut).toEqual([
      'pets: 1 file in class folders is no image by its name (1 of .txt)',
      'pets/cat/broken.jpg: not an image of a format that is known here',
    ]);
  });

  it('leaves out files that are there no more, which are told by their names', async () => {
    const files = [...listed(), { path: 'pets/cat/moved.png', file: gone('moved.png') }];
    const { train, test, leftOut } = await taken(files, 8);
    expect(train.count + test.count).toBe(12);
    expect(leftOut).toContain(
      'pets/cat/moved.png: the browser cannot read it; is it still there, and open to you? Choose it again',
    );
    expect(Object.keys(train.heldOut!.known)).not.toContain('cat/moved.png');
  });

  it('may have train/ and val/, and folders before it or none', async () => {
    const files = listed().filter(({ path }) => /png$/.test(path) && !path.includes('hidden'));
    const inParts = (above: string) =>
      files.map(({ path, file }) => ({
        path: path.replace(
          /^pets\/(\w+)\/deep\/(\d)/,
          (_, name, i) => `${above}${i === '3' ? 'val' : 'train'}/${name}/${i}`,
        ),
        file,
      }));
    for (const above of ['', 'a/b/']) {
      const { name, train, test } = await taken(inParts(above), 8);
      expect(name).toBe(`3 classes of images from ${above ? 'a/b' : 'images'} (train/ and val/)`);
      expect([train.count, test.count]).toEqual([9, 3]);
      expect(train.heldOut).toMatchObject({ share: 0, exceptions: [] });
    }
  });

  it('is refused where it is none, in one line that names it', async () => {
    const files = listed();
    const refused: [{ path: string; file: File }[], number | undefined, RegExp][] = [
      [files, 7, /^size 7: takes a whole number of pixels from 8 to 256$/],
      [[], 16, /^the folder: it is empty; choose one/],
      [
        files.filter(({ path }) => path.includes('/emu/')),
        16,
        /^pets\/emu\/deep: holds no class folders, but 4 images/,
      ],
      [files.filter(({ path }) => /emu|broken/.test(path)), 16, /class cat can be decoded/],
      [files.filter(({ path }) => /0\.png/.test(path)), 16, /^pets: no class has more than one image/],
    ];
    for (const [given, size, message] of refused)
      await expect(taken(given, size), String(message)).rejects.toThrow(message);
  });
});
