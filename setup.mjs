// Set-up: packages, build and a WebGPU adapter, in one idempotent command that every npm script runs first.
// Plain JavaScript with JSDoc types, because it runs before anything (the TypeScript compiler too) is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listFiles, root } from './build/files.mjs';
import { ensureAdapter, SetupError } from './setup-adapter.mjs';
import { ensureBrowser } from './setup-browser.mjs';

const stampFile = join(root, 'dist', '.stamp');
/** What the build for pages writes besides chunks. */
const BROWSER = 'dist/browser';
const browserStampFile = join(root, BROWSER, '.stamp');
/** Folders whose programs are built beside their sources. */
const COMMANDS = ['bench', 'datasets', 'page/tools'];
const usage = `usage: node setup.mjs            install packages, build, find an adapter: whatever of it is not done yet
       node setup.mjs --tests    the same, and a browser for the tests in one
       node setup.mjs --page     the same without an adapter, which a page finds in its browser
       node setup.mjs --build    only build
       node setup.mjs --check    types, lint, format, docstrings of the public names, sizes of bundles, shaders, the API reference
       node setup.mjs --help     this text`;

/**
 * The first package of package-lock.json that node_modules does not hold in the same version, judged by npm's own record of what
 * it installed; undefined if all are there. Optional packages may be absent: they belong to other systems.
 * @param {{packages: Record<string, {version?: string, optional?: boolean}>}} lock
 * @param {{packages: Record<string, {version?: string}>}} installed
 * @returns {string | undefined}
 */
export function firstMissingPackage(lock, installed) {
  for (const [path, wanted] of Object.entries(lock.packages)) {
    const found = installed.packages[path];
    if (path === '' || (!found && wanted.optional)) continue;
    if (found?.version !== wanted.version) return path;
  }
  return undefined;
}

/**
 * @param {string} file
 * @returns {any}
 */
function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { packages: {} };
}

/**
 * Runs a program in the project's folder with its output on ours; false if it failed.
 * @param {string} command
 * @param {string[]} args
 * @returns {boolean}
 */
function run(command, args) {
  const shell = process.platform === 'win32' && command === 'npm';
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', shell }).status === 0;
}

/**
 * Runs a JavaScript program with this Node, so that nothing but Node is needed on the PATH.
 * @param {...string} args
 * @returns {boolean}
 */
const runNode = (...args) => run(process.execPath, args);

function ensurePackages() {
  const lock = readJson(join(root, 'package-lock.json'));
  const missing = firstMissingPackage(lock, readJson(join(root, 'node_modules', '.package-lock.json')));
  if (!missing) return;
  console.log(`set-up: installing packages (npm ci), for ${missing} is missing or of another version`);
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath ?? '';
  const ok = /npm-cli\.c?js$/.test(npm) ? runNode(npm, ...args) : run('npm', args);
  if (!ok) throw new SetupError('npm ci failed; its reason stands above');
}

/**
 * @param {string[]} paths
 * @returns {string} of their names and what they hold
 */
function digestOf(paths) {
  const hash = createHash('sha256');
  for (const path of [...paths].sort()) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * Is it there, and of what this digest says?
 * @param {string} stamp
 * @param {{ digest: string, outputs: string[] }} state
 */
const isCurrent = (stamp, { digest, outputs }) =>
  existsSync(stamp) && readFileSync(stamp, 'utf8') === digest && outputs.every((path) => existsSync(join(root, path)));

/** What the build reads, what it writes, and a digest of the first. */
function buildState() {
  const library = listFiles('src', '.ts');
  const commands = COMMANDS.flatMap((folder) => listFiles(folder, '.ts'));
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'tsconfig.bench.json', 'package.json', 'package-lock.json'];
  const built = library.map((path) => path.replace(/^src\/(.*)\.ts$/, 'dist/$1'));
  const outputs = [
    ...built.flatMap((path) => [`${path}.js`, `${path}.d.ts`]),
    ...commands.map((path) => path.replace(/\.ts$/, '.js')),
  ];
  return { digest: digestOf([...library, ...commands, ...settings]), outputs };
}

