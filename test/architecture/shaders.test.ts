// The shaders follow the source: their families are its folders, and each of them is launched by a kernel or included by another shader.
import { describe, expect, it } from 'vitest';
import { below, isProgram, literalsOf, paths, type SourceFile } from './tree.ts';

type Rule = (shaders: readonly SourceFile[], sources: readonly SourceFile[]) => string[];

/** FAMILY/NAME, as a kernel and an include call it. */
const nameOf = ({ path }: SourceFile): string => path.replace(/^shaders\/(.*)\.wgsl$/, '$1');

/** A family of ops, a floor, or a folder in one. */
const familiesAreFolders =
  (paths: ReadonlySet<string>): Rule =>
  (shaders) =>
    shaders.flatMap((shader) => {
      const [family, name] = nameOf(shader).split('/');
      const home =
        name &&
        [...paths].some(
          (path) => path === `src/${family}` || (/^src\/\w+\/\w+$/.test(path) && path.endsWith(`/${family}`)),
        );
      return home ? [] : [`${shader.path}: src has no folder ${name ? family : 'for it'}`];
    });

const includesOf = (shader: SourceFile): string[] =>
  [...shader.text.matchAll(/^\/\/ include (\S+)$/gm)].map(([, name]) => name);

/** A name that a kernel fills in: variants say by which files. */
const isOpen = ({ text }: SourceFile, name: string): boolean =>
  [...text.matchAll(/^\/\/ variant: (\{.*\})$/gm)].some(([, json]) => name in (JSON.parse(json).includes ?? {}));

const includesAreThere: Rule = (shaders) => {
  const names = new Set(shaders.map(nameOf));
  return shaders.flatMap((shader) =>
    includesOf(shader)
      .filter((name) => !names.has(name) && !isOpen(shader, name))
      .map((name) => `${shader.path} includes ${name}: there is no shaders/${name}.wgsl`),
  );
};

/** The shaders that a source names: as a whole, for the build for pages puts them into the modules that name them. */
function namedBy(source: SourceFile, names: readonly string[]): string[] {
  const whole = new Set(literalsOf(source).map(({ value }) => value));
  return names.filter((name) => whole.has(name));
}

const noneIsOrphaned: Rule = (shaders, sources) => {
  const names = shaders.map(nameOf);
  const used = new Set([...shaders.flatMap(includesOf), ...sources.flatMap((source) => namedBy(source, names))]);
  return shaders
    .filter((shader) => !used.has(nameOf(shader)))
    .map(({ path }) => `${path} is neither launched nor included`);
};

const shaders = below('shaders').filter(({ path }) => path.endsWith('.wgsl'));
const sources = below('src', 'bench').filter(isProgram);
const folders = new Set(['src', 'src/ops', 'src/ops/conv', 'src/data', 'src/nn', 'src/nn/optim']);
const shader = (name: string, text = ''): SourceFile => ({ path: `shaders/${name}.wgsl`, text });
const source = (text: string): SourceFile => ({ path: 'src/ops/conv/a.ts', text });

it('there are some', () => expect(shaders.length).toBeGreaterThan(0));

describe('families', () => {
  it('of this project are folders', () => expect(familiesAreFolders(paths)(shaders, [])).toEqual([]));
  it('are families of ops, floors, or folders of one', () =>
    expect(familiesAreFolders(folders)([shader('conv/a'), shader('data/a'), shader('optim/a')], [])).toEqual([]));
  it.each([
    ['convolution/a', 'shaders/convolution/a.wgsl: src has no folder convolution'],
    ['a', 'shaders/a.wgsl: src has no folder for it'],
  ])('and not %s', (name, message) => expect(familiesAreFolders(folders)([shader(name)], [])).toEqual([message]));
});

describe('includes', () => {
  it('of this project are there', () => expect(includesAreThere(shaders, [])).toEqual([]));
  it('may be left open to those that variants name', () =>
    expect(
      includesAreThere(
        [shader('conv/a', '// x\n// variant: {"includes": {"conv/g": "conv/h"}}\n// include conv/g')],
        [],
      ),
    ).toEqual([]));
  it('that are not there are found', () =>
    expect(includesAreThere([shader('conv/a', '// x\n// include conv/gone\n')], [])).toEqual([
      'shaders/conv/a.wgsl includes conv/gone: there is no shaders/conv/gone.wgsl',
    ]));
});

describe('orphans', () => {
  it('there are none in this project', () => expect(noneIsOrphaned(shaders, sources)).toEqual([]));
  it('is none that is launched', () =>
    expect(noneIsOrphaned([shader('conv/a')], [source("run({ shader: 'conv/a' });")])).toEqual([]));
  it('is none that is included', () =>
    expect(noneIsOrphaned([shader('conv/a'), shader('conv/b', '// include conv/a')], [source("'conv/b'")])).toEqual(
      [],
    ));
  it.each([
    ['a comment', "// 'conv/a'"],
    ['a template', `type Kernel = 'a' | 'b';\nrun({ shader: \`conv/\${kernel}\` });`],
    ['a longer name', "run({ shader: 'conv/ab' });"],
  ])('is one that only %s names', (_, text) =>
    expect(noneIsOrphaned([shader('conv/a')], [source(text)])).toEqual([
      'shaders/conv/a.wgsl is neither launched nor included',
    ]),
  );
});
