// Images on the disk in every form: what each image is called, its class, its bytes; and what is refused.
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArchiveError, DataNotFoundError, ImageSourceError } from '../../../src/data/errors.ts';
import type { ImageSource } from '../../../src/data/sources/image-source.ts';
import { openImageSource, openTestSource } from '../../../src/data/sources/open-image-source.ts';
import { expandBraces } from '../../../src/data/sources/shard-names.ts';
import { AstroError } from '../../../src/gpu/device/errors.ts';
import { damaged, stream } from '../../fuzz/mutate.ts';
import { folder } from '../cifar10/files.ts';
import { failure } from '../folder/image-files.ts';
import { bytesOf, imageNetTars, metaMat, put, SYNSETS, tar } from './sets.ts';

/** What a source says of all of its images: the end of the name, the label, and whether the bytes are those of the name. */
const content = (source: ImageSource): [string, number, boolean][] =>
  Array.from({ length: source.count }, (_, item) => {
    const name = source
      .nameOf(item)
      .split(/[\\/]|: /)
      .at(-1)!;
    return [name, source.label(item), Buffer.from(source.read(item)).equals(bytesOf(name))];
  });

const labels = (source: ImageSource): number[] => content(source).map(([, label]) => label);

describe('class folders', () => {
  const files = {
    ...Object.fromEntries(
      ['a/1.jpg', 'a/2.png', 'b/3.jpg', 'b/below/4.jpeg', 'c/5.webp'].map((path) => [
        `train/${path}`,
        bytesOf(path.replace(/.*\//, '')),
      ]),
    ),
    ...Object.fromEntries(['a/6.jpg', 'c/7.jpg'].map((path) => [`val/${path}`, bytesOf(path.replace(/.*\//, ''))])),
    'train/a/notes.txt': 'none',
    'train/.hidden/8.jpg': 'none',
    'classes.txt': 'a apple\nb pear\nc plum\n',
  };

  it('are as torchvision has them, with names from classes.txt', async () => {
    const dir = await put(files);
    const told: string[] = [];
    const set = await openImageSource(dir, { log: (line) => told.push(line) });
    expect(set.classes).toEqual(['apple', 'pear', 'plum']);
    expect(set.train.folders).toEqual(['a', 'b', 'c']);
    expect(content(set.train)).toEqual([
      ['1.jpg', 0, true],
      ['2.png', 0, true],
      ['3.jpg', 1, true],
      ['4.jpeg', 1, true],
      ['5.webp', 2, true],
    ]);
    expect(content(set.test!)).toEqual([
      ['6.jpg', 0, true],
      ['7.jpg', 2, true],
    ]);
    expect(set.train.nameOf(3)).toBe(join(dir, 'train/b/below/4.jpeg'));
    expect(set.source).toBe(`3 classes of images from ${dir} (train/ and val/; 5 train, 2 test)`);
    expect(told.join('\n')).toMatch(/left out: .*no images by their names \(1 of \.txt\)/);
    set.close();
  });

  it('take the labels of a list, and are refused where they are none of it', async () => {
    const dir = await put(files);
    const list = ['z', 'c', 'b', 'a'].map((name) => ({ folder: name, name: `the ${name}` }));
    const set = await openImageSource(dir, { classes: list });
    expect(set.classes).toEqual(['the z', 'the c', 'the b', 'the a']);
    expect([labels(set.train), labels(set.test!)]).toEqual([
      [3, 3, 2, 2, 1],
      [3, 1],
    ]);
    const error = await failure(openImageSource(dir, { classes: list.slice(0, 3) }));
    expect(error).toBeInstanceOf(ImageSourceError);
    expect(error.message).toMatch(/train: class a is not among the 3 classes that are known/);
  });

  it('may lie in the folder itself, without a part for testing', async () => {
    const set = await openImageSource(await put({ 'b/1.jpg': 'x', 'a/2.jpg': 'y' }));
    expect([labels(set.train), set.test]).toEqual([[0, 1], undefined]);
  });

  it('go before archives that lie beside them', async () => {
    const dir = await put({ ...files, ...(await imageNetTars()), 'other.tar': 'none' });
    expect((await openImageSource(dir)).source).toMatch(/train\/ and val\/; 5 train, 2 test/);
  });

  it('and other folders are refused by name', async () => {
    await expect(openImageSource('no/such/folder')).rejects.toThrow(DataNotFoundError);
    await expect(openImageSource(await put({ 'train/a/1.jpg': 'x' }))).rejects.toThrow(/only one class \(a\)/);
    await expect(openImageSource(await put({ 'a.jpg': 'x' }))).rejects.toThrow(/holds no class folders/);
  });

  it('whose files are gone are an error that names the file', async () => {
    const dir = await put(files);
    const { train } = await openImageSource(dir);
    rmSync(join(dir, 'train/a/2.png'));
    expect(() => train.read(1)).toThrow(ImageSourceError);
    expect(() => train.read(1)).toThrow(`${join(dir, 'train/a/2.png')}: there is no such file; was the set changed`);
  });
});

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

describe('an index', () => {
  const files = {
    'train/a/1.jpg': bytesOf('1.jpg'),
    'train/b/2.jpg': bytesOf('2.jpg'),
    'val/a/3.jpg': bytesOf('3.jpg'),
  };

  it('is read again, until something changes', async () => {
    const dir = await put(files);
    const open = async () => {
      const { train, test, cached } = await openImageSource(dir);
      return [content(train).length, content(test!).length, cached];
    };
    expect(await open()).toEqual([2, 1, false]);
    expect(readdirSync(dir).sort()).toEqual(['.astrogpu-train.index', '.astrogpu-val.index', 'train', 'val']);
    expect(await open()).toEqual([2, 1, true]);
    await put({ 'train/b/4.jpg': bytesOf('4.jpg') }, dir);
    expect(await open()).toEqual([3, 1, false]);
    await put({ 'train/c/5.jpg': bytesOf('5.jpg') }, dir);
    expect(await open()).toEqual([4, 1, false]);
    rmSync(join(dir, 'train/c'), { recursive: true });
    expect(await open()).toEqual([3, 1, false]);
    expect(await open()).toEqual([3, 1, true]);
    const list = ['b', 'a'].map((name) => ({ folder: name, name }));
    const other = await openImageSource(dir, { classes: list });
    expect([labels(other.train), other.cached]).toEqual([[1, 0, 0], false]);
  });

  it('of archives holds for their sizes and times', async () => {
    const dir = await put(await imageNetTars());
    const opened = async () => (await openImageSource(dir)).cached;
    expect([await opened(), await opened()]).toEqual([false, true]);
    utimesSync(join(dir, 'ILSVRC2012_img_val.tar'), 1, 1);
    expect([await opened(), await opened()]).toEqual([false, true]);
  });

  it('that is damaged is made anew', async () => {
    const dir = await put(files);
    await openImageSource(dir);
    const name = '.astrogpu-train.index';
    const good = readFileSync(join(dir, name));
    for (let i = 0; i < 30; i++) {
      const bad = damaged(stream(i), good, [good]);
      await put({ [name]: bad }, dir);
      const { train, cached } = await openImageSource(dir);
      expect(content(train)).toEqual([
        ['1.jpg', 0, true],
        ['2.jpg', 1, true],
      ]);
      expect(cached).toBe(bad.equals(good));
      expect(readFileSync(join(dir, name)).equals(good)).toBe(true);
    }
  });

  it('lies elsewhere where that is asked for, or nowhere', async () => {
    const dir = await put(files);
    const cache = join(await folder(), 'made/for/it');
    expect((await openImageSource(dir, { cache })).cached).toBe(false);
    expect((await openImageSource(dir, { cache })).cached).toBe(true);
    expect(readdirSync(cache)).toHaveLength(2);
    expect((await openImageSource(dir, { cache: false })).cached).toBe(false);
    expect(existsSync(join(dir, '.astrogpu-train.index'))).toBe(false);
  });

  it('lies in the user folder for caches where it cannot be written beside the data', async () => {
    const before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = await folder();
    const dir = await put({ ...files, '.astrogpu-train.index/x': '', '.astrogpu-val.index/x': '' });
    expect((await openImageSource(dir)).cached).toBe(false);
    expect((await openImageSource(dir)).cached).toBe(true);
    expect(readdirSync(join(process.env.XDG_CACHE_HOME, 'astrogpu'))).toHaveLength(2);
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
  });

  it('takes 6 bytes and the name for each image in folders', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`${i % 2}/${String(i).padStart(10, '0')}.jpg`, '']),
    );
    const { train } = await openImageSource(await put(many), { cache: false });
    expect(train.shared.index.byteLength).toBeLessThan(100 * (6 + 14) + 1000);
  });
});

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
