// What a set of images does not say itself, and is told: labels, classes, where the test images lie.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataNotFoundError } from '../../../src/data/errors.ts';
import type { ImageSource } from '../../../src/data/sources/image-source.ts';
import { openImageSource, openTestSource } from '../../../src/data/sources/open-image-source.ts';
import { failure } from '../folder/image-files.ts';
import { bytesOf, content, imageNetTars, labels, put, SYNSETS, tar } from './sets.ts';

describe('what a set does not say itself', () => {
  const order = (source: ImageSource): [string, number][] => content(source).map(([name, label]) => [name, label]);

  it('is told: an archive of images alone has its labels from a list, and its classes where nobody knows them', async () => {
    const dir = await put(await imageNetTars());
    const [archive, list] = [join(dir, 'ILSVRC2012_img_val.tar'), join(dir, 'LOC_val_solution.csv')];
    const own = await openTestSource(archive, { labels: list });
    expect(own.test.folders).toEqual(SYNSETS);
    expect(own.apart).toBe(false);
    const whole = await openImageSource(dir);
    expect(order(own.test)).toEqual(order(whole.test!));
    const classes = [...SYNSETS].reverse().map((folder) => ({ folder, name: folder }));
    const known = await openTestSource(archive, { labels: list, classes });
    expect(labels(known.test)).toEqual(labels(own.test).map((label) => 2 - label));
    await put({ 'numbers.txt': '0\n4\n2\n0\n', 'mixed.txt': '0\nn1\n2\n0\n', 'one.txt': '3\n3\n3\n3\n' }, dir);
    const numbered = await openTestSource(archive, { labels: join(dir, 'numbers.txt') });
    expect([numbered.test.folders, labels(numbered.test)]).toEqual([
      ['0', '1', '2', '3', '4'],
      [0, 4, 2, 0],
    ]);
    const refused = (name: string) => failure(openTestSource(archive, { labels: join(dir, name) }));
    expect((await refused('mixed.txt')).message).toBe(
      `${join(dir, 'mixed.txt')}: has classes by number (0) and by name (n1)`,
    );
    expect((await refused('one.txt')).message).toMatch(/names one class alone/);
    expect(await refused('none.txt')).toBeInstanceOf(DataNotFoundError);
    expect((await failure(openTestSource(archive))).message).toMatch(/this image has no label/);
  });

  it('is told: test images may lie elsewhere, in any form', async () => {
    const dir = await put({
      ...(await imageNetTars()),
      ...Object.fromEntries(
        SYNSETS.map((synset) => [`own/train/${synset}/${synset}_1.jpg`, bytesOf(`${synset}_1.jpg`)]),
      ),
      ...Object.fromEntries(SYNSETS.map((synset) => [`tests/${synset}/t.jpg`, bytesOf('t.jpg')])),
    });
    const shard = (label: number, field: string) =>
      tar({ [`k${label}.jpg`]: bytesOf(`k${label}.jpg`), [`k${label}.json`]: JSON.stringify({ [field]: label }) });
    for (const [part, field] of [
      ['train', 'cls'],
      ['val', 'cls'],
    ] as const)
      for (const label of [0, 1])
        await put({ [`${part}-${label}.tar`]: await shard(label, field) }, join(dir, 'shards'));
    const own = join(dir, 'own');
    const archived = await openImageSource(own, {
      test: join(dir, 'ILSVRC2012_img_val.tar'),
      labels: join(dir, 'LOC_val_solution.csv'),
    });
    expect(labels(archived.test!)).toEqual([0, 2, 1, 0]);
    const folders = await openImageSource(own, { test: join(dir, 'tests') });
    expect(labels(folders.test!)).toEqual([0, 1, 2]);
    const [train, test] = ['train', 'val'].map((part) => join(dir, 'shards', `${part}-{0..1}.tar`));
    const shards = await openImageSource(train, { test, labelField: 'cls' });
    expect(shards.source).toBe(`2 classes of images from ${train} (WebDataset; 2 train, 2 test from ${test})`);
    expect([order(shards.train), order(shards.test!)]).toEqual([
      [
        ['k0.jpg', 0],
        ['k1.jpg', 1],
      ],
      [
        ['k0.jpg', 0],
        ['k1.jpg', 1],
      ],
    ]);
    expect((await failure(openImageSource(own, { test: join(dir, 'nowhere') }))).message).toMatch(/nowhere: no such/);
  });

  it('is told: of a folder elsewhere with parts of its own, the one for testing is taken', async () => {
    const dir = await put({
      'own/a/1.jpg': '',
      'own/b/2.jpg': '',
      'folders/train/a/3.jpg': '',
      'folders/train/b/4.jpg': '',
      'folders/val/b/5.jpg': bytesOf('5.jpg'),
      'shards/train-0.tar': await tar({ 'k1.jpg': 'x', 'k1.cls': '0' }),
      'shards/val-0.tar': await tar({ 'k2.jpg': bytesOf('k2.jpg'), 'k2.cls': '1' }),
    });
    const open = async (test: string, labels?: string) =>
      openImageSource(join(dir, 'own'), { test: join(dir, test), labels });
    expect(content((await open('folders')).test!)).toEqual([['5.jpg', 1, true]]);
    expect(content((await open('shards')).test!)).toEqual([['k2.jpg', 1, true]]);
    expect((await failure(open('folders', 'list.txt'))).message).toMatch(/has no use for a list of labels$/);
    await put(await imageNetTars(), join(dir, 'official'));
    await put(Object.fromEntries(SYNSETS.map((synset) => [`own/${synset}/1.jpg`, ''])), dir);
    await put({ 'numbers.txt': '2\n3\n4\n3\n' }, dir);
    expect(labels((await open('official')).test!)).toEqual([2, 4, 3, 2]);
    expect(labels((await open('official', join(dir, 'numbers.txt'))).test!)).toEqual([2, 3, 4, 3]);
  });

  it('and is refused where nothing is known to do with it', async () => {
    const dir = await put({ 'train/a/1.jpg': '', 'train/b/1.jpg': '', 'val/a/1.jpg': '' });
    expect((await failure(openImageSource(dir, { labels: 'list.txt' }))).message).toBe(
      `${dir}: is read as train/ and val/, which has no use for a list of labels`,
    );
    expect((await failure(openImageSource(dir, { labelField: 'x' }))).message).toMatch(/no use for a field of labels$/);
    const archives = await put(await imageNetTars());
    expect((await failure(openImageSource(archives, { split: 'x' }))).message).toMatch(
      /ImageNet's archives, which has no/,
    );
  });
});
