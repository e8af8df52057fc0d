// Every way in which a folder of images, or a list of classes, can be of no use: told in one line, before anything is decoded.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataNotFoundError, ImageFolderError } from '../../../src/data/errors.ts';
import { findClassFiles } from '../../../src/data/folder/class-files.ts';
import { readClassList } from '../../../src/data/folder/class-list.ts';
import { failure, files } from './image-files.ts';

/** Files are told by their names alone here. */
const image = 'never opened';

describe('folders of no use', () => {
  it.each<[string, Record<string, string | undefined>, RegExp]>([
    ['no class folders', {}, /holds no class folders; put the images/],
    [
      'images without class folders',
      { '1.png': image, '2.png': image },
      /holds no class folders, but 2 images that belong to no class/,
    ],
    ['no images at all', { a: undefined, b: undefined }, /no images in any of its folders \(a, b\)/],
    [
      'class folders without images',
      { 'a/1.png': image, b: undefined, c: undefined },
      /no images in the class folders b, c; add/,
    ],
    [
      'one class',
      { 'cats/1.png': image, 'cats/2.png': image },
      /only one class \(cats\), so there is nothing to learn/,
    ],
    ['one class of training', { 'train/cats/1.png': image, 'val/cats/1.png': image }, /train: only one class \(cats\)/],
    [
      'test folders without training',
      { 'val/a/1.png': image, 'test/a/1.png': image },
      /holds test, val, but no train folder/,
    ],
    [
      'parts of a set under other names',
      { 'Train/a/1.png': image, 'Train/b/1.png': image, 'Test_Set/a/1.png': image, 'Test_Set/b/1.png': image },
      /holds Test_Set, Train, which look like parts of a set and not like classes; call them train and val or test/,
    ],
    [
      'parts of a set without classes',
      { 'train/1.png': image, 'val/1.png': image },
      /holds train, val, which look like parts of a set/,
    ],
    [
      'test classes unknown to training',
      { 'train/a/1.png': image, 'train/b/1.png': image, 'val/c/1.png': image },
      /val: the class folders c are not among the 2 classes of train\/ \(a, b\)/,
    ],
  ])('%s', async (_, tree, message) => {
    const dir = await files(tree);
    const error = await failure(findClassFiles(dir));
    expect(error).toBeInstanceOf(ImageFolderError);
    expect(error.message.startsWith(dir)).toBe(true);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
  });

  it('no such folder, or a file in its place', async () => {
    const dir = await files({ 'a.txt': 'x' });
    for (const name of ['none', 'a.txt']) {
      const error = await failure(findClassFiles(join(dir, name)));
      expect(error).toBeInstanceOf(DataNotFoundError);
      expect(error.message).toContain(`${join(dir, name)}: no such folder`);
    }
  });
});

describe('lists of classes', () => {
  it('reads lists of classes in other forms, and says what is wrong with one', async () => {
    const dir = await files({
      'a.txt': 'n01 tench, Tinca\r\nn02\r\n',
      'b.txt': '1 n01 tench\n',
      'c.txt': 'a\na\n',
      'd.txt': '\n',
    });
    expect(await readClassList(join(dir, 'a.txt'))).toEqual([
      { folder: 'n01', name: 'tench, Tinca' },
      { folder: 'n02', name: 'n02' },
    ]);
    expect((await failure(readClassList(join(dir, 'b.txt')))).message).toContain('class 1 stands where class 0 should');
    expect((await failure(readClassList(join(dir, 'c.txt')))).message).toContain('lists a twice');
    expect((await failure(readClassList(join(dir, 'd.txt')))).message).toContain('lists no classes');
    expect(await failure(readClassList(join(dir, 'e.txt')))).toBeInstanceOf(DataNotFoundError);
  });

  it('takes folders with spaces in their names where a tab stands behind them', async () => {
    const dir = await files({
      'spaces.txt': Buffer.from('golden retriever\tGoldie\nold english sheepdog\t\npoodle\n'),
      'numbered.txt': Buffer.from('0\tgolden retriever\tGoldie\n1 red fox\tfox\n'),
    });
    expect(await readClassList(join(dir, 'spaces.txt'))).toEqual([
      { folder: 'golden retriever', name: 'Goldie' },
      { folder: 'old english sheepdog', name: 'old english sheepdog' },
      { folder: 'poodle', name: 'poodle' },
    ]);
    expect(await readClassList(join(dir, 'numbered.txt'))).toEqual([
      { folder: 'golden retriever', name: 'Goldie' },
      { folder: 'red fox', name: 'fox' },
    ]);
  });

  it('reads lists as editors and shells leave them, and names what is none', async () => {
    const utf16 = Buffer.from('\ufeffcat\tthe cat\r\ndög\r\n', 'utf16le');
    const dir = await files({
      'utf16.txt': utf16,
      'mark.txt': '\ufeffcat\n',
      'mac.txt': 'cat\rdog\r',
      'index.json': '{"0": ["n01440764", "tench"]}',
      'pointer.txt': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\n',
      'latin1.txt': Buffer.from('d\xf6g\n', 'latin1'),
      'binary.txt': Buffer.of(65, 0, 66),
      'many.txt': Array.from({ length: 65_537 }, (_, i) => `c${i}`).join('\n'),
    });
    const list = async (name: string) =>
      (await readClassList(join(dir, name))).map(({ folder, name }) => [folder, name]);
    expect(await list('utf16.txt')).toEqual([
      ['cat', 'the cat'],
      ['dög', 'dög'],
    ]);
    expect(await list('mark.txt')).toEqual([['cat', 'cat']]);
    expect(await list('mac.txt')).toEqual([
      ['cat', 'cat'],
      ['dog', 'dog'],
    ]);
    for (const [name, reason] of [
      ['index.json', 'this is JSON; a list of classes has a line for each'],
      ['pointer.txt', 'this is a Git LFS pointer'],
      ['latin1.txt', 'it is no text in UTF-8'],
      ['binary.txt', 'line 1 has characters that are none of a name'],
      ['many.txt', 'lists 65537 classes, more than labels can hold (65536)'],
      ['.', 'it is a folder, not a file'],
    ]) {
      const error = await failure(readClassList(join(dir, name)));
      expect(error).toBeInstanceOf(ImageFolderError);
      expect(error.message).toContain(reason);
    }
  });
});
