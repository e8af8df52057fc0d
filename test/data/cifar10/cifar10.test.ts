// The loader of CIFAR-10: what stands where after the way from planes to NHWC, and every way in which a file can be off.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CifarWorld, type LoadCifar10Options, loadCifar10 } from '../../../src/data/cifar10/cifar10.ts';
import { cifar10Archive } from '../../../src/data/cifar10/download.ts';
import { readCifar10 } from '../../../src/data/cifar10/format.ts';
import { CifarFormatError, DataNotFoundError } from '../../../src/data/errors.ts';
import { CIFAR10_NEEDED, hasCifar10 } from '../../support/cifar10.ts';
import { folder, label, pixel, recordBytes, records, tinySet, write } from './files.ts';

async function failure(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => {
      throw new Error('this should have failed');
    },
    (error: Error) => error,
  );
}

describe('reading', () => {
  it('lays planes out as NHWC, files in order, labels beside', async () => {
    const { files, layout } = tinySet();
    const { train, test } = await readCifar10(await write(files), layout);
    expect([train.count, test.count]).toEqual([5 * records, records]);
    expect([train.height, train.width, train.channels, train.classes.length]).toEqual([32, 32, 3, 10]);
    for (const [set, firstFile] of [
      [train, 0],
      [test, 5],
    ] as const) {
      const images = new Uint8Array(set.count * 3072);
      for (let n = 0; n < set.count; n++) {
        const [file, r] = [firstFile + Math.floor(n / records), n % records];
        expect(set.labels[n]).toBe(label(file, r));
        for (let i = 0; i < 3072; i++) images[n * 3072 + i] = pixel(file, r, i % 3, Math.floor(i / 3));
      }
      expect(Buffer.compare(set.images, images)).toBe(0);
    }
  });

  it('finds the files in cifar-10-batches-bin too', async () => {
    const { files, layout } = tinySet();
    const { train } = await readCifar10(await write(files, 'cifar-10-batches-bin'), layout);
    expect(train.count).toBe(5 * records);
  });

  it.each([-1, 1])('refuses a file whose size is off by %i, and names it and its sizes', async (off) => {
    const { files, layout } = tinySet();
    const bytes = Buffer.concat([files.get('data_batch_3.bin')!, Buffer.alloc(1)]);
    files.set('data_batch_3.bin', bytes.subarray(0, records * recordBytes + off));
    const error = await failure(readCifar10(await write(files), layout));
    expect(error).toBeInstanceOf(CifarFormatError);
    expect(error.message).toContain('data_batch_3.bin');
    expect(error.message).toContain(`${records * recordBytes + off} bytes`);
    expect((error as CifarFormatError).byte).toBe(records * recordBytes + Math.min(off, 0));
  });

  it('refuses a label out of range and names its byte', async () => {
    const { files, layout } = tinySet();
    files.get('test_batch.bin')![2 * recordBytes] = 10;
    const error = await failure(readCifar10(await write(files), layout));
    expect(error).toBeInstanceOf(CifarFormatError);
    expect(error.message).toMatch(/test_batch\.bin: byte 6146, the label of record 2, is 10, outside 0\.\.9/);
    expect((error as CifarFormatError).byte).toBe(6146);
  });

  it('refuses one changed pixel by SHA-256, with both sums and what to do', async () => {
    const { files, layout } = tinySet();
    files.get('data_batch_2.bin')![100]! ^= 1;
    const error = await failure(readCifar10(await write(files), layout));
    expect(error).toBeInstanceOf(CifarFormatError);
    expect(error.message).toMatch(/data_batch_2\.bin: SHA-256 [0-9a-f]{64}/);
    expect(error.message).toContain(layout.train[1]!.sha256);
    expect(error.message).toContain('prepare.js');
  });

  it('names every missing file', async () => {
    const { files, layout } = tinySet();
    files.delete('data_batch_4.bin');
    files.delete('test_batch.bin');
    const error = await failure(readCifar10(await write(files), layout));
    expect(error).toBeInstanceOf(DataNotFoundError);
    expect(error.message).toContain('data_batch_4.bin, test_batch.bin missing');
  });

  it('names a missing folder', async () => {
    const dir = join(await folder(), 'nowhere');
    const error = await failure(readCifar10(dir));
    expect(error).toBeInstanceOf(DataNotFoundError);
    expect(error.message).toContain(`${dir}: no such folder`);
  });

  it('recognizes the Python version', async () => {
    const dir = await folder();
    await writeFile(join(dir, 'data_batch_1'), 'pickle');
    expect((await failure(readCifar10(dir))).message).toContain('this is the Python version');
  });
});

