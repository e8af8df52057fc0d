// Where WGSL comes from: the files in shaders/, read once when a Gpu opens, so that kernels can be built without waiting.
import { KernelError } from '../device/errors.ts';

const sources = new Map<string, string>();
let loaded: Promise<ReadonlyMap<string, string>> | undefined;
const folder = new URL('../../../shaders/', import.meta.url);

/** Reads every shader: from disk in Node, over fetch in a page (with shaders/index.json, which the build writes). */
export function loadShaders(): Promise<ReadonlyMap<string, string>> {
  loaded ??= readShaders();
  return loaded;
}

async function readShaders(): Promise<ReadonlyMap<string, string>> {
  if (typeof process !== 'undefined' && process.versions?.node) {
    const { readdir, readFile } = await import('node:fs/promises');
    const { fileURLToPath } = await import('node:url');
    const root = fileURLToPath(folder);
    for (const file of await readdir(root, { recursive: true }))
      if (file.endsWith('.wgsl'))
        sources.set(file.slice(0, -5).replaceAll('\\', '/'), await readFile(root + file, 'utf8'));
  } else {
    const names: string[] = await (await fetch(new URL('index.json', folder))).json();
    await Promise.all(
      names.map(async (name) => sources.set(name, await (await fetch(new URL(`${name}.wgsl`, folder))).text())),
    );
  }
  return sources;
}

/**
 * Registers a kernel of one's own beside those of the package.
 *
 * @example
 * addShader('mine/double', '@group(0) @binding(0) var<storage, read_write> x: array<f32>; …');
 * gpu.run({ shader: 'mine/double', bindings: [x.slice], grid: [1], cost: { flops: 1, bytes: 8 } });
 */
export function addShader(name: string, source: string): void {
  sources.set(name, source);
}

/**
 * What a kernel puts before its file: `constants` as WGSL constants (numbers become abstract, so they fit any type), `types` as aliases; `includes`
 * says which file a name in its `// include NAME` lines stands for, where the kernel leaves that open.
 */
export interface Prelude {
  constants?: Record<string, number | boolean>;
  types?: Record<string, string>;
  includes?: Record<string, string>;
}

/** The whole module: directives first, then the prelude, then the file with its `// include NAME` lines resolved. Throws KernelError. */
export function assemble(name: string, { constants = {}, types = {}, includes = {} }: Prelude): string {
  const enables: string[] = [];
  const expand = (named: string): string => {
    const file = includes[named] ?? named;
    const source = sources.get(file);
    if (source === undefined) throw new KernelError(`there is no shader "${file}" (shaders/${file}.wgsl)`);
    return source.replace(/^\/\/ include (\S+)$/gm, (_, other: string) => expand(other));
  };
  const body = expand(name).replace(/^(enable |diagnostic\().*;$/gm, (line) => {
    enables.push(line);
    return '';
  });
  if (Object.values(types).some((type) => type.includes('f16') || type.endsWith('h'))) enables.push('enable f16;');
  return [
    ...new Set(enables),
    ...Object.entries(types).map(([key, type]) => `alias ${key} = ${type};`),
    ...Object.entries(constants).map(([key, value]) => `const ${key} = ${literal(key, value)};`),
    body,
  ].join('\n');
}

function literal(key: string, value: number | boolean): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new KernelError(`kernel constant ${key} is ${value}`);
  return String(value);
}
