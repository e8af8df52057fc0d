// The JavaScript of each document is one program, run against the built package as somebody would who copied it; what a line logs stands in a comment behind it,
// with … for what is not always the same.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stepsOf } from '../architecture/additions.ts';
import { root } from '../architecture/tree.ts';
import { program } from '../support/command.ts';
import { blocksOf, documents } from './blocks.ts';
import { PREPARED } from './prepared.ts';

const blocks = documents.flatMap((document) => blocksOf(document).map((block) => ({ ...block, document })));
const programs = new Map<string, string>();
for (const { language, code, document } of blocks)
  if (language === 'js') programs.set(document.path, (programs.get(document.path) ?? '') + code);

/** A whole line; … stands for anything. */
const lineLike = (line: string): RegExp =>
  new RegExp(`^${line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*')}$`, 'm');

it.each([...programs])('%s', async (path, code) => {
  const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line);
  const folder = mkdtempSync(join(tmpdir(), 'astrogpu-documents-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules', 'astrogpu'), 'junction');
    writeFileSync(join(folder, 'program.mjs'), code);
    await PREPARED[path]?.(folder);
    const { code: exit, stdout, stderr } = await program(join(folder, 'program.mjs'), [], folder);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(promised.length).toBeGreaterThan(0);
    for (const line of promised) expect(stdout).toMatch(lineLike(line));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('the first program of README.md has 15 lines at most', () => {
  const [{ code }] = blocksOf(documents.find(({ path }) => path === 'README.md')!).filter(
    ({ language }) => language === 'js',
  );
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(15);
});

describe('other code', () => {
  const others = blocks.filter(({ language }) => !['js', 'sh'].includes(language));
  it('of a document is what a page of the guide adds, which is tried out in a copy of the project', () => {
    const added = [...new Set(others.map(({ document }) => document))].flatMap(stepsOf).map(({ code }) => code);
    expect(others.filter(({ code }) => !added.includes(code)).map(({ place }) => place)).toEqual([]);
  });
});