describe('where the set comes from', () => {
  const standIn = { train: 20, test: 10 };

  async function world(env: Record<string, string> = {}): Promise<CifarWorld> {
    return { env, folder: join(await folder(), 'data'), layout: tinySet().layout, archive: cifar10Archive };
  }
  const load = (options: LoadCifar10Options, where: CifarWorld) =>
    loadCifar10({ allowDownload: false, offlineStandIn: standIn, ...options }, where);

  it('is --data before $CIFAR10_DIR', async () => {
    const dir = await write(tinySet().files);
    const set = await load({ dir }, await world({ CIFAR10_DIR: '/nowhere' }));
    expect(set).toMatchObject({ standIn: false, source: `CIFAR-10 from ${dir}` });
  });

  it('is $CIFAR10_DIR before datasets/', async () => {
    const dir = await write(tinySet().files);
    const where = { ...(await world({ CIFAR10_DIR: dir })), folder: await write(tinySet().files) };
    expect((await load({}, where)).source).toBe(`CIFAR-10 from ${dir} ($CIFAR10_DIR)`);
  });

  it('is datasets/ when none is named', async () => {
    const where = { ...(await world()), folder: await write(tinySet().files) };
    expect((await load({}, where)).source).toBe(`CIFAR-10 from ${where.folder}`);
  });

  it('never is the stand-in when a named folder is bad', async () => {
    const empty = await folder();
    await expect(load({ dir: empty }, await world())).rejects.toThrow(DataNotFoundError);
    await expect(load({}, await world({ CIFAR10_DIR: empty }))).rejects.toThrow(DataNotFoundError);
  });

  it('is the stand-in at last, which says so in words, source and name', async () => {
    const lines: string[] = [];
    const set = await load({ log: (line) => lines.push(line) }, await world());
    expect(set.standIn).toBe(true);
    expect([set.train.count, set.test.count]).toEqual([20, 10]);
    expect(lines.join('\n')).toContain('THIS IS NOT CIFAR-10');
    expect(set.source).toContain('NOT CIFAR-10');
    expect(set.train.name).toContain('not CIFAR-10');
  });

  it('is an error when neither download nor stand-in is allowed', async () => {
    await expect(load({ offlineStandIn: false }, await world())).rejects.toThrow(DataNotFoundError);
  });
});

describe.skipIf(!hasCifar10)(`the real CIFAR-10 ${CIFAR10_NEEDED}`, () => {
  it('has 5,000 and 1,000 images a class, and the published mean color', async () => {
    const { train, test, standIn } = await loadCifar10({ allowDownload: false });
    expect(standIn).toBe(false);
    for (const [set, each] of [
      [train, 5000],
      [test, 1000],
    ] as const) {
      const counts = new Array<number>(10).fill(0);
      for (const l of set.labels) counts[l]!++;
      expect(counts).toEqual(new Array(10).fill(each));
    }
    const sums = [0, 0, 0];
    for (let i = 0; i < train.images.length; i += 3) for (let c = 0; c < 3; c++) sums[c]! += train.images[i + c]!;
    const means = sums.map((sum) => sum / (train.count * 1024) / 255);
    // The widely published means, given there to four places.
    for (const [c, mean] of [0.4914, 0.4822, 0.4465].entries()) expect(Math.abs(means[c]! - mean)).toBeLessThan(1e-4);
    expect(train.classes[train.labels[0]!]).toBe('frog');
  });
});
