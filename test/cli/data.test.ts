// Images that a command works on: which way they are read where nobody said so, and what can be said of them besides.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadingBySize, openData, openTestData } from '../../src/cli/common/data.ts';
import { UsageError } from '../../src/cli/common/options.ts';
import { measureFolder } from '../../src/data/folder/folder-size.ts';
import { isOnDisk } from '../../src/data/loader/task-images.ts';
import type { SourceChoice } from '../../src/data/sources/open-image-source.ts';
import { sourceChoice } from '../../src/train/options/disk-options.ts';
import { failure, png } from '../data/folder/image-files.ts';
import { put, tar } from '../data/sources/sets.ts';

const log = (): void => {};
const drawn = { train: 2, test: 2 };
const disk = () => ({
  ...{ normalization: { mean: [0, 0, 0], std: [1, 1, 1] }, workers: 1 },
  ...{ training: { size: 8 }, evaluation: { size: 8 } },
});

/** A folder of so many files to train on, of no content, and two to test with, named as `split` is. */
async function many(count: number, split?: string): Promise<string> {
  const files: Record<string, string> =
    split === undefined ? {} : { [`${split}/0/a.jpg`]: '', [`${split}/1/b.jpg`]: '' };
  for (let i = 0; i < count; i++) files[`${split === undefined ? '' : 'train/'}${i % 2}/${i}.jpg`] = '';
  return put(files);
}

it('memory is measured by the number of images, no further than needed', async () => {
  const dir = await many(10, 'val');
  expect(await measureFolder(dir, { size: 2, most: 12 * 12 })).toEqual({ fits: true, apart: true });
  expect(await measureFolder(dir, { size: 2, most: 12 * 12 - 1 })).toEqual({ fits: false, apart: true });
  expect(await measureFolder(await many(10), { size: 2, most: 12 * 10 })).toEqual({ fits: true, apart: false });
});

it('a folder that memory would not hold is read from the disk, where it has a part for testing, and that is said', async () => {
  const [apart, alone] = [await many(90, 'val'), await many(90)];
  const lines: string[] = [];
  const by = (data: string, size: number, choice?: SourceChoice) =>
    loadingBySize({ data, size, choice, log: (line) => lines.push(line) });
  // 86 images of 4096×4096 are 4 GiB.
  expect(await by(apart, 4096)).toBe('disk');
  expect(lines).toEqual([
    expect.stringMatching(
      /^data: .* has more images than memory should hold: of 4096×4096 more than .* GiB; they are read from the disk/,
    ),
  ]);
  expect(await by(apart, 224)).toBeUndefined();
  expect(await by(alone, 4096)).toBeUndefined();
  expect(await by('stand-in', 4096)).toBeUndefined();
  expect(lines).toHaveLength(1);
  expect(await by(alone, 4096, { test: apart })).toBe('disk');
  const tests = await openTestData({ data: apart, size: 4096, drawn, log });
  expect([isOnDisk(tests.test), tests.tests, tests.apart]).toEqual([true, 2, true]);
});

it('shards to train on have those to test with beside them, and a field that has the label', async () => {
  const files: Record<string, Buffer> = {};
  for (const part of ['train', 'val'])
    for (const label of [0, 1])
      files[`${part}-${label}.tar`] = await tar({ 'k.png': await png(9, 9, 9), 'k.json': `{"cls": ${label}}` });
  const dir = await put(files);
  const choice = sourceChoice({ valData: join(dir, 'val-{0..1}.tar'), labelField: 'cls' });
  const data = await openData({ data: join(dir, 'train-{0..1}.tar'), size: 8, drawn, choice, disk, log });
  expect([data.train.count, data.test.count, data.train.classes]).toEqual([2, 2, ['0', '1']]);
  const without = openData({
    data: join(dir, 'train-{0..1}.tar'),
    size: 8,
    drawn,
    choice: { labelField: 'cls' },
    disk,
    log,
  });
  expect((await failure(without)).message).toMatch(/--val-data PATH names it/);
});

it('a part for testing is chosen by its name, in memory too, and not of CIFAR-10', async () => {
  const files: Record<string, Buffer> = {};
  for (const part of ['train', 'val', 'extra'])
    for (const label of [0, 1])
      for (let i = 0; i < (part === 'extra' ? 3 : 1); i++) files[`${part}/${label}/${i}.png`] = await png(9 * i, 9, 9);
  const dir = await put(files);
  const choice = sourceChoice({ valSplit: 'extra' });
  expect((await openData({ data: dir, size: 8, drawn, choice, disk, log })).test.count).toBe(6);
  expect((await openTestData({ data: dir, size: 8, drawn, choice, log })).test.count).toBe(6);
  for (const open of [openData, openTestData])
    expect(await failure(open({ data: 'stand-in', size: 32, drawn, choice, log }))).toBeInstanceOf(UsageError);
});
