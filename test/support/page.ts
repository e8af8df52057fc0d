// The page as files to serve, with a worker in place of its own that makes its numbers up: what a person sees and does is tested without a GPU.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Files } from '../../page/tools/server.ts';
import type { FakeOptions } from '../page/fake-trainer.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

const bundled = new Map<string, Promise<string>>();

/** A program, or a style sheet with all that it imports; made once. */
function bundle(entry: string): Promise<string> {
  let made = bundled.get(entry);
  if (!made) {
    made = build({ entryPoints: [root + entry], bundle: true, format: 'esm', write: false, logLevel: 'silent' }).then(
      ({ outputFiles }) => outputFiles[0].text,
    );
    bundled.set(entry, made);
  }
  return made;
}

/** The page over a fake trainer that is as the options say. */
export function pageWithFake(options: FakeOptions = {}): Files {
  const texts: Record<string, () => Promise<string>> = {
    'index.html': () => readFile(`${root}page/index.html`, 'utf8'),
    'style.css': () => bundle('page/style.css'),
    'main.js': () => bundle('page/main.ts'),
    'worker.js': async () =>
      `globalThis.FAKE = ${JSON.stringify(options)};\n${await bundle('test/page/fake-trainer.ts')}`,
  };
  return async (path) => {
    const text = await texts[path === '' ? 'index.html' : path]?.();
    return text === undefined ? undefined : new TextEncoder().encode(text);
  };
}
