// The files in shaders/, for Node; the build for pages inlines them (build/browser.mjs).
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The text of every shader of the package, by its name: its path in shaders/ without the ending. */
export async function readShaders(): Promise<[name: string, source: string][]> {
  const root = fileURLToPath(new URL('../../../shaders/', import.meta.url));
  const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith('.wgsl'));
  return Promise.all(
    files.map(async (file) => [file.slice(0, -5).replaceAll('\\', '/'), await readFile(root + file, 'utf8')] as const),
  ) as Promise<[string, string][]>;
}
