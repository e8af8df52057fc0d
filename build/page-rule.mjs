// What a page gets of the library, in one place. A module is Node's if at once, when it is loaded, it imports something of Node or a package that pages do not get,
// or a name that such a module declares; and if it uses a global that only Node has. A face in a page leaves out what such modules declare. What a module imports
// later, by import(), is no matter: where that is Node's, the import fails in a page with a line that says so.
import { Source } from './source.mjs';

/** The packages that go into the build for pages. */
export const PAGE_PACKAGES = ['valibot', 'pbf'];
/** Modules that have another text in a page. */
export const REPLACED = {
  'src/gpu/device/platform.ts': 'export const IN_NODE = false;',
};
const NODE_GLOBALS = ['process', 'Buffer', '__dirname'];

const isSource = (/** @type {string} */ name) => name.startsWith('src/');
const isFace = (/** @type {string} */ path) => /^src\/([^/]+\/)?index\.ts$/.test(path) || path === 'src/tensor.ts';

/** The library, looked at by the rule. */
export class PageRule {
  constructor() {
    /** @type {Map<string, Source>} */
    this.sources = new Map();
    /** Why a module is Node's; undefined where it is not. @type {Map<string, string | undefined>} */
    this.reasons = new Map();
  }

  /** @param {string} path */
  source(path) {
    let source = this.sources.get(path);
    if (!source) {
      source = new Source(path);
      this.sources.set(path, source);
    }
    return source;
  }

  /**
   * The module that declares what a face exports by a name.
   * @param {string} path
   * @param {string | undefined} name
   * @returns {string | undefined}
   */
  origin(path, name) {
    if (!isFace(path) || name === undefined) return path;
    for (const { from, name: there, as } of this.source(path).forwards) {
      if (as === name) return this.origin(from, there);
      const found = as === undefined && this.origin(from, name);
      if (found && found !== from) return found;
    }
    return undefined;
  }

  /**
   * Why what a module imports or exports by a name is Node's; undefined where a page can have it.
   * @param {string} from
   * @param {string} [name]
   * @returns {string | undefined}
   */
  reason(from, name) {
    if (!isSource(from)) return PAGE_PACKAGES.includes(from) ? undefined : from;
    const path = this.origin(from, name) ?? from;
    if (path in REPLACED || isFace(path)) return undefined;
    if (!this.reasons.has(path)) {
      this.reasons.set(path, undefined); // modules in a circle, of which the architecture has none, would be judged by the others
      this.reasons.set(path, this.judge(this.source(path)));
    }
    return this.reasons.get(path);
  }

  /**
   * @param {Source} source
   * @returns {string | undefined}
   */
  judge(source) {
    for (const { from, name } of [...source.imports, ...source.forwards]) {
      const reason = this.reason(from, name);
      if (reason) return isSource(from) ? `${this.origin(from, name)}: ${reason}` : reason;
    }
    let found;
    source.walk((node, above) => {
      const parent = above.at(-1);
      if (node.type !== 'Identifier' || !NODE_GLOBALS.includes(node.name) || parent?.type === 'UnaryExpression') return;
      if (parent?.type === 'MemberExpression' && parent.property === node && !parent.computed) return;
      if (parent?.type === 'Property' && parent.key === node && !parent.shorthand) return;
      found = `the global ${node.name}`;
    });
    return found;
  }

  /**
   * Names that a face in a page leaves out, with the reasons.
   * @param {string} path
   * @returns {Map<string, string>}
   */
  leftOut(path) {
    /** @type {Map<string, string>} */
    const names = new Map();
    for (const { from, name, as } of this.source(path).forwards) {
      const reason = as !== undefined && this.reason(from, name);
      if (as && reason) names.set(as, `${this.origin(from, name)}: ${reason}`);
    }
    return names;
  }
}
