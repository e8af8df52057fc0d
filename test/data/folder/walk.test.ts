// Every folder that lies where classes do is a class, is named as left out, or stops the reading: none is gone, or counted twice, without a word.
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ImageFolderError } from '../../../src/data/errors.ts';
import { findClassFiles } from '../../../src/data/folder/class-files.ts';
import { markFolder } from '../../../src/io/own-folder.ts';
import { failure, files } from './image-files.ts';

const image = 'never opened';
const TWO = { 'a/1.png': image, 'a/2.png': image, 'b/1.png': image };

/** A name of bytes that are no UTF-8. */
const bytes = (dir: string, name: string): Buffer =>
  Buffer.concat([Buffer.from(`${dir}/`), Buffer.from(name, 'latin1')]);

describe('stops, and names the folder', () => {
  it.each<[string, (dir: string) => void, RegExp]>([
    [
      'a link to a place that is gone',
      (dir) => symlinkSync('/nowhere/c', join(dir, 'c')),
      /\/c: is a link to a place that is gone/,
    ],
    ['a link in a circle', (dir) => symlinkSync('c', join(dir, 'c')), /\/c: is a link that leads in a circle/],
    ['a name that is not UTF-8', (dir) => mkdirSync(bytes(dir, 'caf\xe9')), /\/caf\\xe9: its name is not UTF-8/],
    [
      'such a name inside a class',
      (dir) => mkdirSync(bytes(join(dir, 'a'), '\xff\xfe')),
      /a\/\\xff\\xfe: its name is not UTF-8/,
    ],
    ['a link to the folder itself', (dir) => symlinkSync('.', join(dir, 'all')), /\/all: leads back up to/],
    [
      'a link out of a class to the folder',
      (dir) => symlinkSync('..', join(dir, 'a', 'up')),
      /a\/up: leads back up to/,
    ],
    ['a link above the folder', (dir) => symlinkSync('../..', join(dir, 'b', 'up')), /b\/up: leads back up to/],
    [
      'a class by two names',
      (dir) => symlinkSync('a', join(dir, 'c')),
      /\/c: is the same folder as .*\/a, so its images would count twice/,
    ],
    [
      'a part of a class as another',
      (dir) => {
        mkdirSync(join(dir, 'a', 'sub'));
        symlinkSync('a/sub', join(dir, 'c'));
      },
      /\/c: is the same folder as .*a\/sub/,
    ],
    [
      'two names that differ by case',
      (dir) => {
        mkdirSync(join(dir, 'Cat'));
        mkdirSync(join(dir, 'cat'));
        for (const name of ['Cat', 'cat']) writeFileSync(join(dir, name, '1.png'), image);
      },
      /the class folders "Cat" and "cat" differ by case/,
    ],
    [
      'two names that differ by the form of an accent',
      (dir) => {
        for (const name of ['caf\u00e9', 'cafe\u0301']) {
          mkdirSync(join(dir, name));
          writeFileSync(join(dir, name, '1.png'), image);
        }
      },
      /differ by case, spaces or the form of their accents/,
    ],
    [
      'a part of a set in capitals beside train/',
      (dir) => {
        for (const part of ['train', 'Val'])
          for (const name of ['a', 'b']) {
            mkdirSync(join(dir, part, name), { recursive: true });
            writeFileSync(join(dir, part, name, '1.png'), image);
          }
      },
      /holds train and Val, which looks like a part of the set/,
    ],
    [
      'val/ that is train/',
      (dir) => {
        mkdirSync(join(dir, 'train'));
        for (const name of ['a', 'b']) renameSync(join(dir, name), join(dir, 'train', name));
        symlinkSync('train', join(dir, 'val'));
      },
      /val\/a: is the same folder as .*train\/a/,
    ],
    [
      'the folder of a run',
      (dir) => writeFileSync(join(dir, 'config.json'), '{"config":{},"adapter":"x"}'),
      /: astrogpu wrote this folder; name the one with the images to learn/,
    ],
    ['a folder of pictures of its own', markFolder, /: astrogpu wrote this folder/],
  ])('%s', async (_, change, message) => {
    const dir = await files(TWO);
    change(dir);
    const error = await failure(findClassFiles(dir));
    expect(error).toBeInstanceOf(ImageFolderError);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
  });
});

describe('goes on, and says what it left out', () => {
  it.each<[string, (dir: string) => void, RegExp]>([
    [
      'runs of its own',
      (dir) => {
        mkdirSync(join(dir, 'runs', '2026-01-01', 'curves'), { recursive: true });
        writeFileSync(join(dir, 'runs', '2026-01-01', 'config.json'), '{"config":{},"adapter":"x"}');
        writeFileSync(join(dir, 'runs', '2026-01-01', 'curves', 'loss.png'), image);
      },
      /runs\/2026-01-01: astrogpu wrote it/,
    ],
    [
      'a run as a class',
      (dir) => {
        mkdirSync(join(dir, 'out', 'p-maps'), { recursive: true });
        writeFileSync(join(dir, 'out', 'config.json'), '{"config":{},"adapter":"x"}');
        writeFileSync(join(dir, 'out', 'p-maps', '1.png'), image);
      },
      /out: astrogpu wrote it/,
    ],
    [
      'pictures of its own',
      (dir) => {
        mkdirSync(join(dir, 'explained'));
        markFolder(join(dir, 'explained'));
        writeFileSync(join(dir, 'explained', '1.png'), image);
      },
      /explained: astrogpu wrote it/,
    ],
    [
      'images beside the classes',
      (dir) => writeFileSync(join(dir, 'stray.png'), image),
      /: 1 image beside the class folders, which is of no class/,
    ],
  ])('%s', async (_, change, reason) => {
    const dir = await files(TWO);
    change(dir);
    const { classes, leftOut } = await findClassFiles(dir);
    expect(classes).toEqual(['a', 'b']);
    expect(leftOut).toHaveLength(1);
    expect(`${leftOut[0].file}: ${leftOut[0].reason}`).toMatch(reason);
  });

  it('a file whose name cannot be read, one that is a link to nowhere, and what is no file', async () => {
    const dir = await files(TWO);
    writeFileSync(bytes(join(dir, 'a'), 'caf\xe9.png'), image);
    symlinkSync('gone.png', join(dir, 'b', 'link.png'));
    execFileSync('mkfifo', [join(dir, 'b', 'pipe.png')]);
    const { train, skipped } = await findClassFiles(dir);
    expect(train.map(({ key }) => key)).toEqual(['a/1.png', 'a/2.png', 'b/1.png']);
    expect(skipped).toEqual([
      { file: join(dir, 'a', 'caf\\xe9.png'), reason: 'its name is not UTF-8; rename it' },
      { file: join(dir, 'b', 'link.png'), reason: 'is a link to a place that is gone' },
      { file: join(dir, 'b', 'pipe.png'), reason: 'is no file' },
    ]);
  });

  it('letters of an alphabet, which case tells apart, and classes that are links', async () => {
    const far = await files({ 'x/1.png': image });
    const dir = await files({ 'A/1.png': image, 'a/1.png': image });
    symlinkSync(join(far, 'x'), join(dir, 'x'));
    const { classes, train, leftOut } = await findClassFiles(dir);
    expect([classes, train.length, leftOut]).toEqual([['A', 'a', 'x'], 3, []]);
  });
});
