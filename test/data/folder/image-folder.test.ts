// Folders of images in every layout.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readClassList } from '../../../src/data/folder/class-list.ts';
import { loadImageFolder, loadTestFolder } from '../../../src/data/folder/image-folder.ts';
import { takeImages } from '../../../src/data/image/image-set.ts';
import { BatchStream } from '../../../src/data/loader/batch-stream.ts';
import { DeviceData } from '../../../src/data/loader/device-data.ts';
import { gpu } from '../../support/gpu.ts';
import { type Color, classes, failure, files, load, plain, png, reds } from './image-files.ts';

describe('layouts', () => {
  it('class folders: holds out a share of each class', async () => {
    const dir = await files(await classes(['cat', 'ant', 'dog'], 10));
    const { train, test, classes: names, source, skipped } = await load(dir);
    expect(names).toEqual(['ant', 'cat', 'dog']);
    expect([train.height, train.width, train.channels, train.count + test.count]).toEqual([4, 4, 3, 30]);
    for (const set of [train, test]) {
      expect([...set.labels]).toEqual([...set.labels].sort());
      expect(new Set(set.labels).size).toBe(3);
    }
    // "cat" was written in reds 0 to 9, "ant" in 20 to 29, "dog" in 40 to 49; each image is in one of the sets.
    for (const set of [train, test])
      for (const [i, red] of reds(set).entries()) expect(Math.floor(red / 20)).toBe([1, 0, 2][set.labels[i]]);
    const all = [...reds(train), ...reds(test)].sort((a, b) => a - b);
    expect(all).toEqual([0, 20, 40].flatMap((first) => Array.from({ length: 10 }, (_, i) => first + i)));
    expect(skipped).toEqual([]);
    expect(source).toContain('20 % held out by their names, seed 1');
  });

  it('the seed chooses what is held out, and always the same', async () => {
    const dir = await files(await classes(['a', 'b'], 10));
    const held = async (seed: number): Promise<number[]> => reds((await load(dir, { seed, heldOut: 0.3 })).test);
    const first = await held(1);
    expect(first.length).toBeGreaterThan(1);
    expect(await held(1)).toEqual(first);
    expect(await held(2)).not.toEqual(first);
  });

  it('the test images of a network are those that its training held out, wherever the folder is now, and of any other folder all', async () => {
    const dir = await files({ ...(await classes(['a', 'b'], 10)), 'c/only.png': await png(99) });
    const lines: string[] = [];
    const { train, test: held } = await loadImageFolder(dir, { size: 4 });
    const trainedBy = train.heldOut!;
    expect(Object.keys(trainedBy.known)).toHaveLength(train.count);
    const options = { size: 4, trainedBy, log: (line: string) => lines.push(line) };
    const { test } = await loadTestFolder(dir, options);
    expect([reds(test), [...test.labels]]).toEqual([reds(held), [...held.labels]]);
    expect(lines[0]).toContain(`decoding ${held.count} images`);
    expect(lines).toContain('data: 1 of the classes have no test images: c');
    const moved = await files({ ...(await classes(['a', 'b'], 10)), 'c/only.png': await png(99) });
    expect(reds((await loadTestFolder(moved, options)).test)).toEqual(reds(held));

    const other = await files(await classes(['b', 'a'], 10));
    const all = await loadTestFolder(other, options);
    expect([all.test.count, all.source]).toEqual([20, `2 classes of images from ${other} (class folders, all images)`]);
    expect((await loadTestFolder(dir, { size: 4 })).test.count).toBe(21);
  });

  it('says so where all images were trained on', async () => {
    const dir = await files({
      ...(await classes(['a', 'b'], 4, 'train/')),
      ...(await classes(['b', 'a'], 4, 'val/')),
    });
    const trainedBy = (await load(dir)).train.heldOut!;
    expect(trainedBy.share).toBe(0);
    const [whole, val, trained] = await Promise.all(
      [dir, join(dir, 'val'), join(dir, 'train')].map((folder) => loadTestFolder(folder, { size: 4, trainedBy })),
    );
    expect([whole.test.count, val.test.count, trained.test.count]).toEqual([8, 8, 8]);
    expect(trained.source).toContain('ALL OF THEM TRAINED ON');
    const mixed = await files({ ...(await classes(['b', 'a'], 4)), 'a/000.png': await png(0) });
    expect((await loadTestFolder(mixed, { size: 4, trainedBy })).source).toContain(
      'all images, SOME OF THEM TRAINED ON',
    );
    for (const { source } of [whole, val]) expect(source).not.toContain('TRAINED');
  });

  it('a set of files by other names has another listing', async () => {
    const tree = await classes(['a', 'b'], 5);
    const [first, again] = [await load(await files(tree)), await load(await files(tree))];
    expect(again.listing).toBe(first.listing);
    const { 'a/000.png': image, ...others } = tree;
    expect((await load(await files({ ...others, 'a/zero.png': image }))).listing).not.toBe(first.listing);
  });

  it('a file that is added, or taken away, moves no other from one part to the other', async () => {
    for (const count of [2, 3, 5, 20]) {
      const tree = await classes(['a', 'b'], count);
      const before = (await load(await files(tree))).train;
      const trainedOn = new Set(reds(before));
      const names = Object.keys(tree);
      const added = await files({ ...tree, 'a/0000.png': await png(200), 'b/zz.png': await png(201) });
      const removed = await files(
        Object.fromEntries(Object.entries(tree).filter(([name]) => name !== names[count - 1])),
      );
      for (const dir of [added, removed]) {
        const { test } = await loadTestFolder(dir, { size: 4, trainedBy: before.heldOut });
        expect(reds(test).filter((red) => trainedOn.has(red))).toEqual([]);
      }
    }
  });

  it('as many test images as are asked for, of all classes, the same for a seed', async () => {
    const dir = await files({
      ...(await classes(['a', 'b', 'c'], 2, 'train/')),
      ...(await classes(['a', 'b', 'c'], 8, 'val/')),
    });
    const some = async (seed: number) => (await loadTestFolder(dir, { size: 4, mostTests: 6, seed })).test;
    const [first, again, other] = [await some(1), await some(1), await some(2)];
    expect(first.count).toBe(6);
    expect(new Set(first.labels).size).toBeGreaterThan(1);
    expect(again).toEqual(first);
    expect([...other.labels, ...reds(other)]).not.toEqual([...first.labels, ...reds(first)]);
    expect((await loadTestFolder(dir, { size: 4, mostTests: 99 })).test.count).toBe(24);
  });

  it('a class of one image keeps it for training', async () => {
    const dir = await files({ ...(await classes(['a'], 4)), 'b/only.png': await png(99) });
    const lines: string[] = [];
    const { train, test } = await load(dir, { log: (line) => lines.push(line) });
    expect(reds(train)).toContain(99);
    expect(new Set(test.labels)).toEqual(new Set([0]));
    expect(lines).toContain('data: 1 of the classes have no test images: b');
  });

  it.each(['val', 'valid', 'test'])('train/ and %s/', async (held) => {
    const dir = await files({
      ...(await classes(['a', 'b'], 3, 'train/')),
      [`${held}/b/x.png`]: await png(200),
      [`${held}/a/deep/y.png`]: await png(201),
    });
    const { train, test, source } = await load(dir);
    expect([train.count, [...test.labels], reds(test)]).toEqual([6, [0, 1], [201, 200]]);
    expect(source).toContain(`train/ and ${held}/`);
  });

  it('train/ alone, and a split by name', async () => {
    const tree = { ...(await classes(['a', 'b'], 5, 'train/')), ...(await classes(['a', 'b'], 1, 'night/')) };
    const dir = await files(tree);
    const lines: string[] = [];
    const whole = await load(dir, { log: (line) => lines.push(line) });
    expect(whole.train.count + whole.test.count).toBe(10);
    expect(lines[0]).toBe(`data: left out ${join(dir, 'night')}: it lies beside train/, so it is no class`);
    expect((await load(dir, { split: 'night' })).test.count).toBe(2);
    expect((await failure(load(dir, { split: 'dusk' }))).message).toBe(
      `${dir}: holds no folder dusk; to test on dusk/ it must hold train/ and dusk/, with class folders in each`,
    );
  });

  it('an image that strayed into train/ does not make classes of train/ and val/', async () => {
    const dir = await files({
      ...(await classes(['a', 'b'], 2, 'train/')),
      ...(await classes(['a', 'b'], 1, 'val/')),
      'train/stray.png': await png(250),
    });
    const { train, classes: names } = await load(dir);
    expect([names, train.count]).toEqual([['a', 'b'], 4]);
    expect(reds(train)).not.toContain(250);
  });

  it('classes without test images are counted, whatever other classes are tested', async () => {
    const dir = await files({
      ...(await classes(['a', 'b'], 2, 'train/')),
      ...(await classes(['b', 'c'], 1, 'val/')),
    });
    const lines: string[] = [];
    const known = ['a', 'b', 'c'].map((name) => ({ folder: name, name }));
    await load(dir, { classes: known, log: (line) => lines.push(line) });
    expect(lines).toContain('data: 1 of the classes have no test images: a');
  });

  it('a class may be called train', async () => {
    expect((await load(await files(await classes(['bus', 'train'], 2)))).classes).toEqual(['bus', 'train']);
  });

  it('hidden files are ignored, and files that are no images are told', async () => {
    const lines: string[] = [];
    const dir = await files({
      ...(await classes(['a', 'b'], 2)),
      'a/.x.png': 'x',
      'a/notes.txt': 'x',
      '.git/a.png': 'x',
      '__MACOSX/a/1.png': 'x',
      'classes.txt': 'x',
    });
    const { train, test, skipped } = await load(dir, { log: (line) => lines.push(line) });
    expect([train.count, test.count, skipped.length, lines.length]).toEqual([2, 2, 0, 3]);
    expect(lines[0]).toBe(`data: left out of ${dir}: 1 file in class folders is no image by its name (1 of .txt)`);
  });

  it('labels by a list of classes, for networks that have more', async () => {
    const dir = await files({
      ...(await classes(['n07', 'n02'], 2)),
      'list.txt': '0\tn01\ttench\n1\tn02\tgreat white shark\n2\tn07\tdrake\n',
    });
    const list = await readClassList(join(dir, 'list.txt'));
    const { train, classes: names } = await load(dir, { classes: list });
    expect(names).toEqual(['tench', 'great white shark', 'drake']);
    expect([...train.labels]).toEqual([1, 2]);
    expect((await failure(load(dir, { classes: list.slice(0, 2) }))).message).toContain(
      'the class folders n07 are not among the 2 classes given',
    );
  });
});

