// Sets of data that come as they were published: tar archives and the binaries of CIFAR-10.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { readCifar10 } from '../../../src/data/cifar10/format.ts';
import { untar } from '../../../src/data/cifar10/tar.ts';
import { recordBytes, tinySet } from '../../data/cifar10/files.ts';
import { damaged, pick, type Random } from '../mutate.ts';
import { put, type Reader } from './reader.ts';

export async function tarReader(): Promise<Reader> {
  const archive = pack();
  archive.entry({ name: 'set/', type: 'directory' });
  archive.entry({ name: 'set/one.bin' }, Buffer.alloc(700, 3));
  archive.entry({ name: `set/${'long/'.repeat(40)}two.bin` }, 'two');
  archive.entry({ name: 'set/link', type: 'symlink', linkname: 'one.bin' });
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  const tar = Buffer.concat(parts);
  const zipped = gzipSync(tar);
  const read = async (path: string, plain: boolean): Promise<void> => {
    const bytes = Readable.from([readFileSync(path)]);
    const stream = plain ? bytes : bytes.pipe(createGunzip());
    for await (const _ of untar(stream, { name: path }));
  };
  return {
    name: 'tar and tar.gz',
    write: (folder, random) => {
      const plain = random() < 0.6;
      const seeds = [plain ? tar : zipped];
      // Headers lie at whole blocks; a number in them is what lengths are.
      const bytes = random() < 0.3 && plain ? withSize(tar, random) : damaged(random, seeds[0], seeds);
      return put(join(folder, plain ? 'a.tar' : 'a.tar.gz'), bytes);
    },
    read: (folder) => {
      const [path, plain] = existsSync(join(folder, 'a.tar'))
        ? [join(folder, 'a.tar'), true]
        : [join(folder, 'a.tar.gz'), false];
      return read(path as string, plain as boolean);
    },
  };
}

/** A tar whose first file says another size, type or name, under a checksum that is right. */
function withSize(tar: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(tar);
  const header = bytes.subarray(512, 1024);
  const size = pick(random, [
    '00000000000',
    '77777777777',
    '00000000001',
    '-0000000001',
    'zzzzzzzzzzz',
    '\x80\0\0\x7f\xff\xff\xff\xff\xff\xff\xff',
  ]);
  header.write(size, 124, 'latin1');
  if (random() < 0.3) header.write(pick(random, ['x', 'g', 'L', 'K', '5', '2', 'S', '\0']), 156, 'latin1');
  if (random() < 0.2) header.write(pick(random, ['../evil\0', '/etc/evil\0', 'a/../../b\0', '\0']), 0, 'latin1');
  header.write('        ', 148);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return bytes;
}

const { files: cifar, layout } = tinySet();
const sums = new Map<string, typeof layout>();
export const cifarReader: Reader = {
  name: 'CIFAR-10 binaries',
  write(folder, random) {
    const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    const names = [...cifar.keys()];
    const name = pick(random, names);
    let written = 0;
    const files = new Map(cifar);
    const seeds = [...cifar.values()];
    const bytes = random() < 0.5 ? damaged(random, cifar.get(name)!, seeds) : Buffer.from(cifar.get(name)!);
    if (bytes.length >= recordBytes && random() < 0.5)
      bytes[pick(random, [0, recordBytes])] = pick(random, [9, 10, 255]);
    files.set(name, bytes);
    for (const [each, content] of files)
      if (each !== name || random() > 0.05) written += put(join(folder, each), content);
    // Half of the time the published sum is that of the damaged file, so that what lies behind it is reached.
    const right = random() < 0.5;
    const sumOf = ({ name: each, sha256: sum }: (typeof layout.train)[number]) => ({
      name: each,
      sha256: right ? sha256(files.get(each)!) : sum,
    });
    sums.set(folder, { ...layout, train: layout.train.map(sumOf), test: layout.test.map(sumOf) });
    return written;
  },
  read: (folder) => readCifar10(folder, sums.get(folder)),
};
