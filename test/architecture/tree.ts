// The project as the rules see it: its files as text, and of a program file what it imports, what its comments say and what its strings say.
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ParseResult, parseSync, Visitor } from 'oxc-parser';

/** A text file; the path is from the project's root, with forward slashes. */
export interface SourceFile {
  path: string;
  text: string;
}

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** What is installed, built, downloaded or written by runs. */
const MADE = /(^|\/)node_modules$|^(dist|reference|runs|\.git|\.cache)$|^datasets\/[^/]+\/data$/;
const MADE_FILE = /^(bench|datasets|page\/tools)\/.*\.js$|^(shaders|tuning)\/index\.json$|\.part$/;
const TEXT = /\.(ts|mjs|js|wgsl|md|py)$|^\.ci\/run$/;

function walk(folder: string): string[] {
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = folder + entry.name;
    if (entry.isDirectory()) return MADE.test(path) ? [] : [path, ...walk(`${path}/`)];
    return entry.isFile() && !MADE_FILE.test(path) ? [path] : [];
  });
}

/** Every path of the project, files and folders alike, without what is made from them. */
export const paths: ReadonlySet<string> = new Set(walk(''));

/** Every text file of the project. */
export const files: readonly SourceFile[] = [...paths]
  .filter((path) => TEXT.test(path))
  .map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));

/** Those of the files that lie in one of the folders. */
export const below = (...folders: string[]): SourceFile[] =>
  files.filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)));

export const isProgram = ({ path }: SourceFile): boolean => /\.(ts|mjs|js)$/.test(path);

export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

const parsed = new WeakMap<SourceFile, ParseResult>();

function parse(file: SourceFile): ParseResult {
  let result = parsed.get(file);
  if (!result) {
    result = parseSync(file.path, file.text);
    if (result.errors.length > 0) throw new Error(`${file.path}: ${result.errors[0].message}`);
    parsed.set(file, result);
  }
  return result;
}

export interface Import {
  /** As it is written. */
  name: string;
  /** The path of the file, for a relative name. */
  target?: string;
  line: number;
  /** Gone from the program when it runs. */
  typeOnly: boolean;
}

/** All imports and re-exports of a program file, those by `import()` too. */
export function importsOf(file: SourceFile): Import[] {
  const { program, module } = parse(file);
  const found = (name: string, offset: number, typeOnly: boolean): Import => ({
    name,
    ...(name.startsWith('.') && { target: posix.join(posix.dirname(file.path), name) }),
    line: lineAt(file.text, offset),
    typeOnly,
  });
  const written = program.body.flatMap((node) => {
    if (node.type === 'ImportDeclaration') return [found(node.source.value, node.start, node.importKind === 'type')];
    if (node.type !== 'ExportNamedDeclaration' && node.type !== 'ExportAllDeclaration') return [];
    return node.source ? [found(node.source.value, node.start, node.exportKind === 'type')] : [];
  });
  const called = module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
    const name = /^'(.*)'$/.exec(file.text.slice(start, end))?.[1];
    return name === undefined ? [] : [found(name, start, false)];
  });
  return [...written, ...called];
}

/** A string of a program, or the literal parts of a template with \0 for what is put between them. */
export interface Literal {
  value: string;
  line: number;
}

const literals = new WeakMap<SourceFile, Literal[]>();

export function literalsOf(file: SourceFile): Literal[] {
  const known = literals.get(file);
  if (known) return known;
  const found: Literal[] = [];
  const add = (value: string, offset: number) => found.push({ value, line: lineAt(file.text, offset) });
  new Visitor({
    Literal: ({ value, start }) => typeof value === 'string' && add(value, start),
    TemplateLiteral: ({ quasis, start }) => add(quasis.map(({ value }) => value.cooked ?? value.raw).join('\0'), start),
  }).visit(parse(file).program);
  literals.set(file, found);
  return found;
}

const COMMENT: Record<string, RegExp> = { wgsl: /\/\/.*/g, py: /#.*|"""[\s\S]*?"""/g };

/** What a file says to its readers, each word at its place: comments with all else and their markers blanked out, or the whole of a document. */
export function proseOf(file: SourceFile): string {
  const pattern = COMMENT[file.path.split('.').at(-1)!];
  if (!pattern && !isProgram(file)) return file.text;
  const comments = pattern
    ? [...file.text.matchAll(pattern)].map(({ index, 0: { length } }) => ({ start: index, end: index + length }))
    : parse(file).comments;
  const blank = (text: string): string => text.replace(/[^\n]/g, ' ');
  let [prose, done] = ['', 0];
  for (const { start, end } of comments) {
    prose += blank(file.text.slice(done, start)) + file.text.slice(start, end);
    done = end;
  }
  return prose.replace(/^ *(\/\*\*?|\*\/|\*(?!\*)|\/\/|#)/gm, blank);
}
