// What a comment or a document points at is there: files and folders by their path or their bare name, sections by number or heading. Links of documents: test/checks/links.test.ts.
import { describe, expect, it } from 'vitest';
import { files, lineAt, paths, proseOf, type SourceFile } from './tree.ts';

/** Something cited: what, and where. */
interface Citation {
  what: string;
  at: number;
}

type Rule = (files: readonly SourceFile[], paths: ReadonlySet<string>) => string[];

/** A rule that looks at what one file says. The commands in docs/results stay as they were when they were run. */
const ofEach =
  (
    cited: (prose: string, file: SourceFile) => Citation[],
    missing: (what: string, files: readonly SourceFile[], paths: ReadonlySet<string>) => string | undefined,
  ): Rule =>
  (files, paths) =>
    files.flatMap((file) => {
      const recorded = file.path.startsWith('docs/results/');
      const prose = recorded ? proseOf(file).replace(/```[\s\S]*?```|`[^`]*`/g, blank) : proseOf(file);
      return cited(prose, file).flatMap(({ what, at }) => {
        const reason = missing(what, files, paths);
        return reason ? [`${file.path}:${lineAt(file.text, at)} cites ${what}: ${reason}`] : [];
      });
    });

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

const matches = (prose: string, pattern: RegExp): Citation[] =>
  [...prose.matchAll(pattern)].map((match) => ({ what: match[1], at: match.index }));

const HOMES = 'src|shaders|test|bench|examples|datasets|tuning|checks|docs|dist|\\.ci';
/** A path from the root, up to its first placeholder. */
const PATH = new RegExp(`(?<![\\w./-])((?:${HOMES})/(?:[\\w/-]|\\.(?=\\w))*)`, 'g');
/** A file of ours without its folders, or without all of them. */
const NAME = new RegExp(
  `(?<![\\w./*<>-])(?!(?:${HOMES})/)((?:[\\w-]+/)*[\\w-]+(?:\\.\\w+)?\\.(?:ts|mjs|wgsl|py)|(?!NAME)[A-Z]{3,}\\.md)\\b`,
  'g',
);
/** Not in the repository: what is downloaded, built and listed. */
const MADE = /^(datasets\/[\w-]+\/data|dist)\b|^(shaders|tuning)\/index\.json$/;

/** A file that a page of the guide adds. */
const isNew = (prose: string, { what, at }: Citation): boolean => prose.startsWith('`**, new:', at + what.length);

const filesAreThere = ofEach(
  (prose) =>
    [...matches(prose, PATH), ...matches(prose, NAME)].filter((it) => !MADE.test(it.what) && !isNew(prose, it)),
  (what, _, paths) => {
    const bare = what.replace(/[/-]$/, '').replace(/^((?:bench|datasets)\/.*)\.js$/, '$1.ts');
    const there =
      paths.has(bare) || paths.has(`${bare}.test.ts`) || [...paths].some((path) => path.endsWith(`/${bare}`));
    return there ? undefined : 'there is no such file or folder';
  },
);

const headingsOf = ({ text }: SourceFile): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading.replaceAll('`', ''));

/** Sections named after a document, by their numbers, one or several, or by the heading in quotes; each with the document. */
function sectionsCited(prose: string): Citation[] {
  const found: Citation[] = [];
  for (const { index, 1: document, 2: sections } of prose.matchAll(
    /(docs\/[\w/-]+\.md)(?:'s)?\s+((?:§\d+(?:[\s,–-]|and|to)*)+|"[^"]+")/g,
  ))
    for (const [section] of sections.matchAll(/§\d+|"[^"]+"/g))
      found.push({ what: `${document} ${section.replace(/\s+/g, ' ')}`, at: index });
  return found;
}

const sectionsAreThere = ofEach(
  (prose, { path }) => {
    const own = /^docs\/method\.md$/.test(path) ? matches(prose, /(?<!\.md )(§\d+)(?!\.\d)/g) : [];
    return [...sectionsCited(prose), ...own.map(({ what, at }) => ({ what: `${path} ${what}`, at }))];
  },
  (what, files) => {
    const [, document, number, heading] = /^(\S+) (?:§(\d+)|"(.+)")$/.exec(what)!;
    const file = files.find(({ path }) => path === document);
    if (!file) return 'there is no such document';
    const there = headingsOf(file).some((text) => (number ? text.startsWith(`${number}. `) : text === heading));
    return there ? undefined : 'it has no such section';
  },
);

const sample = (path: string, text: string): SourceFile => ({ path, text });
const method = sample('docs/method.md', '# The method\n## 1. Gates\n## 2. Features: `G`\n');

describe('files', () => {
  it('cited in this project are there', () => expect(filesAreThere(files, paths)).toEqual([]));

  it.each([
    ['a path', sample('src/a.ts', 'f();\n// Needs shaders/gone.wgsl.'), 'src/a.ts:2 cites shaders/gone.wgsl'],
    ['a folder', sample('README.md', 'see src/gone/ for more'), 'README.md:1 cites src/gone/'],
    ['what follows a path', sample('bench/a.ts', '/** As src/nn/gone.ts… */'), 'bench/a.ts:1 cites src/nn/gone.ts'],
    ['a command', sample('docs/a.md', '`node bench/gone.js --help`'), 'docs/a.md:1 cites bench/gone.js'],
    ['a bare name', sample('shaders/a.wgsl', 'fn f() {} // see gone.wgsl'), 'shaders/a.wgsl:1 cites gone.wgsl'],
    ['a family and a name', sample('src/a.ts', '/**\n * Needs conv/gone.wgsl */'), 'src/a.ts:2 cites conv/gone.wgsl'],
    ['a document in capitals', sample('test/a.py', 'x = 1  # GONE.md says so'), 'test/a.py:1 cites GONE.md'],
    [
      'a result said in prose',
      sample('docs/results/a.md', 'by bench/gone.ts'),
      'docs/results/a.md:1 cites bench/gone.ts',
    ],
  ])('%s', (_, file, cited) => {
    expect(filesAreThere([file], paths)).toEqual([`${cited}: there is no such file or folder`]);
  });

  it.each([
    ['a string of a program', sample('src/a.ts', "const a = 'src/gone.ts'; // a string")],
    ['a placeholder', sample('docs/a.md', 'src/<floor>/index.ts, bench/**/*.js, tuning/*.json, test/…')],
    ['what is built or downloaded', sample('docs/a.md', 'dist/gone.js, datasets/cifar-10/data/x.bin')],
    ['a file that a page adds', sample('docs/a.md', '**`src/gone.ts`**, new:')],
    ['a command of a result', sample('docs/results/a.md', '`node bench/gone.js`\n```\nnode bench/gone.js\n```')],
    ["someone else's file", sample('src/a.ts', '// https://example.org/src/gone.ts')],
    ['a command that is there', sample('docs/a.md', '`node bench/cifar.js`, `npx vitest run test/gpu/kernel/memory`')],
  ])('not %s', (_, file) => {
    expect(filesAreThere([file], paths)).toEqual([]);
  });
});

describe('sections', () => {
  it('cited in this project are there', () => expect(sectionsAreThere(files, paths)).toEqual([]));

  it.each([
    [
      'a number',
      sample('src/a.ts', '\n// P (docs/method.md §1, and\n// §3).'),
      'src/a.ts:2 cites docs/method.md §3',
      'it',
    ],
    [
      'a heading',
      sample('src/a.ts', '// docs/method.md "Features"'),
      'src/a.ts:1 cites docs/method.md "Features"',
      'it',
    ],
    ['its own', sample('docs/method.md', '# M\n## 1. A\nas §2 says'), 'docs/method.md:3 cites docs/method.md §2', 'it'],
    ['no document', sample('src/a.ts', '// docs/gone.md §1'), 'src/a.ts:1 cites docs/gone.md §1', 'there'],
  ])('%s', (_, file, cited, missing) => {
    const reason = missing === 'it' ? 'it has no such section' : 'there is no such document';
    expect(sectionsAreThere(file.path === method.path ? [file] : [file, method], paths)).toEqual([
      `${cited}: ${reason}`,
    ]);
  });

  it('that are there, and those of a paper, pass', () => {
    const good = sample('src/a.ts', '// docs/method.md §1, docs/method.md "2. Features: G", arXiv:1509.09308 §4.1');
    expect(sectionsAreThere([good, method], paths)).toEqual([]);
  });
});
