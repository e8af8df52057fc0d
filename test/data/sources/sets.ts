// Small sets of images in each form that is opened: class folders, ImageNet's archives, WebDataset's shards. Each image is a file of known bytes, or a small JPEG.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { ImageSource } from '../../../src/data/sources/image-source.ts';
import { folder } from '../cifar10/files.ts';

export type Content = Buffer | string;

/** A tar archive of files by name. */
export async function tar(files: Record<string, Content>, format: 'plain' | 'pax' = 'plain'): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files))
    archive.entry({ name, ...(format === 'pax' && { pax: { comment: 'x'.repeat(700) } }) }, content);
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Writes files below a fresh folder, or below `dir`, and returns it. */
export async function put(files: Record<string, Content>, dir?: string): Promise<string> {
  const root = dir ?? (await folder());
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}

/** What the image `name` of a class holds where nothing decodes it. */
export const bytesOf = (name: string): Buffer => Buffer.from(`bytes of ${name}`.repeat(1 + (name.length % 3)));

export const SYNSETS = ['n01440764', 'n02102040', 'n02979186'];

/** ImageNet's archives with three classes: a tar of class tars, and a tar of validation images with a list. */
export async function imageNetTars(): Promise<Record<string, Buffer | string>> {
  const classTars: Record<string, Buffer> = {};
  for (const [k, synset] of [...SYNSETS].reverse().entries()) {
    const names = Array.from({ length: 3 - (k % 2) }, (_, i) => `${synset}_${i + 1}.JPEG`);
    classTars[`${synset}.tar`] = await tar(Object.fromEntries(names.map((name) => [name, bytesOf(name)])));
  }
  const tests = [1, 2, 3, 4].map((i) => `ILSVRC2012_val_0000000${i}.JPEG`);
  return {
    'ILSVRC2012_img_train.tar': await tar(classTars),
    'ILSVRC2012_img_val.tar': await tar(Object.fromEntries(tests.reverse().map((name) => [name, bytesOf(name)]))),
    'LOC_val_solution.csv': `ImageId,PredictionString\n${tests.map((name, i) => `${name.replace('.JPEG', '')},${SYNSETS[i % 3]} 1 2 3 4`).join('\n')}\n`,
  };
}

const element = (type: number, data: Buffer): Buffer => {
  if (data.length <= 4 && data.length > 0) {
    const small = Buffer.alloc(8);
    small.writeUInt16LE(type, 0);
    small.writeUInt16LE(data.length, 2);
    data.copy(small, 4);
    return small;
  }
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(type, 0);
  tag.writeUInt32LE(data.length, 4);
  return Buffer.concat([tag, data, Buffer.alloc(-data.length & 7)]);
};

const words = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);

const array = (kind: number, sides: number[], name: string, ...parts: Buffer[]): Buffer =>
  element(
    14,
    Buffer.concat([element(6, words(kind, 0)), element(5, words(...sides)), element(1, Buffer.from(name)), ...parts]),
  );

/** The development kit's meta.mat, as MATLAB 5 writes it: number i + 1 is the i-th synset. */
export function metaMat(synsets: readonly string[]): Buffer {
  const fields = ['ILSVRC2012_ID', 'WNID', 'words'];
  const names = Buffer.concat(fields.map((name) => Buffer.concat([Buffer.from(name), Buffer.alloc(32 - name.length)])));
  const utf16 = (text: string): Buffer => array(4, [1, text.length], '', element(17, Buffer.from(text, 'utf16le')));
  const values = synsets.flatMap((synset, i) => [
    array(6, [1, 1], '', element(2, Buffer.of(i + 1))),
    utf16(synset),
    utf16('words'),
  ]);
  const all = array(2, [synsets.length, 1], 'synsets', element(5, words(32)), element(1, names), ...values);
  const packed = deflateSync(all);
  return Buffer.concat([
    Buffer.from('MATLAB 5.0 MAT-file'.padEnd(124)),
    Buffer.of(0, 1, 0x49, 0x4d),
    words(15, packed.length),
    packed,
  ]);
}

/** What a source says of all of its images: the end of the name, the label, and whether the bytes are those of the name. */
export const content = (source: ImageSource): [string, number, boolean][] =>
  Array.from({ length: source.count }, (_, item) => {
    const name = source
      .nameOf(item)
      .split(/[\\/]|: /)
      .at(-1)!;
    return [name, source.label(item), Buffer.from(source.read(item)).equals(bytesOf(name))];
  });

export const labels = (source: ImageSource): number[] => content(source).map(([, label]) => label);
