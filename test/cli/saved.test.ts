// config.json of a run, as people and accidents leave it: what is wrong is one line with the file, the place in it, what was found and what is wanted.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dataOf, readSaved } from '../../src/cli/train/saved.ts';
import { AstroError } from '../../src/gpu/device/errors.ts';
import type { Option } from '../../src/train/options/option.ts';
import { JOB_OPTIONS } from '../../src/train/options/table.ts';
import { config } from '../support/jobs.ts';

const folder = mkdtempSync(join(tmpdir(), 'astrogpu-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'config.json');

/** Options that take any text. */
const TEXTS = new Set(
  Object.entries(JOB_OPTIONS).flatMap(([name, { read }]: [string, Option]) =>
    /texts?$/.test(read?.takes ?? '') ? [name] : [],
  ),
);

const saved = () => ({
  config: { ...config(), data: '/pictures', threshold: 0.5 } as Record<string, unknown>,
  command: 'npx astrogpu train',
  adapter: 'llvmpipe',
  standIn: false as unknown,
  folder: { size: 32, classes: ['a', 'b'], train: 16, test: 10 } as unknown,
  date: '2026-11-28T00:00:00.000Z' as unknown,
});

function refusal(content: unknown): string {
  writeFileSync(file, typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content));
  try {
    readSaved({ resume: folder });
  } catch (error) {
    expect(error).toBeInstanceOf(AstroError);
    const { message } = error as Error;
    expect(message).not.toContain('\n');
    expect(message).toContain(folder);
    return message;
  }
  throw new Error('it was not refused');
}

it('images of a run may be shards by a pattern, and are missed where the first is gone', () => {
  const pattern = join(folder, 'train-{0..1}.tar');
  const run = { ...saved(), config: { ...config(), data: pattern } } as Parameters<typeof dataOf>[0];
  expect(() => dataOf(run)).toThrow(`the run's images were in ${pattern}, which is not there anymore`);
  writeFileSync(join(folder, 'train-0.tar'), '');
  expect(dataOf(run)).toBe(pattern);
});

describe('config.json', () => {
  it('comes back as it was written', () => {
    writeFileSync(file, JSON.stringify(saved()));
    expect(readSaved({ resume: folder })).toEqual(saved());
    writeFileSync(file, `\ufeff${JSON.stringify(saved())}`);
    expect(readSaved({ resume: folder })).toEqual(saved());
  });

  it.each(Object.keys(JOB_OPTIONS))('names config.%s where its value is of another type', (name) => {
    for (const value of [{}, null, [[1]], 'no such thing', -1e300, [null]]) {
      if (TEXTS.has(name) && (typeof value === 'string' || Array.isArray(value))) continue;
      const changed = saved();
      changed.config[name] = value;
      expect(refusal(changed)).toMatch(
        new RegExp(`config\\.json: config\\.${name} is .*; .* is wanted; put back what it was`),
      );
    }
    const changed = saved();
    changed.config[name] = [[]];
    expect(refusal(changed)).toMatch(`config.${name} is a list of 1; `);
  });

  it('says what was found and what is wanted', () => {
    const changed = saved();
    changed.config.batch = '4';
    expect(refusal(changed)).toContain(
      'config.json: config.batch is "4"; a whole number from 1 to 65536 is wanted; put back what it was, or start a new run',
    );
    changed.config.batch = 4;
    changed.config.arms = ['plain', 'trained', 'other'];
    expect(refusal(changed)).toContain(
      'config.arms is a list of 3; a list of plain, random, trained, paper, magnitude, narrow is wanted',
    );
    expect(refusal({ ...saved(), standIn: 'no' })).toContain('standIn is "no"; true or false is wanted');
    expect(refusal({ ...saved(), date: undefined })).toContain('date is missing');
    expect(refusal({ ...saved(), folder: { size: 32, classes: ['a', 7], train: 1.5, test: 1 } })).toContain(
      'folder.classes[1] is 7; a text is wanted',
    );
    expect(refusal({ ...saved(), folder: { size: 32, classes: [], train: 1.5, test: 1 } })).toContain(
      'folder.train is 1.5; a whole number is wanted',
    );
  });

  it('is named for what it is where it is no JSON', () => {
    expect(refusal('')).toContain('it is empty');
    expect(refusal('{"config": {')).toContain('it is not JSON, or cut short');
    expect(refusal(new Uint8Array([0x7b, 0xff, 0x7d]))).toContain('it is no text in UTF-8');
    expect(refusal('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n')).toContain(
      'this is a Git LFS pointer, which stands for a file that was not fetched; git lfs pull fetches it',
    );
    expect(refusal('<!DOCTYPE html><html></html>')).toContain('this is an HTML page');
  });
});
