// Files with an end are read, pipes where they will do, and what has no end is refused by name.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/io/safetensors.ts';
import { readWhole, readWholeSync, unreadable } from '../../src/io/whole-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'whole-file-'));
afterAll(() => rmSync(folder, { recursive: true }));
const reason = (path: string, pipes = false): Promise<string> =>
  readWhole(path, pipes).then(() => 'was read', unreadable);

describe.skipIf(!existsSync('/dev/zero'))('what has no end', () => {
  it('is refused: devices always, pipes where they would be read twice', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await reason('/dev/zero')).toBe('it is a device, not a file');
    expect(await reason('/dev/zero', true)).toBe('it is a device, not a file');
    expect(await reason(pipe)).toContain('it is a pipe');
    expect(() => readSafetensors(pipe)).toThrow('it is a pipe');
    const [bytes] = await Promise.all([
      readWhole(pipe, true),
      import('node:fs/promises').then((fs) => fs.writeFile(pipe, 'ab')),
    ]);
    expect(String(bytes)).toBe('ab');
  });
});

it('reads a file, and says what is not there or is a folder', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, 'abc');
  expect(String(await readWhole(file))).toBe('abc');
  expect(String(readWholeSync(file))).toBe('abc');
  expect(await reason(folder)).toBe('it is a folder, not a file');
  expect(await reason(join(folder, 'none'))).toBe('there is no such file');
});
