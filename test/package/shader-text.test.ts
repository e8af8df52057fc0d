// The WGSL that a page gets is that of shaders/, token by token and line by line: only comments and spaces are gone.
import { expect, it } from 'vitest';
import { below } from '../architecture/tree.ts';

const { shortened }: { shortened(source: string): string } = await import(
  new URL('../../build/shader-text.mjs', import.meta.url).href
);

/** As WGSL reads it: the longest operator wins, whatever stands between tokens. */
const TOKEN =
  /[A-Za-z_]\w*|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?[fhiu]?|0x[\da-f]+[iu]?|->|&&|\|\||<<=?|>>=?|[-+*/%&|^=!<>]=|\+\+|--|\S/gi;
const plain = (line: string): string => (/^\/\/ include /.test(line) ? line : line.replace(/\/\/.*/, ''));
const tokensOf = (text: string): string[][] => text.split('\n').map((line) => plain(line).match(TOKEN) ?? []);
const without = (lines: string[][]): string =>
  lines
    .map((tokens) => tokens.join(' '))
    .join('\n')
    .trimEnd();

const shaders = below('shaders').filter(({ path }) => path.endsWith('.wgsl'));

it('of every shader', () => {
  expect(shaders.length).toBeGreaterThan(100);
  for (const { path, text } of shaders)
    expect(`${path}\n${without(tokensOf(shortened(text)))}`).toBe(`${path}\n${without(tokensOf(text))}`);
});

it('keeps spaces that part tokens, includes, and what is indented', () => {
  const text =
    '// What it is.\n// include tensor/chunk\nfn f(a: i32) -> i32 {\n  let b = a - -1; // one more\n\n  return b / *p;\n}\n';
  expect(shortened(text)).toBe('\n// include tensor/chunk\nfn f(a:i32)->i32{\n let b=a- -1;\n\n return b/ *p;\n}');
});

it('is shorter', () => {
  const size = (texts: string[]): number => texts.reduce((sum, text) => sum + text.length, 0);
  const texts = shaders.map(({ text }) => text);
  expect(size(texts.map(shortened))).toBeLessThan(0.65 * size(texts));
});
