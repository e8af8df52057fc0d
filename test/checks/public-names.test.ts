// Every public name has a docstring, of a class every member; and the check that says so finds what has none, wherever it is declared and however it is exported.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

interface Declaration {
  file: string;
  name: string;
  line: number;
  documented: boolean;
  members: number;
  bareMembers: { name: string; line: number }[];
}
interface PublicFace {
  names: Declaration[];
  root: string[];
}
interface Check {
  publicFace(read: (path: string) => string, entries: string[]): PublicFace;
  report(face: PublicFace): { lines: string[]; ok: boolean };
  entriesOf(manifest: unknown): string[];
}
const script = new URL('../../checks/public-names.mjs', import.meta.url);
const { entriesOf, publicFace, report }: Check = await import(script.href);

/** The face of a package of these files, its root src/index.ts. */
const faceOf = (files: Record<string, string>, entries = ['src/index.ts']): PublicFace =>
  publicFace((path) => {
    if (files[path] === undefined) throw new Error(`there is no ${path}`);
    return files[path];
  }, entries);

const undocumented = (files: Record<string, string>): string[] =>
  faceOf(files).names.flatMap(({ file, line, name, documented }) => (documented ? [] : [`${file}:${line} ${name}`]));

it('every public name of this package, and every member of its classes, has a docstring', () => {
  let out: string;
  let code = 0;
  try {
    out = execFileSync(process.execPath, [fileURLToPath(script)], { encoding: 'utf8' });
  } catch (error) {
    ({ stdout: out, status: code } = error as { stdout: string; status: number });
  }
  const [, all, root, bare] = /^public names: (\d+) in all, (\d+) at the root, (\d+) undocumented$/m.exec(out)!;
  expect(Number(root)).toBeGreaterThan(0);
  expect(Number(all)).toBeGreaterThanOrEqual(Number(root));
  const [, members, bareMembers] = /^members of public classes: (\d+), (\d+) of them undocumented$/m.exec(out)!;
  expect(Number(members)).toBeGreaterThan(500);
  expect(code).toBe(Number(bare) + Number(bareMembers) > 0 ? 1 : 0);
  expect(out.split('\n').filter((line) => line.endsWith('has no docstring'))).toEqual([]);
});

it('the entries are those of package.json, as sources', () => {
  const types = (file: string) => ({ types: `./dist/${file}.d.ts` });
  expect(entriesOf({ exports: { '.': types('index'), './gpu': types('gpu/index') } })).toEqual([
    'src/index.ts',
    'src/gpu/index.ts',
  ]);
});

describe('a name without a docstring is found', () => {
  it.each([
    ['a function', 'export function f() {}'],
    ['a class', 'export class f {}'],
    ['an interface', 'export interface f {}'],
    ['a type', 'export type f = 1;'],
    ['a constant', 'export const f = 1;'],
    ['one with a line comment', '// A function.\nexport function f() {}'],
    ['one with an empty docstring', '/** */\nexport function f() {}'],
    ["one after another's docstring", '/** G. */\nexport const g = 1;\nexport const f = 1;'],
    ['one exported apart', '/** Not yet. */\nconst g = 1;\nconst f = g;\nexport { f };'],
  ])('%s', (_, text) => {
    const index = "export * from './a.ts';";
    expect(undocumented({ 'src/index.ts': index, 'src/a.ts': text })).toEqual([
      expect.stringMatching(/^src\/a\.ts:\d f$/),
    ]);
  });

  it('in a namespace that a face exports', () => {
    const files = { 'src/index.ts': "export * as read from './a.ts';", 'src/a.ts': 'export function f() {}' };
    expect(undocumented(files)).toEqual(['src/a.ts:1 f']);
    expect(faceOf(files, ['src/index.ts']).root).toEqual(['read.f']);
  });

  it('under another name, two files away, and only once', () => {
    const files = {
      'src/index.ts': "export * from './nn/index.ts';\nexport type { T } from './nn/b.ts';",
      'src/nn/index.ts': "export { f as g, type T } from './a.ts';\nexport { f } from './a.ts';",
      'src/nn/a.ts': "import type { T } from './b.ts';\n\nexport function f() {}\nexport type { T };",
      'src/nn/b.ts': 'export interface T {}',
    };
    expect(undocumented(files)).toEqual(['src/nn/a.ts:3 f', 'src/nn/b.ts:1 T']);
    const face = faceOf(files, ['src/index.ts', 'src/nn/index.ts']);
    expect([face.names.length, face.root.sort()]).toEqual([2, ['T', 'f', 'g']]);
    expect(report(face)).toEqual({
      lines: [
        'src/nn/a.ts:3 f has no docstring',
        'src/nn/b.ts:1 T has no docstring',
        'public names: 2 in all, 3 at the root, 2 undocumented',
        'members of public classes: 0, 0 of them undocumented',
      ],
      ok: false,
    });
  });
});

it.each([
  ['a docstring', '/** F. */\nexport function f() {}'],
  ['a docstring over an order to the linter', '/** F. */\n// biome-ignore lint: a reason\nexport function f() {}'],
  ['a docstring on its first overload', '/** F. */\nexport function f(): void;\nexport function f(x?: 1) {}'],
  ['a docstring where it is declared', '/** F. */\nconst f = 1;\nexport { f };'],
])('a name with %s passes', (_, text) => {
  const face = faceOf({ 'src/index.ts': text });
  expect(face.names).toMatchObject([{ name: 'f', documented: true }]);
  expect(report(face).ok).toBe(true);
});

it('finds the members without one of classes that users see', () => {
  const text = `/** C. */
export class C extends D {
  /** A. */
  a = 1;
  b = 2;
  #c = 3;
  private d = 4;
  constructor() { super(); }
  e(): void;
  e(x?: 1) {}
  override f() {}
}`;
  const face = faceOf({ 'src/index.ts': text });
  expect(face.names).toMatchObject([{ members: 3, bareMembers: [{ name: 'b' }, { name: 'e' }] }]);
  expect(report(face)).toEqual({
    lines: [
      'src/index.ts:5 C.b has no docstring',
      'src/index.ts:9 C.e has no docstring',
      'public names: 1 in all, 1 at the root, 0 undocumented',
      'members of public classes: 3, 2 of them undocumented',
    ],
    ok: false,
  });
});

it('takes what an interface says for the members of classes that implement it, and no more', () => {
  const files = {
    'src/index.ts': "export { C } from './c.ts';",
    'src/c.ts': `import type { I as J } from './i.ts';
interface Own {
  /** D. */
  d: number;
}
/** C. */
export class C implements J<number>, Own, Disposable {
  a = 1;
  b = 2;
  c = 3;
  d = 4;
  e = 5;
}`,
    'src/i.ts': `interface Above<T> {
  /** B. */
  b: T;
}
export interface I<T> extends Above<T> {
  /** A. */
  a: T;
  c: T;
}`,
  };
  expect(faceOf(files).names).toMatchObject([{ bareMembers: [{ name: 'c' }, { name: 'e' }] }]);
});

it('a name that is exported and not there is an error', () => {
  const files = { 'src/index.ts': "export { f } from './a.ts';", 'src/a.ts': 'export const g = 1;' };
  expect(() => faceOf(files)).toThrow('src/index.ts: ./a.ts has no f to export');
});
