// Who has a run folder: never two processes at once, never nobody for long, and nothing is left of a run that came to nothing.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LOCK_FILE } from '../../../src/train/run/folder-lock.ts';
import { checkRunFolder, createRunFolder, holdRunFolder } from '../../../src/train/run/held-folder.ts';
import { RunFolderError } from '../../../src/train/run/run-folder.ts';
import { refusal } from '../../support/refusal.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'runs-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const date = new Date(2026, 10, 5, 4, 3, 2);

const error = (action: () => unknown): string => refusal(RunFolderError, action);

describe('creating', () => {
  test('names the folder by date, model and name, and counts up when taken', () => {
    const make = () =>
      basename(createRunFolder({ root: join(root, 'runs'), model: 'resnet18', name: 'connection T=6/x', date }).path);
    expect([make(), make(), make()]).toEqual([
      '2026-11-05-040302-resnet18-connection-T-6-x',
      '2026-11-05-040302-resnet18-connection-T-6-x-2',
      '2026-11-05-040302-resnet18-connection-T-6-x-3',
    ]);
  });

  test('takes the folder asked for when it is new or empty', () => {
    const out = join(root, 'a', 'b');
    for (let again = 0; again < 2; again++) {
      const held = createRunFolder({ out, model: 'm', name: 'n' });
      expect(held.path).toBe(out);
      held.release();
      expect(readdirSync(out)).toEqual([]);
    }
  });

  test('refuses a folder with anything in it, a file, and a path below a file', () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    expect(error(() => createRunFolder({ out: root, model: 'm', name: 'n' }))).toBe(
      `out ${root} is not empty; name another folder`,
    );
    expect(error(() => createRunFolder({ out: file, model: 'm', name: 'n' }))).toBe(
      `out ${file} is a file; name a folder`,
    );
    expect(error(() => createRunFolder({ out: join(file, 'x'), model: 'm', name: 'n' }))).toMatch(
      /cannot be made .* name another \(out\)$/,
    );
    expect(readdirSync(root)).toEqual(['file']);
  });
});

describe('a run that came to nothing', () => {
  test('takes away the folders that were made for it, and what it wrote', () => {
    const held = createRunFolder({ out: join(root, 'a', 'b'), model: 'm', name: 'n' });
    for (const name of ['config.json', 'tuning.json', 'astrocyte.safetensors'])
      writeFileSync(join(held.path, name), '');
    held.discard();
    expect(readdirSync(root)).toEqual([]);
    createRunFolder({ root: join(root, 'runs'), model: 'm', name: 'n', date }).discard();
    expect(readdirSync(root)).toEqual([]);
  });

  test('leaves a folder that was there, and what is not its own', () => {
    mkdirSync(join(root, 'mine'));
    const held = createRunFolder({ out: join(root, 'mine'), model: 'm', name: 'n' });
    writeFileSync(join(held.path, 'config.json'), '');
    writeFileSync(join(held.path, 'notes.txt'), 'mine');
    held.discard();
    expect(readdirSync(join(root, 'mine'))).toEqual(['notes.txt']);
  });

  test('and was killed before it had a configuration, is begun again by the same command', () => {
    for (const name of [LOCK_FILE, 'tuning.json', 'astrocyte.safetensors', '.config.json.1-0a1b2c3d.tmp'])
      writeFileSync(join(root, name), '');
    utimesSync(join(root, LOCK_FILE), 0, 0);
    const held = createRunFolder({ out: root, model: 'm', name: 'n' });
    expect(readdirSync(root)).toEqual([LOCK_FILE]);
    held.release();
  });

  test("is not what somebody's own files are taken for", () => {
    writeFileSync(join(root, 'astrocyte.safetensors'), 'mine');
    expect(error(() => createRunFolder({ out: root, model: 'm', name: 'n' }))).toContain('is not empty');
    expect(readFileSync(join(root, 'astrocyte.safetensors'), 'utf8')).toBe('mine');
  });

  test('whether a folder can be had is found out without a trace', () => {
    checkRunFolder({ out: join(root, 'x', 'y') });
    checkRunFolder({ root: join(root, 'runs') });
    expect(readdirSync(root)).toEqual([]);
    expect(error(() => checkRunFolder({ out: '/proc/x' }))).toMatch(/^the run folder \/proc\/x cannot be made/);
  });
});

describe('holding', () => {
  const write = (content: unknown, age = 60_000): void => {
    const file = join(root, LOCK_FILE);
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    const then = (Date.now() - age) / 1000;
    utimesSync(file, then, then);
  };

  test('clears temporary files away, and no others', () => {
    writeFileSync(join(root, '.checkpoint-000000001.safetensors.4711-0a1b2c3d.tmp'), 'half');
    writeFileSync(join(root, 'mine.tmp'), 'mine');
    holdRunFolder(root).release();
    expect(readdirSync(root)).toEqual(['mine.tmp']);
  });

  test('there must be a folder', () => {
    writeFileSync(join(root, 'file'), '');
    expect(error(() => holdRunFolder(join(root, 'none')))).toMatch(/none: there is no such folder$/);
    expect(error(() => holdRunFolder(join(root, 'file')))).toMatch(/file: this is a file, and no run folder$/);
  });

  test('is for one at a time', async () => {
    const held = holdRunFolder(root);
    expect(error(() => holdRunFolder(root))).toMatch(/this process is at work there/);
    held.release();
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' });
    write({ pid: other.pid, host: hostname() });
    expect(error(() => holdRunFolder(root))).toContain(`process ${other.pid} on ${hostname()} is at work there`);
    write({ pid: other.pid, host: hostname(), began: 'in another life' });
    holdRunFolder(root).release();
    write({ pid: other.pid, host: hostname() });
    other.kill('SIGKILL');
    await new Promise((resolve) => other.on('close', resolve));
    holdRunFolder(root).release();
    expect(readdirSync(root)).toEqual([]);
  });

  test.each([
    ['another machine, a minute ago', { pid: 1, host: 'elsewhere' }, 60_000, true],
    ['another machine, long ago', { pid: 1, host: 'elsewhere' }, 3_600_000, false],
    ['nobody, a moment ago', '', 0, true],
    ['nobody', '', 60_000, false],
    ['something else', '[1', 60_000, false],
    ['this number, before', { pid: process.pid, host: hostname() }, 0, false],
  ])('a lock of %s', (_, content, age, refused) => {
    write(content, age);
    if (refused)
      expect(error(() => holdRunFolder(root))).toMatch(
        /is at work there; wait for it or stop it, or, if there is no such process, remove /,
      );
    else holdRunFolder(root).release();
  });
});
