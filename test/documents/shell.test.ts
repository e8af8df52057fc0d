// The lines for a shell that documents show are run, those of a document one after another in a folder of its own, as somebody would who reads it from the top: with options that
// make each small, on files of which test/documents/shell/readers-files.ts draws what readers bring. A line that is neither run nor left out for a reason is a failure.
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../support/command.ts';
import { commandsOf, documents, wordsOf } from './blocks.ts';
import { ownProgram } from './own-program.ts';
import { LEFT_OUT } from './shell/left-out.ts';
import { READERS_FILES } from './shell/readers-files.ts';
import { REHEARSED, type Rehearsal } from './shell/rehearsed.ts';

/** Lines of a document in its order, each once. */
const linesOf = (path: string): string[] => {
  const document = documents.find((document) => document.path === path);
  if (!document) throw new Error(`there is no ${path}`);
  return [...new Set(commandsOf(document).map(({ words }) => words.join(' ')))];
};
const shown = documents.map(({ path }) => path).filter((path) => !path.startsWith('docs/results/'));

/** What is started in place of a line. */
function smaller(line: string, { put = {}, small = '' }: Rehearsal): { file: string; args: string[] } {
  let text = line;
  for (const [word, here] of Object.entries(put)) {
    if (!text.includes(word)) throw new Error(`${line}: there is no ${word} to put ${here} in place of`);
    text = text.replaceAll(word, here);
  }
  const own = ownProgram(wordsOf(text));
  if (!own) throw new Error(`${line}: it starts no program of ours`);
  return { file: own.file, args: [...own.args, ...wordsOf(small)] };
}

describe.each(Object.entries(REHEARSED))('%s', (path, rehearsals) => {
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'astrogpu-shell-'));
    await READERS_FILES[path]?.(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(linesOf(path).filter((line) => line in rehearsals))('%s', { timeout: 180_000 }, async (line) => {
    const { file, args } = smaller(line, rehearsals[line]);
    // Listings of images are remembered there.
    const { code, stdout, stderr } = await program(file, args, folder, { XDG_CACHE_HOME: join(folder, '.cache') });
    const { says, leaves = [] } = rehearsals[line];
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: expect.stringMatching(says ?? /./) });
    for (const name of leaves) expect(sizeOf(join(folder, name)), `${name}, which ${line} leaves`).toBeGreaterThan(0);
  });
});

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

describe('each line of a document', () => {
  const all = new Set(shown.flatMap(linesOf));
  const run = Object.values(REHEARSED).flatMap(Object.keys);

  it('is run, or left out for a reason', () => {
    const known = new Set([...run, ...Object.keys(LEFT_OUT)]);
    expect([...all].filter((line) => !known.has(line))).toEqual([]);
  });

  it('is there, once', () => {
    const listed = [...run, ...Object.keys(LEFT_OUT)];
    expect(listed.filter((line) => !all.has(line))).toEqual([]);
    expect(listed.filter((line, i) => listed.indexOf(line) !== i)).toEqual([]);
    for (const [path, lines] of Object.entries(REHEARSED))
      expect(Object.keys(lines).filter((line) => !linesOf(path).includes(line))).toEqual([]);
  });
});

it('says what a line lacks', () => {
  expect(() => smaller('npx astrogpu eval NET', { put: { NAME: 'net' } })).toThrow(/there is no NAME/);
  expect(() => smaller('make all', {})).toThrow(/no program of ours/);
});
