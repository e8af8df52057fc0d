// What every file keeps to: it opens with what it is and is not long, a test stands where its subject stands, and the library speaks of fields, not of flags.
import { describe, expect, it } from 'vitest';
import { TEST_FOLDERS } from './order.ts';
import { below, files, isProgram, literalsOf, paths, type SourceFile } from './tree.ts';

type Rule = (files: readonly SourceFile[]) => string[];

/** After a shebang or a directive, if there is one. */
const OPENING: Record<string, RegExp> = {
  program: /^(#!.*\n)?(\/\/ |\/\*\*)/,
  wgsl: /^ *\/\/ (?!include |variant: )/,
  py: /^(#!.*\n)?("""|# )/,
};

const opensWithWhatItIs: Rule = (files) =>
  files
    .filter((file) => {
      const kind = isProgram(file) ? 'program' : file.path.split('.').at(-1)!;
      return OPENING[kind] && !OPENING[kind].test(file.text);
    })
    .map(({ path }) => `${path} does not open with what it is`);

/** test/ops/conv/… is about src/ops/conv. */
const testsMirror =
  (paths: ReadonlySet<string>): Rule =>
  (files) => {
    const folders = new Set(files.map(({ path }) => path.replace(/\/[^/]*$/, '')));
    return [...folders]
      .filter((folder) => folder.startsWith('test/') && !TEST_FOLDERS.includes(folder.split('/')[1]))
      .filter((folder) => !paths.has(folder.replace(/^test/, 'src')))
      .map((folder) => `${folder}: there is no ${folder.replace(/^test/, 'src')}`);
  };

/** `--name` where a word begins; only the command line has such. */
const FLAG = /(?<![\w-])--[a-z][a-z-]*/;
/** Names of that form that are none: those of style sheets, and what V8 is told. */
const NO_FLAG = /var\(--|^--expose-gc$/;

const noFlags: Rule = (files) =>
  files
    .filter(({ path }) => path.startsWith('src/') && !path.startsWith('src/cli/'))
    .flatMap((file) =>
      literalsOf(file)
        .filter(({ value }) => FLAG.test(value) && !NO_FLAG.test(value))
        .map(({ value, line }) => `${file.path}:${line} names a flag: ${FLAG.exec(value)![0]}`),
    );

/** Lines of a program; longer ones hold more than one thing. */
const MOST_LINES = 350;

const isShort: Rule = (files) =>
  files
    .filter((file) => isProgram(file) || /\.(wgsl|py)$/.test(file.path))
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ path, lines }) => `${path} has ${lines} lines`);

const sample = (path: string, text = ''): SourceFile => ({ path, text });

describe('a length', () => {
  it(`is at most ${MOST_LINES} lines, of tests too`, () => expect(isShort(files)).toEqual([]));
  it('can be more', () => {
    const lines = (n: number): string => 'a;\n'.repeat(n);
    expect(
      isShort([sample('test/a.test.ts', lines(351)), sample('src/b.ts', lines(350)), sample('c.md', lines(999))]),
    ).toEqual(['test/a.test.ts has 351 lines']);
  });
});

describe('an opening', () => {
  it('has every file of this project', () => expect(opensWithWhatItIs(files)).toEqual([]));
  it.each([
    sample('src/a.ts', "import { b } from './b.ts';\n// late"),
    sample('shaders/a.wgsl', '// variant: {}\n'),
    sample('test/a.py', 'import torch\n'),
    sample('checks/a.mjs', '#!/usr/bin/env node\nlet a;\n'),
  ])('$path can lack it', (file) =>
    expect(opensWithWhatItIs([file])).toEqual([`${file.path} does not open with what it is`]),
  );
});

describe('tests', () => {
  it('of this project stand where their subjects stand', () => expect(testsMirror(paths)(below('test'))).toEqual([]));
  it('that stand elsewhere are found', () =>
    expect(testsMirror(new Set(['src/ops']))([sample('test/ops/conv/a.test.ts'), sample('test/support/a.ts')])).toEqual(
      ['test/ops/conv: there is no src/ops/conv'],
    ));
});

describe('flags', () => {
  it('are named by no library file', () => expect(noFlags(files)).toEqual([]));
  it.each([
    ['a string', "throw new AstroError('take a smaller --batch');"],
    ['a template', `const hint = \`\${name}: give --data DIR\`;`],
    ['a string that begins so', "const flag = '--data';"],
  ])('are found in %s', (_, text) => {
    expect(noFlags([sample('src/train/a.ts', text)])).toHaveLength(1);
    expect(noFlags([sample('src/cli/a.ts', text)])).toEqual([]);
  });
  it.each(["'a -- b'", "'x--y'", '// --data\n0'])('are not %s', (text) =>
    expect(noFlags([sample('src/train/a.ts', text)])).toEqual([]),
  );
});
