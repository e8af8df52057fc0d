// The standard binary version of CIFAR-10: which files it has, and their way into NHWC. Everything is checked before a byte is used,
// since a damaged file would train to a plausible but wrong accuracy.
import { foreignKind } from '../../io/index.ts';
import { CifarFormatError } from '../errors.ts';
import type { ImageSet } from '../image/image-set.ts';
import { md5Of } from './md5.ts';

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

/** The bytes of a batch file, what messages call it, and the MD5 that it must have. */
export interface CifarBatch {
  path: string;
  bytes: Uint8Array;
  md5: string;
}

/** The images of some batch files of `records` each, in order; `md5` is how their MD5 is found, where there is a faster way than by hand. Throws CifarFormatError for one of the wrong size, with a label out of range (naming its byte) or of another MD5. */
export function cifarSet(
  name: string,
  batches: readonly CifarBatch[],
  records: number,
  md5: (bytes: Uint8Array) => string = md5Of,
): ImageSet {
  const count = batches.length * records;
  const images = new Uint8Array(count * pixels * channels);
  const labels = new Uint8Array(count);
  for (const [index, batch] of batches.entries()) {
    checkBatch(batch, records, md5);
    const { bytes } = batch;
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
function checkBatch({ path, bytes, md5 }: CifarBatch, records: number, md5Of: (bytes: Uint8Array) => string): void {
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
  const sum = md5Of(bytes);
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
