// The index that a source keeps: when it is read again and when it is made anew, and where it lies.
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openImageSource } from '../../../src/data/sources/open-image-source.ts';
import { damaged, stream } from '../../fuzz/mutate.ts';
import { folder } from '../cifar10/files.ts';
import { bytesOf, content, imageNetTars, labels, put } from './sets.ts';

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
