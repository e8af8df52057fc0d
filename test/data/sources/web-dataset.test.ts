// WebDataset's shards as sources of images: patterns, labels, damage.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArchiveError, ImageSourceError } from '../../../src/data/errors.ts';
import { openImageSource } from '../../../src/data/sources/open-image-source.ts';
import { expandBraces } from '../../../src/data/sources/shard-names.ts';
import { AstroError } from '../../../src/gpu/device/errors.ts';
import { damaged, stream } from '../../fuzz/mutate.ts';
import { folder } from '../cifar10/files.ts';
import { failure } from '../folder/image-files.ts';
import { bytesOf, content, labels, put, tar } from './sets.ts';

describe("WebDataset's shards", () => {
  const shard = (from: number, kind: 'cls' | 'json', label: (i: number) => unknown) =>
    tar(
      Object.fromEntries(
        [0, 1, 2].flatMap((i) => [
          [`set/im.${from + i}.jpg`, bytesOf(`im.${from + i}.jpg`)],
          [
            `set/im.${from + i}.${kind}`,
            kind === 'cls' ? String(label(i)) : JSON.stringify({ label: label(i), file: 'x' }),
          ],
        ]),
      ),
    );
  /** A key ends at the first dot, so these have none. */
  const plain = (from: number, labelOf: (i: number) => unknown, pax = false) =>
    tar(
      Object.fromEntries(
        [0, 1, 2].flatMap((i) => [
          [`set/k${from + i}.jpg`, bytesOf(`k${from + i}.jpg`)],
          [`set/k${from + i}.cls`, String(labelOf(i))],
        ]),
      ),
      pax ? 'pax' : 'plain',
    );

  it('are found by folders, by names and by patterns', async () => {
    const [a, b, c] = [await plain(0, (i) => i), await plain(3, (i) => i + 1, true), await plain(6, () => 3)];
    const byFolder = await openImageSource(await put({ 'train/0.tar': a, 'train/1.tar': b, 'val/0.tar': c }));
    const byName = await openImageSource(
      await put({ 'x-train-0.tar': a, 'x-train-1.tar': b, 'x-validation-0.tar': c }),
    );
    const dir = await put({ 'w-00.tar': a, 'w-01.tar': b, 'other.tar': c });
    const byPattern = await openImageSource(join(dir, 'w-{00..01}.tar'), { test: join(dir, 'other.tar') });
    for (const { train, test, classes } of [byFolder, byName, byPattern]) {
      expect(classes).toEqual(['0', '1', '2', '3']);
      expect(content(train)).toEqual([0, 1, 2, 1, 2, 3].map((label, i) => [`k${i}.jpg`, label, true]));
      expect(content(test!)).toEqual([6, 7, 8].map((i) => [`k${i}.jpg`, 3, true]));
    }
    expect(byName.train.nameOf(4)).toMatch(/x-train-1\.tar: set\/k4\.jpg$/);
  });

  it('take names in place of numbers, and labels from JSON', async () => {
    const names = ['n03', 'n01', 'n02'];
    const set = await openImageSource(
      await put({ '0.tar': await plain(0, (i) => names[i]), 'classes.txt': 'n01 one\nn02 two\nn03 three\n' }),
    );
    expect([labels(set.train), set.classes, set.test]).toEqual([[2, 0, 1], ['one', 'two', 'three'], undefined]);
    const files = {
      'a.jpg': 'x',
      'a.json': '{"label": 1, "class": 0}',
      'b.json': '{"label": 0, "class": 1}',
      'b.png': 'y',
    };
    const dir = await put({ '0.tar': await tar(files), 'classes.txt': 'n01 one\nn02 two\n' });
    const json = await openImageSource(dir);
    expect([labels(json.train), json.classes]).toEqual([
      [1, 0],
      ['one', 'two'],
    ]);
    expect(labels((await openImageSource(dir, { labelField: 'class' })).train)).toEqual([0, 1]);
  });

  it.each([
    [{ 'a.jpg': 'x' }, /0\.tar: a: this image has no label; a\.cls or a\.json should be beside it/],
    [{ 'a.jpg': 'x', 'a.cls': '-1' }, undefined],
    [
      { 'a.jpg': 'x', 'a.cls': '1', 'b.jpg': 'x', 'b.cls': 'one' },
      /0\.tar: b: its label one is a name, and others are not/,
    ],
    [{ 'a.jpg': 'x', 'a.cls': '70000' }, /its label is 70000, and there are 65536 classes/],
    [{ 'a.jpg': 'x', 'a.json': '{"class": 1}' }, /a\.json: it has no label in its field "label"/],
    [{ 'a.jpg': 'x', 'a.json': '{' }, /a\.json: it is not JSON/],
    [{ 'a.cls': '1' }, /0\.tar: no images in this archive/],
  ])('are refused with %j', async (files, message) => {
    const error = await failure(openImageSource(await put({ '0.tar': await tar(files) })));
    expect(error).toBeInstanceOf(ImageSourceError);
    if (message) expect(error.message).toMatch(message);
  });

  it('under damage give something, or one typed line that names the archive', async () => {
    const seeds = [await plain(0, (i) => i), await shard(3, 'json', (i) => i)];
    const dir = await folder();
    for (let i = 0; i < 100; i++) {
      const random = stream(i);
      await put({ 'x.tar': damaged(random, seeds[i % 2], seeds) }, dir);
      try {
        const { train, close } = await openImageSource(dir, { cache: false });
        for (let item = 0; item < train.count; item++) train.read(item);
        close();
      } catch (error) {
        expect(error, `case ${i}: ${(error as Error).stack}`).toBeInstanceOf(AstroError);
        expect((error as Error).message).toMatch(/^\P{Cc}*$/u);
        expect((error as Error).message).toContain(dir);
      }
    }
  });

  it('that are something else are named', async () => {
    const dir = await put({ '0.tar': '<!DOCTYPE html><html></html>'.padEnd(600) });
    await expect(openImageSource(dir)).rejects.toThrow(ArchiveError);
    await expect(openImageSource(dir)).rejects.toThrow(/0\.tar: this is an HTML page/);
    const cut = (await plain(0, (i) => i)).subarray(0, 3600);
    await expect(openImageSource(await put({ '0.tar': cut }))).rejects.toThrow(
      /0\.tar: it is cut short: at byte 4096 there/,
    );
  });

  it.each([
    ['a.tar', ['a.tar']],
    ['a-{08..11}.tar', ['a-08.tar', 'a-09.tar', 'a-10.tar', 'a-11.tar']],
    ['{a,b}-{0..1}.tar', ['a-0.tar', 'a-1.tar', 'b-0.tar', 'b-1.tar']],
  ])('braces of %s', (pattern, names) => expect(expandBraces(pattern)).toEqual(names));

  it('patterns that stand for nothing are refused', async () => {
    expect(() => expandBraces('a-{5..1}.tar')).toThrow(ImageSourceError);
    expect(() => expandBraces('a-{0..9999999}.tar')).toThrow(/stands for no list/);
    await expect(openImageSource('no-{0..3}.tar')).rejects.toThrow(
      /no-0\.tar: no such archive; no-\{0\.\.3\}\.tar stands for 4/,
    );
  });
});
