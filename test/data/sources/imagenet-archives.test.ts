// ImageNet's archives as sources of images: labels from lists, synsets and the development kit; and what is refused.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ImageSourceError } from '../../../src/data/errors.ts';
import { openImageSource } from '../../../src/data/sources/open-image-source.ts';
import { damaged, stream } from '../../fuzz/mutate.ts';
import { failure } from '../folder/image-files.ts';
import { content, imageNetTars, labels, metaMat, put, SYNSETS, tar } from './sets.ts';

describe("ImageNet's archives", () => {
  it('are read where they lie', async () => {
    const dir = await put(await imageNetTars());
    const set = await openImageSource(dir);
    expect(set.train.folders).toEqual(SYNSETS);
    expect(content(set.train)).toEqual(
      [3, 2, 3].flatMap((count, k) =>
        Array.from({ length: count }, (_, i) => [`${SYNSETS[k]}_${i + 1}.JPEG`, k, true]),
      ),
    );
    expect(content(set.test!)).toEqual(
      [1, 0, 2, 1].map((_, i) => [`ILSVRC2012_val_0000000${i + 1}.JPEG`, [0, 2, 1, 0][i], true]),
    );
    expect(set.train.nameOf(0)).toBe(`${dir}/ILSVRC2012_img_train.tar: n01440764.tar: n01440764_1.JPEG`);
    expect(readdirSync(dir).filter((name) => !name.startsWith('.'))).toHaveLength(3);
    set.close();
  });

  it.each([
    [
      'name and label',
      'ILSVRC2012_val_00000002.JPEG 0\nILSVRC2012_val_00000001.JPEG 2\nILSVRC2012_val_00000003.JPEG 1\nILSVRC2012_val_00000004 1\n',
      [2, 0, 1, 1],
    ],
    ['classes in order', `${[2, 0, 1, 1].map((label) => SYNSETS[label]).join('\r\n')}\n`, [2, 0, 1, 1]],
    ['labels in order', '2\n0\n1\n1\n', [2, 0, 1, 1]],
  ])('have their labels from %s', async (_, list, expected) => {
    const dir = await put({ ...(await imageNetTars()), 'mine.txt': list });
    const { test } = await openImageSource(dir, { labels: join(dir, 'mine.txt') });
    expect(labels(test!)).toEqual(expected);
  });

  it.each([
    ['1\n2\n3\n1\n', /mine\.txt: counts classes from 1, in the development kit's own order/],
    ['0\n1\n', /lists 2 labels, a line each, and there are 4 images/],
    ['ILSVRC2012_val_00000002.JPEG 0\n', /has no line for ILSVRC2012_val_00000001\.JPEG/],
    ['0\n7\n1\n1\n', /line 2 says class 7, which is none of the 3 classes/],
    ['', /lists no labels/],
  ])('are refused with the list %j', async (list, message) => {
    const dir = await put({ ...(await imageNetTars()), 'mine.txt': list });
    const error = await failure(openImageSource(dir, { labels: join(dir, 'mine.txt') }));
    expect(error).toBeInstanceOf(ImageSourceError);
    expect(error.message).toMatch(message);
  });

  it('are labelled by the development kit, by the numbers of its meta.mat', async () => {
    const kit = 'ILSVRC2012_devkit_t12/data/';
    const { 'LOC_val_solution.csv': _, ...archives } = await imageNetTars();
    const meta = metaMat([SYNSETS[2], SYNSETS[0], SYNSETS[1], 'n00000001']);
    const dir = await put({
      ...archives,
      [`${kit}ILSVRC2012_validation_ground_truth.txt`]: '1\n2\n3\n3\n',
      [`${kit}meta.mat`]: meta,
    });
    expect(labels((await openImageSource(dir)).test!)).toEqual([2, 0, 1, 1]);
    for (let i = 0; i < 40; i++) {
      await put({ [`${kit}meta.mat`]: damaged(stream(i), meta, [meta]) }, dir);
      const opened = await openImageSource(dir, { cache: false }).catch((error: Error) => error);
      if (opened instanceof Error) {
        expect(opened, `case ${i}: ${opened.stack}`).toBeInstanceOf(ImageSourceError);
        expect(opened.message).toMatch(/meta\.mat: is not meta\.mat of|ground_truth\.txt: line \d says class/);
      }
    }
  });

  it('need a list, and class tars', async () => {
    const { 'LOC_val_solution.csv': _, ...archives } = await imageNetTars();
    await expect(openImageSource(await put(archives))).rejects.toThrow(
      /has no list of its labels beside it; put one of/,
    );
    const flat = { 'ILSVRC2012_img_train.tar': await tar({ 'a.JPEG': 'x' }) };
    await expect(openImageSource(await put(flat))).rejects.toThrow(/holds no tar files of classes/);
  });
});
