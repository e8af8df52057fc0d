// The page as static files: what a browser loads, bundled by esbuild with the package as pages get it. All addresses in it are relative, so that any host can serve it, under any path.
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AstroError } from 'astrogpu/gpu';

/** page/, where the sources are. */
const HERE = fileURLToPath(new URL('..', import.meta.url));

/** The page's files by their paths, with slashes. */
export type Built = Map<string, Uint8Array>;

/** Bundles the page: index.html, main.js, worker.js with the chunks that it loads when it needs them, style.css, and licenses. Throws AstroError where esbuild or the package's build is missing. */
export async function buildPage(): Promise<Built> {
  const { build } = await import('esbuild').catch(() => {
    throw new AstroError('the page is bundled by esbuild, which is not installed: run npm ci --include=dev');
  });
  const out = join(HERE, 'built');
  const { outputFiles, metafile } = await build({
    absWorkingDir: HERE,
    entryPoints: { main: 'main.ts', worker: 'worker/worker.ts', style: 'style.css' },
    outdir: out,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    chunkNames: 'chunks/[hash]',
    // In place of tsconfig.json, whose paths would lead past the package to its sources.
    tsconfigRaw: { compilerOptions: { target: 'es2022' } },
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  }).catch((error: Error) => {
    throw new AstroError(`the page cannot be bundled: ${error.message.split('\n').slice(0, 2).join(' ')}`);
  });
  const files: Built = new Map(
    outputFiles.map(({ path, contents }) => [relative(out, path).replaceAll('\\', '/'), contents]),
  );
  files.set('index.html', await readFile(join(HERE, 'index.html')));
  files.set('LICENSES.txt', new TextEncoder().encode(await licenses(Object.keys(metafile.inputs))));
  return files;
}

/** Of astrogpu, of the packages in its build for pages, and of those that the page itself has. */
async function licenses(inputs: readonly string[]): Promise<string> {
  const own = new Set(inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
  const read = (path: string): Promise<string> => readFile(join(HERE, '..', path), 'utf8');
  const texts = [`astrogpu\n\n${await read('LICENSE')}`, await read('dist/browser/LICENSES.txt')];
  for (const name of own) texts.push(`${name}\n\n${await read(`node_modules/${name}/LICENSE`)}`);
  return texts.map((text) => `${text.trim()}\n`).join('\n---\n\n');
}
