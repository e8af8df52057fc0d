// The house's first rule: imports go down only, floor by floor and folder by folder, and into another floor by its index (docs/architecture.md).
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { floors, HOUSE, USERS } from './order.ts';
import { below, files, type Import, importsOf, isProgram, root, type SourceFile } from './tree.ts';

type Rule = (files: readonly SourceFile[]) => string[];

/** A rule that looks at one import at a time. */
const ofEach =
  (wrong: (from: string, to: string, it: Import) => string | undefined): Rule =>
  (files) =>
    files.flatMap((file) =>
      importsOf(file).flatMap((it) => {
        const reason = wrong(file.path, it.target ?? it.name, it);
        return reason === undefined ? [] : [`${file.path}:${it.line} imports ${it.name}: ${reason}`];
      }),
    );

/** src/<floor>/… as its floor and what comes first in it: a folder, or a file beside the folders. */
function placeOf(path: string): { floor?: string; part?: string } {
  const [, floor, part] = /^src\/([^/]+)\/([^/]+)/.exec(path) ?? [];
  return { floor, part };
}

const isIndex = (path: string): boolean => /^src\/[^/]+\/index\.ts$/.test(path);

const floorsGoDown = ofEach((from, to) => {
  const [own, other] = [placeOf(from).floor, placeOf(to).floor];
  if (!own || !other || floors.indexOf(other) <= floors.indexOf(own)) return undefined;
  return `${other} stands above ${own}`;
});

/** Types may look up inside a floor: a kernel is given its Gpu. */
const foldersGoDown = ofEach((from, to, { typeOnly }) => {
  const [own, other] = [placeOf(from), placeOf(to)];
  if (typeOnly || !own.floor || own.floor !== other.floor || isIndex(from) || isIndex(to)) return undefined;
  const order = (HOUSE[own.floor] ?? '').split(' ');
  return order.indexOf(other.part!) > order.indexOf(own.part!) ? `${other.part} comes after ${own.part}` : undefined;
});

const floorsByIndex = ofEach((from, to) => {
  if (!from.startsWith('src/') || !to.startsWith('src/')) return undefined;
  const [own, other] = [placeOf(from).floor, placeOf(to).floor];
  if (own && own === other) return isIndex(to) ? 'the own floor is imported file by file' : undefined;
  return isIndex(to) || (!own && !other) ? undefined : 'another floor is imported by its index only';
});

const usersByName =
  (names: readonly string[]): Rule =>
  (files) =>
    ofEach((from, to, { target }) => {
      const home = from.split('/')[0];
      if (home === 'src') return /^astrogpu(\/|$)/.test(to) ? 'the library does not import itself by name' : undefined;
      if (target !== undefined) return to.startsWith(`${home}/`) ? undefined : `${home}/ sees the library by its names`;
      return !/^astrogpu(\/|$)/.test(to) || names.includes(to) ? undefined : 'the package has no such name';
    })(files.filter(({ path }) => path.startsWith('src/') || USERS.some((folder) => path.startsWith(`${folder}/`))));

/** Floors that a page loads, as astrogpu/gpu, /tensor and /nn, and their files that only Node comes to. */
const PAGE_FLOORS = ['gpu', 'tensor', 'ops', 'nn'];
const NODE_FILES = [
  'src/gpu/device/dawn.ts',
  'src/gpu/kernel/check-shaders.ts',
  'src/gpu/kernel/shader-files.ts',
  'src/gpu/tune/shipped-tables.ts',
  'src/gpu/tune/table-file.ts',
];

