// The standard binary version of CIFAR-10: which files it has, and their way into NHWC. Everything is checked before a byte is used,
// since a damaged file would train to a plausible but wrong accuracy.
import { foreignKind } from '../../io/index.ts';
import { sha256 } from '../../nn/index.ts';
import { CifarFormatError } from '../errors.ts';
import type { ImageSet } from '../image/image-set.ts';

const side = 32;
const pixels = side * side;
const channels = 3;
/** One label, then the red, the green and the blue plane. */
const recordBytes = 1 + channels * pixels;

/** A batch file: `records` × 3073 bytes, with the SHA-256 of the published one. */
export interface CifarFile {
  name: string;
  sha256: string;
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

/** Files of CIFAR-10's binary version with their SHA-256, and the records in each. The MD5 that are published of them were right where these were taken. */
export const cifar10Layout: CifarLayout = {
  train: [
    { name: 'data_batch_1.bin', sha256: 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5' },
    { name: 'data_batch_2.bin', sha256: 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed' },
    { name: 'data_batch_3.bin', sha256: 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67' },
    { name: 'data_batch_4.bin', sha256: '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48' },
    { name: 'data_batch_5.bin', sha256: '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add' },
  ],
  test: [{ name: 'test_batch.bin', sha256: '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b' }],
  records: 10_000,
};

/** The bytes of a batch file, what messages call it, and the SHA-256 that it must have. */
export interface CifarBatch {
  path: string;
  bytes: Uint8Array;
  sha256: string;
}

/** The images of some batch files of `records` each, in order. Throws CifarFormatError for one of the wrong size, with a label out of range (naming its byte) or of another SHA-256. */
export async function cifarSet(name: string, batches: readonly CifarBatch[], records: number): Promise<ImageSet> {
  const count = batches.length * records;
  const images = new Uint8Array(count * pixels * channels);
  const labels = new Uint8Array(count);
  for (const [index, batch] of batches.entries()) {
    await checkBatch(batch, records);
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
async function checkBatch({ path, bytes, sha256: wanted }: CifarBatch, records: number): Promise<void> {
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
  const sum = await sha256([bytes]);
  if (sum !== wanted) {
    throw new CifarFormatError(
      path,
      `SHA-256 ${sum}, but CIFAR-10's is ${wanted}: the file is damaged or another data set; copy it again, or fetch it with \`node datasets/cifar-10/prepare.js\``,
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
