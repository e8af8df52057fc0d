// The public face, counted: every name that an entry of the package exports, and whether its declaration has a docstring, and of a class every member; an
// interface may have said it of the classes that implement it. Run by `npm run check`.
// Plain JavaScript with JSDoc types, like setup.mjs: it reads the sources, so nothing has to be built.
import { readFileSync, realpathSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';

/**
 * @typedef {import('oxc-parser').ParseResult} Parsed
 * @typedef {{ file: string, name: string, line: number, documented: boolean, members: number, bareMembers: { name: string, line: number }[] }} Declaration
 * @typedef {{ names: Declaration[], root: string[] }} PublicFace `names`: each declaration once, whatever it is called outside; `root`: what the first entry exports
 */

/** The nodes that declare a name at the top of a module. */
const DECLARING = /^(Function|Class|TSInterface|TSTypeAlias|TSEnum|TSModule|Variable)Declaration$|^TSDeclareFunction$/;

/** One source file: what it declares, and its docstrings. */
class Module {
  /**
   * @param {string} path
   * @param {string} text
   */
  constructor(path, text) {
    this.path = path;
    this.text = text;
    /** @type {Parsed} */
    this.parsed = parseSync(path, text);
    if (this.parsed.errors.length > 0) throw new Error(`${path}: ${this.parsed.errors[0].message}`);
  }

  /** @param {number} offset */
  lineOf(offset) {
    return this.text.slice(0, offset).split('\n').length;
  }

  /** @param {string} name */
  resolve(name) {
    return name.startsWith('.') ? posix.join(posix.dirname(this.path), name) : undefined;
  }

  /**
   * Is there a docstring before this offset, with nothing but space and other comments between?
   * @param {number} offset
   */
  documented(offset) {
    let before = offset;
    for (const { type, value, start, end } of [...this.parsed.comments].reverse()) {
      if (end > before) continue;
      if (this.text.slice(end, before).trim() !== '') return false;
      if (type === 'Block' && value.startsWith('*')) return /\w/.test(value);
      before = start;
    }
    return false;
  }

  /**
   * The declarations of a name at the top of the file: overloads are several, and so are a type and a value of one name.
   * @param {string} name
   */
  declarationsOf(name) {
    /** @type {{ start: number, node: any }[]} */
    const found = [];
    for (const statement of this.parsed.program.body) {
      const node = /** @type {any} */ (statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement);
      if (!node || !DECLARING.test(node.type)) continue;
      if (node.type !== 'VariableDeclaration') {
        if (node.id?.name === name) found.push({ start: statement.start, node });
        continue;
      }
      for (const [i, declarator] of node.declarations.entries())
        if (declarator.id.name === name) found.push({ start: i === 0 ? statement.start : declarator.start, node });
    }
    return found;
  }

  /**
   * @param {string} name
   * @param {(interfaceName: string) => Set<string>} promisedBy names of members that an interface, as this file calls it, has a docstring for
   * @returns {Declaration}
   */
  describe(name, promisedBy) {
    const found = this.declarationsOf(name);
    if (found.length === 0) throw new Error(`${this.path}: exports ${name} and does not declare it`);
    const classes = found.flatMap(({ node }) => (node.type === 'ClassDeclaration' ? [node] : []));
    const members = classes.flatMap(publicMembers);
    const promised = new Set(
      classes.flatMap((node) => node.implements).flatMap(({ expression }) => [...promisedBy(expression.name)]),
    );
    return {
      file: this.path,
      name,
      line: this.lineOf(found[0].start),
      documented: found.some(({ start }) => this.documented(start)),
      members: members.length,
      bareMembers: members
        .filter(({ start, key }) => !this.documented(start) && !promised.has(key.name))
        .map(({ start, key }) => ({ name: key.name, line: this.lineOf(start) })),
    };
  }
}

/**
 * Methods, accessors and properties that a user of the class sees; an override is documented where it comes from, and overloads count once.
 * @param {any} node
 * @returns {{ start: number, key: { name: string } }[]}
 */
function publicMembers(node) {
  const seen = new Set();
  return node.body.body.filter((/** @type {any} */ member) => {
    const { type, key, kind, accessibility, override } = member;
    if (!/MethodDefinition$|PropertyDefinition$/.test(type) || kind === 'constructor' || override) return false;
    if (key.type !== 'Identifier' || accessibility === 'private' || accessibility === 'protected') return false;
    const first = !seen.has(key.name);
    seen.add(key.name);
    return first;
  });
}

/**
 * @param {(path: string) => string} read the text of a source file by its path
 * @param {string[]} entries files that users import, the root first
 * @returns {PublicFace}
 */
export function publicFace(read, entries) {
  /** @type {Map<string, Module>} */
  const modules = new Map();
  /** @param {string} path */
  const load = (path) => {
    const known = modules.get(path);
    if (known) return known;
    const module = new Module(path, read(path));
    modules.set(path, module);
    return module;
  };

  /**
   * What a file imports, by the name that it has there: where from, and the name there.
   * @param {Module} module
   */
  const importsOf = (module) => {
    /** @type {Map<string, { from: string, name: string }>} */
    const imported = new Map();
    for (const { moduleRequest, entries } of module.parsed.module.staticImports)
      for (const { importName, localName } of entries)
        imported.set(localName.value, { from: moduleRequest.value, name: importName.name ?? '*' });
    return imported;
  };

  /**
   * The members of an interface that it, or one that it extends, has a docstring for. Of a package's interfaces nothing is known.
   * @param {string} path
   * @param {string} name
   * @returns {Set<string>}
   */
  const promisedBy = (path, name) => {
    const module = load(path);
    const declared = module.declarationsOf(name);
    if (declared.length === 0) {
      const source = importsOf(module).get(name);
      const target = source && module.resolve(source.from);
      const origin = target && exportsOf(target).get(source.name);
      return origin ? promisedBy(origin.path, origin.name) : new Set();
    }
    const interfaces = declared.map(({ node }) => node).filter(({ type }) => type === 'TSInterfaceDeclaration');
    const own = interfaces.flatMap(({ body }) =>
      body.body.filter((/** @type {any} */ { key, start }) => key?.type === 'Identifier' && module.documented(start)),
    );
    const above = interfaces
      .flatMap((node) => node.extends)
      .flatMap(({ expression }) => [...promisedBy(path, expression.name)]);
    return new Set([...own.map(({ key }) => key.name), ...above]);
  };

  /**
   * The names that a file exports, each with the file that declares it and its name there.
   * @param {string} path
   * @returns {Map<string, { path: string, name: string }>}
   */
  const exportsOf = (path) => {
    const module = load(path);
    /** @type {Map<string, { path: string, name: string }>} */
    const found = new Map();
    const imported = importsOf(module);
    /** @param {string} from @param {string} name @param {string} as */
    const forward = (from, name, as) => {
      const target = module.resolve(from);
      const origin = target && exportsOf(target).get(name);
      if (!origin) throw new Error(`${path}: ${from} has no ${name} to export`);
      found.set(as, origin);
    };
    for (const { moduleRequest, importName, exportName, localName } of module.parsed.module.staticExports.flatMap(
      ({ entries }) => entries,
    )) {
      const as = exportName.name;
      if (!moduleRequest) {
        const source = imported.get(localName.name ?? '');
        if (source) forward(source.from, source.name, as ?? '');
        else if (as && localName.name) found.set(as, { path, name: localName.name });
      } else if (importName.kind === 'Name' && importName.name && as) forward(moduleRequest.value, importName.name, as);
      else if (importName.kind === 'All' || importName.kind === 'AllButDefault') {
        const target = module.resolve(moduleRequest.value);
        if (!target) throw new Error(`${path}: exports everything of ${moduleRequest.value}`);
        // `export * as read` gives each name as read.NAME.
        const space = importName.kind === 'All' ? `${as}.` : '';
        for (const [name, origin] of exportsOf(target)) if (!found.has(space + name)) found.set(space + name, origin);
      } else throw new Error(`${path}: an export that this check does not know`);
    }
    return found;
  };

  /** @type {Map<string, Declaration>} */
  const names = new Map();
  const faces = entries.map(exportsOf);
  for (const { path, name } of faces.flatMap((face) => [...face.values()]))
    if (!names.has(`${path} ${name}`))
      names.set(
        `${path} ${name}`,
        load(path).describe(name, (as) => promisedBy(path, as)),
      );
  return { names: [...names.values()], root: [...(faces[0]?.keys() ?? [])] };
}

/**
 * What is told of a face, line by line, and whether every name and member has a docstring.
 * @param {PublicFace} face
 * @returns {{ lines: string[], ok: boolean }}
 */
export function report({ names, root }) {
  const bare = names.filter(({ documented }) => !documented);
  const bareMembers = names.flatMap(({ file, name, bareMembers }) =>
    bareMembers.map((member) => `${file}:${member.line} ${name}.${member.name} has no docstring`),
  );
  const members = names.reduce((total, { members }) => total + members, 0);
  return {
    lines: [
      ...[...bare.map(({ file, line, name }) => `${file}:${line} ${name} has no docstring`), ...bareMembers].sort(),
      `public names: ${names.length} in all, ${root.length} at the root, ${bare.length} undocumented`,
      `members of public classes: ${members}, ${bareMembers.length} of them undocumented`,
    ],
    ok: bare.length === 0 && bareMembers.length === 0,
  };
}

/**
 * The sources of the package's entries, the root first.
 * @param {{ exports: Record<string, { types: string }> }} manifest
 * @returns {string[]}
 */
export const entriesOf = ({ exports }) =>
  Object.values(exports).map(({ types }) => types.replace(/^\.\/dist\/(.*)\.d\.ts$/, 'src/$1.ts'));

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const read = (/** @type {string} */ path) => readFileSync(`${root}${path}`, 'utf8');
  const { lines, ok } = report(publicFace(read, entriesOf(JSON.parse(read('package.json')))));
  for (const line of lines) console.log(line);
  process.exitCode = ok ? 0 : 1;
}
