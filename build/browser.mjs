// The build for pages: dist/browser, a file for each entry of package.json's exports that pages get, and chunks that they share; self-contained, with the shaders and
// the tables of kernel choices inside. What a page gets of the library is said in page-rule.mjs. Run by setup.mjs; plain JavaScript for the same reason.
import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { listFiles, root } from './files.mjs';
import { pageModule } from './page-module.mjs';
import { PAGE_PACKAGES, PageRule, REPLACED } from './page-rule.mjs';
import { includesOf, shortened } from './shader-text.mjs';

/** @typedef {{ exports: Record<string, { types: string, browser?: string | null }> }} Manifest */

const OUT = 'dist/browser';
/** What stands in the place of what only Node has, where it is imported when it is needed. */
const ONLY_NODE = `import { AstroError } from './src/gpu/device/errors.ts';
throw new AstroError('this needs Node: a page has no files, and no packages of Node');`;

/** A table of kernel choices as a page gets it: what was chosen, without the times that decided it. */
const TABLE = `const table = (adapter, names) => ({ adapter, measured: [], choices: Object.fromEntries(
  Object.entries(names).map(([job, name]) => [job, { name, ms: {} }])) });\n`;

/** @param {string} path */
function tableOf(path) {
  const { adapter, choices } = JSON.parse(read(path));
  const names = Object.fromEntries(Object.entries(choices).map(([job, { name }]) => [job, name]));
  return `table(${JSON.stringify(adapter)}, JSON.parse(${JSON.stringify(JSON.stringify(names))}))`;
}

/** Imports that fetch a chunk and take nothing from it: no module of the library has an effect when it is loaded. */
const IDLE = /^import "\.[^"]*";\n/gm;

const read = (/** @type {string} */ path) => readFileSync(join(root, path), 'utf8');

/**
 * The sources of the entries that a page gets, by their names in dist/browser.
 * @param {Manifest} manifest
 * @returns {Record<string, string>}
 */
export const pageEntries = ({ exports }) =>
  Object.fromEntries(
    Object.values(exports).flatMap(({ types, browser }) =>
      browser
        ? [
            [
              browser.replace(/^\.\/dist\/browser\/(.*)\.js$/, '$1'),
              types.replace(/^\.\/dist\/(.*)\.d\.ts$/, 'src/$1.ts'),
            ],
          ]
        : [],
    ),
  );

/**
 * What makes esbuild see the library as a page does.
 * @param {PageRule} rule
 * @param {Set<string>} named grows by every shader that is named
 * @returns {import('esbuild').Plugin}
 */
export const library = (rule, named) => ({
  name: 'library',
  setup({ onLoad, onResolve }) {
    const shaders = new Set(
      listFiles('shaders', '.wgsl').map((path) => path.slice('shaders/'.length, -'.wgsl'.length)),
    );
    onResolve({ filter: /^shader:/ }, ({ path }) => ({ path: path.slice(7), namespace: 'shader', sideEffects: false }));
    onLoad({ filter: /.*/, namespace: 'shader' }, ({ path: name }) => {
      named.add(name);
      const source = read(`shaders/${name}.wgsl`);
      const includes = [...new Set(includesOf(source))];
      const ids = includes.map((_, i) => `include${i}`);
      const text = [JSON.stringify(name), JSON.stringify(shortened(source)), ...ids].join(', ');
      const imports = includes.map((include, i) => `import { name as ${ids[i]} } from 'shader:${include}';\n`);
      return {
        contents: `${imports.join('')}import { inlined } from './src/gpu/kernel/shaders.ts';
export const name = /* @__PURE__ */ inlined(${text});`,
        resolveDir: root,
      };
    });

    onResolve({ filter: /.*/ }, ({ path, importer, kind, resolveDir, pluginData }) => {
      if (kind === 'entry-point' || pluginData === library || importer.includes('node_modules')) return undefined;
      const target = path.startsWith('.')
        ? join(resolveDir, path)
            .slice(root.length + 1)
            .replaceAll('\\', '/')
        : path;
      if (kind === 'dynamic-import' && target === 'src/gpu/tune/shipped-tables.ts')
        return { path: 'tables', namespace: 'tables', sideEffects: false };
      const reason = rule.reason(target);
      if (!reason) return target === path ? undefined : { path: join(root, target), sideEffects: false };
      if (kind === 'dynamic-import') return { path: 'only-node', namespace: 'only-node' };
      return { errors: [{ text: `${target} is Node's (${reason}), and stands in the build for pages` }] };
    });
    onLoad({ filter: /.*/, namespace: 'only-node' }, () => ({ contents: ONLY_NODE, resolveDir: root }));
    onLoad({ filter: /.*/, namespace: 'tables' }, () => {
      const tables = listFiles('tuning', '.json').filter((path) => path !== 'tuning/index.json');
      return { contents: `${TABLE}export const shippedTables = () => [${tables.sort().map(tableOf).join(',\n')}];` };
    });
    onLoad({ filter: /\.ts$/, namespace: 'file' }, ({ path: file }) => {
      const path = file.slice(root.length + 1).replaceAll('\\', '/');
      const other = /** @type {Record<string, string>} */ (REPLACED)[path];
      if (other) return { contents: other, loader: 'ts' };
      const { text } = pageModule(rule.source(path), shaders, rule.leftOut(path));
      return { contents: text, loader: 'ts', resolveDir: join(file, '..') };
    });
  },
});

/** Builds it anew. Throws where a module of Node stands in it, and for a shader that no module names. */
export async function buildBrowser() {
  const manifest = JSON.parse(read('package.json'));
  const named = new Set();
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: pageEntries(manifest),
    outdir: OUT,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    // A bundle as a script that is no module has none, and other bundlers put in where the package lay.
    define: { 'import.meta.url': 'undefined' },
    chunkNames: 'chunks/[name]-[hash]',
    tsconfigRaw: { compilerOptions: { target: 'es2022' } },
    plugins: [library(new PageRule(), named)],
    write: false,
    logLevel: 'error',
  });
  rmSync(join(root, OUT), { recursive: true, force: true });
  for (const { path, contents } of outputFiles) {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, Buffer.from(contents).toString().replace(IDLE, ''));
  }
  writeFileSync(join(root, OUT, 'LICENSES.txt'), licenses());
  return named;
}

/** Of the packages inside, as their licenses ask. */
function licenses() {
  return PAGE_PACKAGES.map((name) => {
    const file = listFiles(`node_modules/${name}`, '').find(
      (path) => /\/LICENSE[^/]*$/i.test(path) && path.split('/').length === 3,
    );
    if (!file) throw new Error(`the package ${name} has no license file`);
    return `${name} ${JSON.parse(read(`node_modules/${name}/package.json`)).version}\n\n${read(file).trim()}\n`;
  }).join('\n---\n\n');
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await buildBrowser();