/** The same of the build for pages, which holds the shaders and the tables of kernel choices, too. */
function browserState() {
  const read = [
    ['src', '.ts'],
    ['shaders', '.wgsl'],
    ['tuning', '.json'],
    ['build', '.mjs'],
  ];
  const settings = ['package.json', 'package-lock.json'];
  /** @type {{ browser?: string | null }[]} */
  const entries = Object.values(readJson(join(root, 'package.json')).exports);
  return {
    digest: digestOf([...read.flatMap(([folder, ending]) => listFiles(folder, ending)), ...settings]),
    outputs: entries.flatMap(({ browser }) => browser ?? []),
  };
}

const isBuilt = () => isCurrent(stampFile, buildState()) && isCurrent(browserStampFile, browserState());

/**
 * What of the library and its build for pages is not there or of older sources, or all of it. Throws SetupError.
 * @param {boolean} [all]
 */
function build(all = false) {
  for (const name of ['typescript', 'esbuild']) {
    if (!existsSync(join(root, 'node_modules', name)))
      throw new SetupError(`cannot build: the package ${name} is not installed; run \`npm ci --include=dev\``);
  }
  console.log('set-up: building');
  if (all || !isCurrent(stampFile, buildState())) buildLibrary();
  const state = browserState();
  if (!all && isCurrent(browserStampFile, state)) return true;
  if (!runNode('build/browser.mjs')) throw new SetupError('the build for pages failed; its reason stands above');
  writeFileSync(browserStampFile, state.digest);
  return true;
}

/** The library into dist/, then the commands beside their sources, which see the library as its users do. Throws SetupError. */
function buildLibrary() {
  const tsc = 'node_modules/typescript/bin/tsc';
  const { digest, outputs } = buildState();
  rmSync(stampFile, { force: true });
  for (const config of ['tsconfig.build.json', 'tsconfig.bench.json']) {
    if (!runNode(tsc, '-p', config)) throw new SetupError(`the build failed (${config}); its reason stands above`);
  }
  const current = new Set(outputs);
  const written = ['dist', ...COMMANDS].flatMap((folder) => listFiles(folder, '.js'));
  for (const path of [...written, ...listFiles('dist', '.d.ts')]) {
    if (!current.has(path) && !path.startsWith(`${BROWSER}/`)) rmSync(join(root, path));
  }
  // npx links to the command once, and then expects it to stay executable.
  chmodSync(join(root, 'dist/cli/main.js'), 0o755);
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, digest);
}

/** All steps are run and reported; false if any failed. */
function check() {
  /** @type {[string, () => boolean][]} */
  const steps = [
    ['types', () => runNode('node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json')],
    ['lint and format', () => runNode('node_modules/@biomejs/biome/bin/biome', 'check', '.')],
    ['public names', () => runNode('checks/public-names.mjs')],
    ['build', () => isBuilt() || build()],
    ['bundle sizes', () => runNode('checks/bundle-sizes.mjs')],
    ['shaders on the null backend', () => runNode('dist/gpu/kernel/check-shaders.js')],
    ['docs', () => runNode('checks/reference/make.mjs')],
  ];
  const results = steps.map(([name, step]) => {
    try {
      return `check ${name}: ${step() ? 'ok' : 'FAILED'}`;
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      return `check ${name}: FAILED (${error.message})`;
    }
  });
  for (const line of results) console.log(line);
  return results.every((line) => line.endsWith(': ok'));
}

/**
 * @param {string[]} args
 * @returns {number} the exit code
 */
function main(args) {
  const known = ['--tests', '--page', '--build', '--check', '--help'];
  if (args.length > 1 || (args[0] && !known.includes(args[0]))) {
    console.error(`set-up: cannot take ${args.join(' ')}; known are ${known.join(', ')}, one at a time`);
    return 2;
  }
  if (args[0] === '--help') {
    console.log(usage);
    return 0;
  }
  try {
    if (Number.parseInt(process.versions.node, 10) < 20)
      throw new SetupError(`Node 20 or newer is needed; this is ${process.version}`);
    if (args[0] !== '--build') ensurePackages();
    if (args[0] === '--check') return check() ? 0 : 1;
    if (args[0] === '--build' || !isBuilt()) build(args[0] === '--build');
    if (args[0] !== '--build' && args[0] !== '--page') ensureAdapter();
    if (args[0] === '--tests') ensureBrowser();
    return 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`set-up: ${error.message}`);
    return 1;
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  // A reader that goes away (`| head`) stops no work.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  process.exitCode = main(process.argv.slice(2));
}
