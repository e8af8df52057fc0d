// The standard binary version of CIFAR-10: which files it has, and their way into NHWC. Everything is checked before a byte is used,
// since a damaged file would train to a plausible but wrong accuracy.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { foreignKind } from '../../io/index.ts';
import { CifarFormatError, DataNotFoundError } from '../errors.ts';
import type { ImageSet } from '../image/image-set.ts';

const side = 32;
const pixels = side * side;
const channels = 3;
/** One label, then the red, the green and the blue plane. */
const recordBytes = 1 + channels * pixels;

/** A batch file: `records` × 3073 bytes, with its published MD5. */
export interface CifarFile {
  name: string;
  md5: string;
}

/** The files of a set in the binary version of CIFAR-10. Tests put a few records where the real set has 10,000. */
export interface CifarLayout {
  train: readonly CifarFile[];
  test: readonly CifarFile[];
  records: number;
}

/** Names of CIFAR-10's classes, by label. */
export const cifar10Classes = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;

/** Files of CIFAR-10's binary version with their MD5, and the records in each. */
export const cifar10Layout: CifarLayout = {
  train: [
    { name: 'data_batch_1.bin', md5: '5dd7e06a14cb22eb9f671a540d1b7c25' },
    { name: 'data_batch_2.bin', md5: '5ea93a67294ea407fff1d09f752e9692' },
    { name: 'data_batch_3.bin', md5: '942cd6a4bcdd0dd3c604fbe906cb4421' },
    { name: 'data_batch_4.bin', md5: 'ae636b3ba5c66a11e91e8cb52e771fcb' },
    { name: 'data_batch_5.bin', md5: '53f37980c15c3d472c316c40844f3f0d' },
  ],
  test: [{ name: 'test_batch.bin', md5: '803d5f7f4d78ea53de84dbe85f74fb6d' }],
  records: 10_000,
};

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

/** The folder that holds all files of the layout: `dir` or its `cifar-10-batches-bin`; undefined if neither does. */
export async function findCifar10(dir: string, layout: CifarLayout = cifar10Layout): Promise<string | undefined> {
  const names = [...layout.train, ...layout.test].map((file) => file.name);
  for (const folder of [dir, join(dir, 'cifar-10-batches-bin')]) {
    const there = await Promise.all(names.map((name) => isFile(join(folder, name))));
    if (there.every(Boolean)) return folder;
  }
  return undefined;
}

/**
 * Both halves of CIFAR-10 from a folder that holds the files of the binary version itself or in `cifar-10-batches-bin`. Throws DataNotFoundError for a missing folder or file, CifarFormatError for a file
 * of the wrong size, a label out of range (with its byte) or a wrong MD5.
 */
export async function readCifar10(
  dir: string,
  layout: CifarLayout = cifar10Layout,
): Promise<{ train: ImageSet; test: ImageSet }> {
  const folder = (await findCifar10(dir, layout)) ?? (await nearest(dir, layout));
  return {
    train: await readSplit('CIFAR-10 train', folder, layout.train, layout.records),
    test: await readSplit('CIFAR-10 test', folder, layout.test, layout.records),
  };
}

/** Never returns: says which file is missing, in the folder that was most likely meant. */
async function nearest(dir: string, layout: CifarLayout): Promise<never> {
  if (!(await isFolder(dir)))
    throw new DataNotFoundError(`${dir}: no such folder; it should hold the binary version of CIFAR-10`);
  const inner = join(dir, 'cifar-10-batches-bin');
  const folder = (await isFolder(inner)) ? inner : dir;
  const missing: string[] = [];
  for (const { name } of [...layout.train, ...layout.test]) if (!(await isFile(join(folder, name)))) missing.push(name);
  const python = (await isFile(join(dir, 'data_batch_1'))) || (await isFolder(join(dir, 'cifar-10-batches-py')));
  const hint = python
    ? 'this is the Python version, the binary version is needed'
    : 'it should hold the binary version of CIFAR-10';
  throw new DataNotFoundError(`${folder}: ${missing.join(', ')} missing; ${hint} (datasets/cifar-10/README.md)`);
}

async function readSplit(
  name: string,
  folder: string,
  files: readonly CifarFile[],
  records: number,
): Promise<ImageSet> {
  const count = files.length * records;
  const images = new Uint8Array(count * pixels * channels);
  const labels = new Uint8Array(count);
  for (const [index, file] of files.entries()) {
    const path = join(folder, file.name);
    const bytes = await readFile(path);
    checkBatch(path, bytes, records, file.md5);
    const first = index * records;
    for (let r = 0; r < records; r++) {
      const at = r * recordBytes;
      labels[first + r] = bytes[at]!;
      interleave(bytes, at + 1, images, (first + r) * pixels * channels);
    }
  }
  return { name, images, labels, count, height: side, width: side, channels, classes: cifar10Classes };
}

/** Size first, then labels (which can name a byte), then the checksum (which cannot). */
function checkBatch(path: string, bytes: Uint8Array, records: number, md5: string): void {
  const expected = records * recordBytes;
  if (bytes.length !== expected) {
    const foreign = foreignKind(bytes);
    if (foreign) throw new CifarFormatError(path, `this is ${foreign}`, 0);
    const how = bytes.length < expected ? 'cut short' : 'too long';
    throw new CifarFormatError(
      path,
      `${bytes.length} bytes, but ${records} records of ${recordBytes} bytes are ${expected}: the file is ${how}; copy or download it again`,
      Math.min(bytes.length, expected),
    );
  }
  for (let r = 0; r < records; r++) {
    const at = r * recordBytes;
    if (bytes[at]! >= cifar10Classes.length) {
      throw new CifarFormatError(
        path,
        `byte ${at}, the label of record ${r}, is ${bytes[at]}, outside 0..${cifar10Classes.length - 1}; copy or download the file again`,
        at,
      );
    }
  }
  const sum = createHash('md5').update(bytes).digest('hex');
  if (sum !== md5) {
    throw new CifarFormatError(
      path,
      `MD5 ${sum}, but CIFAR-10's is ${md5}: the file is damaged or another data set; copy it again, or fetch it with \`node datasets/cifar-10/prepare.js\``,
    );
  }
}

/** One image from three planes to pixels of three bytes. */
function interleave(from: Uint8Array, at: number, to: Uint8Array, start: number): void {
  for (let p = 0, o = start; p < pixels; p++, o += channels) {
    to[o] = from[at + p]!;
    to[o + 1] = from[at + pixels + p]!;
    to[o + 2] = from[at + 2 * pixels + p]!;
  }
}
