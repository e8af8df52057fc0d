// The package as people have it: packed, put into an empty project, used there by plain JavaScript and by strict TypeScript in Node, bundled without a flag, and run in a page.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesIn } from '../../page/tools/server.ts';
import { HAS_BROWSER, openTab } from '../support/browser.ts';

interface Manifest {
  exports: Record<string, { browser: string | null }>;
  dependencies: Record<string, string>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const { exports, dependencies }: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.keys(exports).map((key) => posix.join('astrogpu', key));
const folder = mkdtempSync(join(tmpdir(), 'astrogpu-project-'));
const installed = join(folder, 'node_modules', 'astrogpu');
let packed: Set<string>;

/** npm as whoever started this has it. */
function npm(...args: string[]): string {
  const cli = process.env.npm_execpath ?? '';
  const options = {
    cwd: root,
    encoding: 'utf8' as const,
    stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'],
  };
  return /npm-cli\.c?js$/.test(cli)
    ? execFileSync(process.execPath, [cli, ...args], options)
    : execFileSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

/** What is packed alone makes the package; of its dependencies, the declared ones are there. */
beforeAll(() => {
  if (!existsSync(join(root, 'dist/browser/index.js'))) throw new Error('run npm run build first (npm test does)');
  const [{ filename, files }]: [{ filename: string; files: { path: string }[] }] = JSON.parse(
    npm('pack', '--json', '--ignore-scripts', '--pack-destination', folder),
  );
  packed = new Set(files.map(({ path }) => path));
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', filename, '--strip-components=1', '-C', installed], { cwd: folder, stdio: 'inherit' });
  for (const name of Object.keys(dependencies)) {
    const place = join(folder, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), place, 'junction');
  }
  cpSync(join(root, 'test/package/project'), folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inNode = (script: string, env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, [script], { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } });

const bundle = (contents: string) =>
  build({
    stdin: { contents, resolveDir: folder },
    absWorkingDir: folder,
    bundle: true,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });

let losses: [first: number, last: number];

it('trains in Node, by plain JavaScript', () => {
  const { status, stdout, stderr } = inNode('node.js');
  expect({ status, stderr: stderr.replace(/^Warning: maxDynamic.*\n/gm, '') }).toEqual({ status: 0, stderr: '' });
  losses = JSON.parse(stdout);
  expect(losses[1]).toBeLessThan(losses[0] / 2);
});

it('advises a project without an adapter what it can do itself', () => {
  const { status, stderr } = inNode('node.js', { VK_DRIVER_FILES: '/nowhere', VK_ICD_FILENAMES: '/nowhere' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/NoAdapterError: no WebGPU adapter: .*npx astrogpu doctor/);
  expect(stderr).not.toMatch(/setup\.mjs|npm start|npm ci/);
});

it('passes strict TypeScript with its declarations, every entry, whatever library the project names', () => {
  const all = entries.map((name, i) => `export * as entry${i} from '${name}';\n`);
  writeFileSync(join(folder, 'all.ts'), all.join(''));
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2022'],
    module: 'nodenext',
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['all.ts', 'strict.ts'] }));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: folder, encoding: 'utf8' });
  expect(stdout).toBe('');
});

describe('bundled by esbuild without a flag', () => {
  it('has what a page can have, and nothing of Node', async () => {
    const faces = entries.filter((_, i) => Object.values(exports)[i].browser);
    const all = faces.map((name, i) => `export * as entry${i} from '${name}';\n`).join('');
    const { warnings, metafile } = await bundle(all);
    expect(warnings).toEqual([]);
    const inputs = Object.keys(metafile.inputs).filter((path) => path !== '<stdin>');
    expect(inputs.filter((path) => !path.includes('node_modules/astrogpu/dist/browser/'))).toEqual([]);
    expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
  });

  it('has the shaders of the ops that it imports, and no others', async () => {
    const { outputFiles } = await bundle(
      "import { add, Gpu, maxPool2d, tensor } from 'astrogpu';\nconsole.log(add, Gpu, maxPool2d, tensor);",
    );
    const shaders = ['pool/max', 'pool/window', 'pool/avg', 'conv/tiled', 'matmul/plain', 'attention/tiled'];
    const { text } = outputFiles[0];
    expect(shaders.filter((name) => text.includes(`inlined("${name}"`))).toEqual(['pool/max', 'pool/window']);
  });

  it.each(entries.filter((_, i) => Object.values(exports)[i].browser === null))('refuses %s', async (name) => {
    await expect(bundle(`import '${name}';`)).rejects.toThrow(/Could not resolve/);
  });
});

describe('its documents', () => {
  it('point to files that are packed', () => {
    const found = [...packed]
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        [...readFileSync(join(installed, path), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
          .map(([, target]) => posix.join(posix.dirname(path), target).replace(/\/$/, ''))
          .filter((target) => !existsSync(join(installed, target)))
          .map((target) => `${path} points to ${target}`),
      );
    expect(found).toEqual([]);
  });

  it('are there, and nothing that only the checkout needs is', () => {
    expect([...packed].filter((path) => /^(README|LICENSE|CHANGELOG)/.test(path)).length).toBe(3);
    expect([...packed].filter((path) => /\.stamp$|^(src|test|build|page)\/|^setup\.mjs$/.test(path))).toEqual([]);
  });
});

describe.skipIf(!HAS_BROWSER)('in a page', () => {
  it('trains as in Node, bundled and minified, without an error in the console', async () => {
    const outfile = join(folder, 'bundle.js');
    await build({
      entryPoints: ['page.js'],
      absWorkingDir: folder,
      bundle: true,
      minify: true,
      outfile,
      logLevel: 'silent',
    });
    writeFileSync(
      join(folder, 'index.html'),
      '<!doctype html><title>astrogpu</title><link rel="icon" href="data:," /><script src="bundle.js"></script>',
    );
    const tab = await openTab(filesIn(folder));
    try {
      const [first, last] = await tab.page.evaluate(
        () => (globalThis as unknown as { losses: Promise<number[]> }).losses,
      );
      expect(first).toBeCloseTo(losses[0], 5);
      // Twenty steps at a rate of 0.1 carry the roundings of both adapters on.
      expect(last).toBeCloseTo(losses[1], 3);
      // Also without a bundler: the files import nothing but each other.
      const unbundled = await tab.page.evaluate<string[]>(`import('/node_modules/astrogpu/dist/browser/index.js').then(
        async ({ saveSafetensors, ...face }) => [
          ...Object.keys(face),
          await saveSafetensors({}, 'a.safetensors').catch((error) => error.message),
        ])`);
      expect(unbundled).toEqual(expect.arrayContaining(['Gpu', 'conv2d', 'crossEntropy']));
      expect(unbundled.at(-1)).toMatch(/this needs Node/);
      expect([...tab.errors, ...tab.warnings]).toEqual([]);
    } finally {
      await tab.close();
    }
  });
});
