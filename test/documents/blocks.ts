// The documents as what can be tried out: their blocks of code, and the commands of those for a shell.
import { files, lineAt, type SourceFile } from '../architecture/tree.ts';

/** A block of code of a document. */
export interface Block {
  /** The document and the line of its fence. */
  place: string;
  /** What stands behind the fence. */
  language: string;
  code: string;
}

/** All documents of the project. */
export const documents: readonly SourceFile[] = files.filter(({ path }) => path.endsWith('.md'));

/** Throws for a fence without an end or a language. */
export function blocksOf({ path, text }: SourceFile): Block[] {
  const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(({ index, 1: language, 2: code }) => ({
    place: `${path}:${lineAt(text, index)}`,
    language,
    code,
  }));
  if (2 * blocks.length !== (text.match(/^ *```/gm) ?? []).length)
    throw new Error(`${path}: a block of code has no language, or no end`);
  return blocks;
}

/** A command of a block for a shell: its words, without what it sets in the environment before. */
export interface ShellCommand {
  place: string;
  words: string[];
}

/** Words may be quoted; a comment begins with #. */
export const wordsOf = (line: string): string[] =>
  [...line.replace(/(^|\s)#.*$/, '').matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replace(/["']/g, ''),
  );

export const commandsOf = (document: SourceFile): ShellCommand[] =>
  blocksOf(document)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ place, code }) => code.split('\n').map((line) => ({ place, words: wordsOf(line) })))
    .map(({ place, words }) => ({ place, words: words.slice(words.findIndex((word) => !/^[A-Z_\d]+=/.test(word))) }))
    .filter(({ words }) => words.length > 0);
