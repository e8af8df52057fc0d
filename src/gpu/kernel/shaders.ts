// Where WGSL comes from: the files in shaders/, which Node reads once when a Gpu opens, so that kernels can be built without waiting, and which the build for pages
// puts into the modules that name them.
import { KernelError } from '../device/errors.ts';
import { IN_NODE } from '../device/platform.ts';

/** Of the package, and of whoever uses it. */
const sources = new Map<string, string>();
const own = new Map<string, string>();
let replaced = 0;
/** Where it was looked for, behind the name of a shader that is not there. */
const SOUGHT = {
  node: (file: string) => `(shaders/${file}.wgsl)`,
  page: () => "in this bundle: of the package's, a page has those of the ops that it imports",
};
let loaded: Promise<ReadonlyMap<string, string>> | undefined;

/** All shaders of the package that there are here: in Node read from disk once, in a page those that its bundle names. */
export function loadShaders(): Promise<ReadonlyMap<string, string>> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<ReadonlyMap<string, string>> {
  if (IN_NODE) {
    const { readShaders } = await import('./shader-files.ts');
    for (const [name, source] of await readShaders()) sources.set(name, source);
  }
  return sources;
}

/**
 * Puts a shader of the package in its place and returns its name: the build for pages writes a call of it where a module names a shader. `_includes` are the names
 * of what it takes in, so that a bundle that has the shader has these, too.
 */
export function inlined(name: string, source: string, ..._includes: string[]): string {
  sources.set(name, source);
  return name;
}

/**
 * Registers a kernel of one's own beside those of the package; of a name that is taken, the source is replaced.
 *
 * @example
 * addShader('mine/double', '@group(0) @binding(0) var<storage, read_write> x: array<f32>; …');
 * gpu.run({ shader: 'mine/double', bindings: [x.slice], grid: [1] });
 */
export function addShader(name: string, source: string): void {
  if ((own.get(name) ?? source) !== source) replaced++;
  own.set(name, source);
}

/** How often a source was replaced: kernels that were made before may be of an older one. */
export const replacements = (): number => replaced;

/** Is it a shader that somebody registered? */
export const isOwn = (name: string): boolean => own.has(name);

/**
 * What a kernel puts before its file: `constants` as WGSL constants (numbers become abstract, so they fit any type), `types` as aliases; `includes`
 * says which file a name in its `// include NAME` lines stands for, where the kernel leaves that open.
 */
export interface Prelude {
  constants?: Record<string, number | boolean>;
  types?: Record<string, string>;
  includes?: Record<string, string>;
}

/** A line of a module: of which file, and there which line. A line of the prelude is of none. */
export interface ModuleLine {
  text: string;
  file?: string;
  line?: number;
}

/**
 * The lines of the whole module: directives first, then the prelude, then the file with its `// include NAME` lines resolved. Throws KernelError.
 */
export function moduleLines(name: string, { constants = {}, types = {}, includes = {} }: Prelude): ModuleLine[] {
  const enables: string[] = [];
  const expand = (named: string): ModuleLine[] => {
    const file = includes[named] ?? named;
    const source = own.get(file) ?? sources.get(file);
    if (source === undefined)
      throw new KernelError(`there is no shader "${file}" ${SOUGHT[IN_NODE ? 'node' : 'page'](file)}`);
    return source.split('\n').flatMap((text, i) => {
      const [, other] = /^\/\/ include (\S+)\r?$/.exec(text) ?? [];
      if (other) return expand(other);
      const directive = /^(enable |diagnostic\().*;\r?$/.test(text);
      if (directive) enables.push(text);
      return [{ text: directive ? '' : text, file, line: i + 1 }];
    });
  };
  const body = expand(name);
  if (Object.values(types).some((type) => type.includes('f16') || type.endsWith('h'))) enables.push('enable f16;');
  const prelude = [
    ...new Set(enables),
    ...Object.entries(types).map(([key, type]) => `alias ${key} = ${type};`),
    ...Object.entries(constants).map(([key, value]) => `const ${key} = ${literal(key, value)};`),
  ];
  return [...prelude.map((text) => ({ text })), ...body];
}

/** The text of the whole module, see moduleLines. */
export const assemble = (name: string, prelude: Prelude): string =>
  moduleLines(name, prelude)
    .map(({ text }) => text)
    .join('\n');

function literal(key: string, value: number | boolean): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new KernelError(`kernel constant ${key} is ${value}`);
  return String(value);
}
