// Places for results: whether a file can be written is found out without leaving anything, and one file is one file under all its names.
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../src/io/atomic-file.ts';
import { checkFilePath, checkFolderPath, isSameFile } from '../../src/io/output-path.ts';

const root = mkdtempSync(join(tmpdir(), 'astrogpu-out-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const inside = (...path: string[]): string => join(root, ...path);
writeFileSync(inside('net'), 'a network');
mkdirSync(inside('folder'));
symlinkSync('net', inside('link'));
symlinkSync('.', inside('here'));
symlinkSync('nothing', inside('dangling'));
linkSync(inside('net'), inside('hard'));

describe('one file', () => {
  it.each(['net', 'link', 'hard', 'here/net', 'folder/../net', 'here/here/link'])('is one as %s', (name) => {
    expect(isSameFile(inside(name), inside('net'))).toBe(true);
  });
  it.each(['other', 'folder', 'folder/net', 'dangling'])('is not %s', (name) => {
    expect(isSameFile(inside(name), inside('net'))).toBe(false);
  });
  it('is one before it is there', () => {
    expect(isSameFile(inside('new'), inside('here', 'new'))).toBe(true);
  });
});

describe('a place for a result', () => {
  it('can be had without a trace', () => {
    const before = readdirSync(root);
    for (const name of ['new', 'net', 'link', 'dangling']) checkFilePath(inside(name));
    checkFolderPath(inside('a', 'b', 'c'));
    checkFolderPath(inside('folder'));
    checkFilePath('/dev/null');
    expect(readdirSync(root)).toEqual(before);
    expect(readFileSync(inside('net'), 'utf8')).toBe('a network');
  });

  it.each(['nowhere/new', 'folder', 'net/new', ''])('cannot be had at %j', (name) => {
    expect(() => checkFilePath(name && inside(name))).toThrow();
  });

  it.each(['net', 'net/new', 'link/new'])('cannot be a folder at %j', (name) => {
    expect(() => checkFolderPath(inside(name))).toThrow();
  });

  it.skipIf(!existsSync('/proc/self'))('is refused below a folder that takes none, and does not hang', () => {
    expect(() => checkFolderPath('/proc/x/y')).toThrow(/ENOENT/);
  });
});

it('a link that is written to stays a link, and a device a device', () => {
  writeFileAtomic(inside('link'), 'other weights');
  expect(readFileSync(inside('net'), 'utf8')).toBe('other weights');
  writeFileAtomic('/dev/null', 'nothing');
  expect(readFileSync('/dev/null', 'utf8')).toBe('');
});