const pagesLoad: Rule = (files) =>
  files
    .filter(({ path }) => PAGE_FLOORS.includes(placeOf(path).floor ?? '') && !NODE_FILES.includes(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/^(?:import|export) (?!type )(?:[^;'=()]*? from )?'([^.'][^']*)';/gm)].map(
        ([, name]) => `${path} imports ${name} at once, which a page has not: import() it where it is used`,
      ),
    );

const placesAreKnown: Rule = (files) => {
  const strangers = files.flatMap(({ path }) => {
    const { floor, part } = placeOf(path);
    if (!floor || isIndex(path) || HOUSE[floor]?.split(' ').includes(part!)) return [];
    return [HOUSE[floor] ? `src/${floor}/${part}` : `src/${floor}`];
  });
  return [...new Set(strangers)].map((place) => `${place} has no place yet: give it one in test/architecture/order.ts`);
};

/** Each circle of files that need one another when they run, once. */
const noCycles: Rule = (files) => {
  const needs = new Map(
    files.map((file) => [
      file.path,
      importsOf(file).flatMap(({ target, typeOnly }) => (target && !typeOnly ? [target] : [])),
    ]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, way: string[]): void => {
    if (way.includes(path)) found.push([...way.slice(way.indexOf(path)), path].join(' -> '));
    if (done.has(path)) return;
    done.add(path);
    for (const next of needs.get(path) ?? []) visit(next, [...way, path]);
  };
  for (const path of needs.keys()) visit(path, []);
  return found;
};

const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { exports: Record<string, unknown> };
const names = Object.keys(exports).map((key) => posix.join('astrogpu', key));
const library = below('src');
const programs = files.filter(isProgram);

describe.each<[name: string, rule: Rule, tree: SourceFile[], wrong: Record<string, string>, message: string]>([
  [
    'floors import downwards only, types too',
    floorsGoDown,
    library,
    { 'src/gpu/a.ts': "import type { Tensor } from '../tensor/index.ts';" },
    'src/gpu/a.ts:1 imports ../tensor/index.ts: tensor stands above gpu',
  ],
  [
    'folders of a floor import downwards only',
    foldersGoDown,
    library,
    { 'src/ops/reduce/sum.ts': "\nexport { conv2d } from '../conv/conv2d.ts';" },
    'src/ops/reduce/sum.ts:2 imports ../conv/conv2d.ts: conv comes after reduce',
  ],
  [
    'every folder, and every file beside the folders, has a place in the order',
    placesAreKnown,
    library,
    { 'src/ops/spectrum/spectrum.ts': '', 'src/ops/spectrum/mask.ts': '' },
    'src/ops/spectrum has no place yet: give it one in test/architecture/order.ts',
  ],
  [
    'every floor has a place in the order',
    placesAreKnown,
    library,
    { 'src/sound/hear.ts': '' },
    'src/sound has no place yet: give it one in test/architecture/order.ts',
  ],
  [
    'another floor is imported by its index',
    floorsByIndex,
    library,
    { 'src/nn/layers.ts': "import { relu } from '../ops/elementwise/relu.ts';" },
    'src/nn/layers.ts:1 imports ../ops/elementwise/relu.ts: another floor is imported by its index only',
  ],
  [
    'nobody imports the index of the floor that it stands on',
    floorsByIndex,
    library,
    { 'src/nn/layers.ts': "import { Module } from './index.ts';" },
    'src/nn/layers.ts:1 imports ./index.ts: the own floor is imported file by file',
  ],
  [
    'commands see the library as its users do',
    usersByName(names),
    programs,
    { 'bench/astro.ts': "const { Gpu } = await import('../src/gpu/index.ts');" },
    'bench/astro.ts:1 imports ../src/gpu/index.ts: bench/ sees the library by its names',
  ],
  [
    'commands know only names that the package has',
    usersByName(names),
    programs,
    { 'bench/astro.ts': "import { conv2d } from 'astrogpu/ops';" },
    'bench/astro.ts:1 imports astrogpu/ops: the package has no such name',
  ],
  [
    'the library does not import itself by name',
    usersByName(names),
    programs,
    { 'src/nn/layers.ts': "import { Gpu } from 'astrogpu';" },
    'src/nn/layers.ts:1 imports astrogpu: the library does not import itself by name',
  ],
  [
    'what a page loads needs no package, and nothing of Node',
    pagesLoad,
    library,
    {
      'src/nn/a.ts':
        "import { readFileSync } from 'node:fs';\nimport type { A } from 'valibot';\nawait import('node:os');",
      'src/io/a.ts': "import { readFileSync } from 'node:fs';",
    },
    'src/nn/a.ts imports node:fs at once, which a page has not: import() it where it is used',
  ],
  [
    'no files need one another in a circle',
    noCycles,
    programs,
    {
      'src/ops/a.ts': "import { b } from './b.ts';",
      'src/ops/b.ts': "import { c } from './c.ts';",
      'src/ops/c.ts': "import { a } from './a.ts';",
    },
    'src/ops/a.ts -> src/ops/b.ts -> src/ops/c.ts -> src/ops/a.ts',
  ],
])('%s', (_, rule, tree, wrong, message) => {
  it('in this project', () => expect(rule(tree)).toEqual([]));
  it('and a sample that breaks it is found', () =>
    expect(rule(Object.entries(wrong).map(([path, text]) => ({ path, text })))).toEqual([message]));
});

it('types alone make no circle, and may look up inside a floor', () => {
  const sample = [
    { path: 'src/gpu/gpu.ts', text: "import { kernel } from './kernel/kernel.ts';" },
    { path: 'src/gpu/kernel/kernel.ts', text: "import type { Gpu } from '../gpu.ts';" },
  ];
  expect([...noCycles(sample), ...foldersGoDown(sample)]).toEqual([]);
});

it('the order names nothing that is gone', () => {
  const there = new Set(library.map(({ path }) => Object.values(placeOf(path)).join('/')));
  const named = floors.flatMap((floor) => HOUSE[floor].split(' ').map((part) => `${floor}/${part}`));
  expect(named.filter((place) => !there.has(place))).toEqual([]);
});
