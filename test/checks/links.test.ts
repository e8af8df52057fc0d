// Links that lead nowhere are found, in pages and in documents, and this project's documents have none.
import { describe, expect, it } from 'vitest';
import { files, paths } from '../architecture/tree.ts';

interface Check {
  brokenLinks(pages: ReadonlyMap<string, string>, isThere?: (path: string) => boolean): string[];
}
const script = new URL('../../checks/reference/links.mjs', import.meta.url);
const { brokenLinks }: Check = await import(script.href);

const page = (path: string, text: string): [string, string] => [path, text];

it('of the documents lead somewhere', () => {
  const documents = new Map(files.filter(({ path }) => path.endsWith('.md')).map(({ path, text }) => [path, text]));
  expect(brokenLinks(documents, (path) => paths.has(path))).toEqual([]);
});

describe('a link that leads nowhere is found', () => {
  const method = page('docs/method.md', '# The method\n## 2. Features: `G`\n');
  const index = page('reference/index.html', '<a href="modules/a.html#b%26c">');
  const module = page('reference/modules/a.html', '<h2 id="b&amp;c">');
  it.each([
    [
      'a file of a document',
      page('docs/a.md', 'one\n[a](gone.md)'),
      'docs/a.md:2 leads to gone.md: there is no such file or folder',
    ],
    [
      'a section',
      page('docs/a.md', '[a](method.md#3-the-an)'),
      'docs/a.md:1 leads to method.md#3-the-an: it has no such place',
    ],
    [
      'a file of a page',
      page('reference/a.html', '<link href="style.css">'),
      'reference/a.html:1 leads to style.css: there is no such file or folder',
    ],
    [
      'a place',
      page('reference/a.html', '<a class="x" href="modules/a.html#d">'),
      'reference/a.html:1 leads to modules/a.html#d: it has no such place',
    ],
    [
      'a place of its own',
      page('reference/a.html', '<a href="#d">'),
      'reference/a.html:1 leads to #d: it has no such place',
    ],
  ])('%s', (_, from, reason) => {
    expect(brokenLinks(new Map([from, method, index, module]))).toEqual([reason]);
  });

  it('and no other', () => {
    const good = page(
      'docs/a.md',
      '[a](method.md#2-features-g) [b](../src/) [c](https://example.org/gone) [d](#top)\n# Top',
    );
    expect(brokenLinks(new Map([good, method, index, module]), (path) => path === 'src')).toEqual([]);
  });
});
