// Folders of images with bad files among good ones, and options that no folder can follow.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ImageFolderError, ImageRangeError } from '../../../src/data/errors.ts';
import { loadImageFolder, loadTestFolder } from '../../../src/data/folder/image-folder.ts';
import { classes, failure, files, load, plain, reds, truncatedJpeg } from './image-files.ts';

describe('bad files among good ones', () => {
  it('are left out, told one by one, and the rest stays in order', async () => {
    const dir = await files({
      ...(await classes(['a', 'b'], 4, 'train/')),
      ...(await classes(['a', 'b'], 1, 'val/')),
      'train/a/000.jpg': await truncatedJpeg(),
      'train/a/002x.jpg': 'garbage',
      'val/b/none.gif': '',
    });
    const lines: string[] = [];
    const { train, test, skipped } = await load(dir, { log: (line) => lines.push(line) });
    expect([reds(train), [...train.labels]]).toEqual([
      [0, 1, 2, 3, 20, 21, 22, 23],
      [0, 0, 0, 0, 1, 1, 1, 1],
    ]);
    expect([train.images.length, train.labels.length, reds(test)]).toEqual([8 * 48, 8, [0, 20]]);
    expect(skipped.map(({ file }) => file)).toEqual(
      ['train/a/000.jpg', 'train/a/002x.jpg', 'val/b/none.gif'].map((name) => join(dir, name)),
    );
    expect(lines.filter((line) => line.startsWith('data: skipped'))).toEqual(
      skipped.map(({ file, reason }) => `data: skipped ${file}: ${reason}`),
    );
    expect(lines.at(-1)).toContain('(8 train, 2 test, 3 skipped)');
  });

  it('are not all listed when they are many', async () => {
    const bad = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`train/a/bad${i}.jpg`, 'x']));
    const dir = await files({
      ...(await classes(['a', 'b'], 1, 'train/')),
      ...(await classes(['a', 'b'], 1, 'val/')),
      ...bad,
    });
    const lines: string[] = [];
    await load(dir, { log: (line) => lines.push(line) });
    expect(lines.filter((line) => line.startsWith('data: skipped'))).toHaveLength(5);
    expect(lines).toContain('data: and 3 more');
  });

  it('are named in training, whatever is odd about them, and an error where a result is of all of them', async () => {
    const dir = await files({
      ...(await classes(['a', 'b'], 6)),
      'a/strip.png': await plain([9, 9, 9], 200_000, 1).png().toBuffer(),
      'a/photo.heic': Buffer.from('\0\0\0\x18ftypheic', 'latin1'),
      'b/pointer.jpg': 'version https://git-lfs.github.com/spec/v1\n',
    });
    const { train, test, skipped } = await loadImageFolder(dir, { size: 224 });
    expect(train.count + test.count).toBe(12);
    const reasons = skipped.map(({ file, reason }) => `${file.slice(dir.length)}: ${reason}`).sort();
    expect(reasons.map((line) => line.slice(0, 40))).toEqual([
      '/a/photo.heic: this is HEIC, which is no',
      '/a/strip.png: the middle 224×224 of a pi',
      '/b/pointer.jpg: this is a Git LFS pointe',
    ]);
    expect((await loadTestFolder(dir, { size: 8 })).test.count).toBe(12);
    const error = await failure(loadTestFolder(dir, { size: 8, refuseOdd: true }));
    expect(error).toBeInstanceOf(ImageFolderError);
    expect(error.message).toMatch(
      /^\S*(photo\.heic|pointer\.jpg): this is .*; with it, 3 images cannot be decoded, and a result without it would be of other images/,
    );
  });

  it('are an error when a class has no others', async () => {
    const dir = await files({ ...(await classes(['a'], 3)), 'b/1.jpg': 'x', 'b/2.jpg': 'x', 'b/3.jpg': 'x' });
    const error = await failure(load(dir));
    expect(error).toBeInstanceOf(ImageFolderError);
    expect(error.message).toBe(
      `${dir}: none of the 2 training images of class b can be decoded (2.jpg: not an image of a format that is known here); replace them or remove the class`,
    );
  });

  it('are an error when nothing is left for testing', async () => {
    const dir = await files({ ...(await classes(['a', 'b'], 1, 'train/')), 'val/a/1.jpg': 'x' });
    expect((await failure(load(dir))).message).toBe(
      `${dir}: none of the test images can be decoded (1.jpg: not an image of a format that is known here); replace them`,
    );
  });
});

describe('options of no use', () => {
  it('nothing to hold out', async () => {
    const dir = await files(await classes(['a', 'b'], 1));
    expect((await failure(load(dir))).message).toMatch(/no class has more than one image/);
  });

  it('more than one set can hold is told before it is decoded', async () => {
    const dir = await files(await classes(['a', 'b'], 2));
    expect((await failure(load(dir, { size: 100_000 }))).message).toContain('choose a smaller size or fewer images');
  });

  it.each([{ size: 0 }, { size: 1.5 }, { heldOut: 0 }, { heldOut: 1 }, { heldOut: Number.NaN }])(
    'refuses %j',
    async (options) => {
      expect(await failure(load('anywhere', options))).toBeInstanceOf(ImageRangeError);
    },
  );
});
