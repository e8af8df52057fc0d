// Atomic writing: the file is there whole or the old one is untouched, and nothing temporary stays behind.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isTemporaryName, writeFileAtomic } from '../../src/io/atomic-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('text, bytes and chunks replace what was there', () => {
  const path = join(folder, 'a');
  writeFileSync(path, 'something much longer than what follows');
  writeFileAtomic(path, 'é');
  expect(readFileSync(path, 'utf8')).toBe('é');
  writeFileAtomic(path, Uint8Array.of(1, 2));
  expect([...readFileSync(path)]).toEqual([1, 2]);
  writeFileAtomic(path, [Uint8Array.of(3), new Uint8Array(0), Uint8Array.of(4, 5)]);
  expect([...readFileSync(path)]).toEqual([3, 4, 5]);
  expect(readdirSync(folder)).toEqual(['a']);
});

test('a failure while writing leaves the old file and no temporary one', () => {
  const path = join(folder, 'a');
  writeFileSync(path, 'old');
  const broken = [Uint8Array.of(1), 'no bytes' as unknown as Uint8Array];
  Object.defineProperty(broken, 1, {
    get() {
      throw new Error('the source failed');
    },
  });
  expect(() => writeFileAtomic(path, broken)).toThrow('the source failed');
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['a']);
});

test('a failing rename removes the temporary file', () => {
  mkdirSync(join(folder, 'taken', 'inside'), { recursive: true });
  expect(() => writeFileAtomic(join(folder, 'taken'), 'x')).toThrow();
  expect(readdirSync(folder)).toEqual(['taken']);
});

test('temporary names are told from others', () => {
  expect(isTemporaryName('.config.json.4711-0a1b2c3d.tmp')).toBe(true);
  for (const name of ['config.json', '.hidden', 'a.tmp', '.a.tmp', '.config.json.4711-0a1b2c3d.tmp.txt']) {
    expect(isTemporaryName(name), name).toBe(false);
  }
});