describe('many classes', () => {
  it('labels above 255 arrive in batches on the GPU', async () => {
    const known = Array.from({ length: 300 }, (_, i) => ({ folder: `c${i}`, name: `c${i}` }));
    const dir = await files(await classes(['c3', 'c258', 'c299'], 3));
    const { train, test } = await load(dir, { classes: known, heldOut: 0.4 });
    for (const set of [train, test]) expect([...new Set(set.labels)]).toEqual([258, 299, 3]);
    const taken = takeImages(
      train,
      [299, 3, 258].map((label) => train.labels.indexOf(label)),
    );
    expect([...taken.labels]).toEqual([299, 3, 258]);
    const data = new DeviceData(gpu, taken);
    const batches = new BatchStream(data, { batch: 3, seed: 1 });
    batches.next();
    expect([...(await batches.y.data())]).toEqual([299, 3, 258]);
    batches.release();
    data.release();
  });
});

describe('normalization', () => {
  it('is mean and deviation of the training pixels', async () => {
    const of = (...color: Color): Promise<Buffer> => plain(color).png().toBuffer();
    const dir = await files({
      'train/a/1.png': await of(0, 51, 255),
      'train/b/1.png': await of(255, 51, 0),
      'train/b/2.png': await of(255, 51, 0),
      'val/a/1.png': await of(9, 9, 9),
    });
    const { mean, std, train, test } = await load(dir);
    for (const set of [train, test]) expect(set.normalization).toEqual({ mean, std });
    const deviation = Math.sqrt(2) / 3;
    for (const [c, expected] of [2 / 3, 0.2, 1 / 3].entries()) expect(mean[c]).toBeCloseTo(expected, 12);
    // A channel of one value can still be divided by.
    for (const [c, expected] of [deviation, 1 / 255, deviation].entries()) expect(std[c]).toBeCloseTo(expected, 12);
  });
});
