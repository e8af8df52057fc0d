// Class folders as sources of images: what each image is called, its class, its bytes; and what is refused.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataNotFoundError, ImageSourceError } from '../../../src/data/errors.ts';
import { openImageSource } from '../../../src/data/sources/open-image-source.ts';
import { failure } from '../folder/image-files.ts';
import { bytesOf, content, imageNetTars, labels, put } from './sets.ts';

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
    expect(told.join('\n')).toMatch(/left out: .*1 file in class folders is no image by its name \(1 of \.txt\)/);
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
