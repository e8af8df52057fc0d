// The API reference: `npm run docs` writes it to reference/, a page for each name that an entry of the package exports, from the sources and their docstrings. A warning, or a link
// that leads nowhere, there or in the documents, is a failure. typedoc reads programs with an older TypeScript than the project's, so what it needs is a package of its own, installed here.
// Plain JavaScript with JSDoc types, like setup.mjs.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { entriesOf } from '../public-names.mjs';
import { brokenLinks } from './links.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const OUT = 'reference';

/** What public types are made of and layers inside of networks: nobody names them. typedoc says which of them it no longer meets. */
const INSIDE = [
  'src/astro/networks/axial.ts:Exchange',
  'src/astro/networks/blocks.ts:Block',
  'src/astro/networks/blocks.ts:Norm',
  'src/astro/networks/cnn.ts:Heads',
  'src/astro/networks/registry.ts:builtIn',
  'src/cli/train/options.ts:table',
  'src/data/arrays/stored-array.ts:Plan',
  'src/data/transform/resample.ts:INTERPOLATIONS',
  'src/detect/model/fcos-head.ts:Scale',
  'src/detect/model/mask-branch.ts:Block',
  'src/detect/model/pyramid.ts:TopBlock',
  'src/detect/train/meters.ts:LOSSES',
  'src/gpu/device/arguments.ts:KINDS',
  'src/gpu/device/machine.ts:Kind',
  'src/gpu/device/machine.ts:Numbers',
  'src/gpu/kernel/kernel.ts:Trial',
  'src/gpu/kernel/uniforms.ts:Uniform',
  'src/models/kinds/index.ts:KINDS',
  'src/models/kinds/index.ts:NodeOf',
  'src/nn/loss/registry.ts:builtIn',
  'src/tensor/autograd.ts:Node',
  'src/tensor/tensor.ts:Storage',
  'src/train/config.ts:Rows',
  'src/train/options/disk-options.ts:DISK_OPTIONS',
  'src/train/options/option.ts:Defaulted',
  'src/train/options/option.ts:ValueOf',
  'src/train/recipes.ts:Rows',
  'src/train/stages/budget.ts:Target',
];

/** typedoc as the lock of this folder has it; npm's own line says what failed. */
function install() {
  const lock = JSON.parse(readFileSync(join(here, 'package-lock.json'), 'utf8')).packages;
  const record = join(here, 'node_modules', '.package-lock.json');
  const installed = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')).packages : {};
  if (Object.keys(lock).every((path) => path === '' || installed[path]?.version === lock[path].version)) return true;
  console.log('reference: installing typedoc (npm ci in checks/reference)');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  return spawnSync('npm', args, { cwd: here, stdio: 'inherit', shell: process.platform === 'win32' }).status === 0;
}

/** Whether it was written without an error or a warning. */
async function write() {
  const { Application, Converter } = await import('typedoc');
  const app = await Application.bootstrap({
    name: 'astrogpu',
    entryPoints: entriesOf(JSON.parse(readFileSync('package.json', 'utf8'))),
    tsconfig: 'tsconfig.build.json',
    readme: 'none',
    disableSources: true,
    excludePrivate: true,
    excludeProtected: true,
    githubPages: false,
    includeHierarchySummary: false,
    intentionallyNotExported: INSIDE,
    validation: { notExported: true, invalidLink: true, rewrittenLink: true, unusedMergeModuleWith: true },
  });
  // What is taken apart where it comes in has no name of its own.
  app.converter.on(Converter.EVENT_CREATE_PARAMETER, (_, parameter) => {
    if (parameter.name === '__namedParameters') parameter.name = 'options';
  });
  const project = await app.convert();
  if (!project) return false;
  app.validate(project);
  await app.generateDocs(project, OUT);
  return !app.logger.hasErrors() && !app.logger.hasWarnings();
}

/**
 * Texts by path from the root of the files below a folder whose names end so.
 * @param {string} folder
 * @param {string} ending
 * @returns {[string, string][]}
 */
const textsOf = (folder, ending) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll(sep, '/')}`)
    .filter((path) => path.endsWith(ending) && !path.includes('node_modules'))
    .map((path) => [path, readFileSync(path, 'utf8')]);

process.chdir(root);
if (!install()) process.exitCode = 1;
else {
  const written = await write();
  const html = new Map(textsOf(OUT, '.html'));
  const icons = textsOf(OUT, '.svg');
  const top = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].map(
    (path) => /** @type {[string, string]} */ ([path, readFileSync(path, 'utf8')]),
  );
  const documents = new Map([...top, ...['docs', 'examples', 'datasets'].flatMap((folder) => textsOf(folder, '.md'))]);
  const broken = [...brokenLinks(new Map([...html, ...icons]), existsSync), ...brokenLinks(documents, existsSync)];
  for (const line of broken) console.log(line);
  console.log(
    `reference: ${html.size} pages in ${OUT}/, ${broken.length} broken links${written ? '' : ', and what typedoc said above'}`,
  );
  process.exitCode = written && broken.length === 0 ? 0 : 1;
}
