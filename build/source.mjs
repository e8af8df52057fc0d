// One source of the library as the build for pages sees it: parsed once, walked by what is asked of it. Plain JavaScript with JSDoc types, like setup.mjs.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseSync } from 'oxc-parser';
import { root } from './files.mjs';

/**
 * @typedef {{ type: string, start: number, end: number, [key: string]: any }} Node
 * @typedef {{ from: string, name: string | undefined, as: string | undefined }} Link what is imported or exported on, by which name there and here; undefined: all of it
 */

export class Source {
  /** @param {string} path from the root, with slashes */
  constructor(path) {
    this.path = path;
    this.text = readFileSync(join(root, path), 'utf8');
    const { program, module, errors } = parseSync(path, this.text);
    if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
    /** @type {Node} */
    this.program = /** @type {any} */ (program);
    /** What it imports at once, types left out. @type {Link[]} */
    this.imports = module.staticImports.flatMap(({ moduleRequest, entries }) => {
      const from = this.resolve(moduleRequest.value);
      if (entries.length === 0) return [{ from, name: undefined, as: undefined }];
      return entries
        .filter(({ isType }) => !isType)
        .map(({ importName, localName }) => ({ from, name: importName.name ?? undefined, as: localName.value }));
    });
    /** What it exports of other modules, types left out. @type {Link[]} */
    this.forwards = module.staticExports.flatMap(({ entries }) =>
      entries
        .filter(({ isType, moduleRequest }) => !isType && moduleRequest)
        .map(({ moduleRequest, importName, exportName }) => ({
          from: this.resolve(moduleRequest?.value ?? ''),
          name: importName.name ?? undefined,
          as: exportName.name ?? undefined,
        })),
    );
  }

  /** @param {string} request */
  resolve(request) {
    return request.startsWith('.') ? posix.join(posix.dirname(this.path), request) : request;
  }

  /**
   * Calls `see` for every node that is code, types left out, with the nodes around it, the nearest last; below a node for which it returns false it does not go.
   * @param {(node: Node, above: readonly Node[]) => boolean | void} see
   */
  walk(see) {
    /** @type {Node[]} */
    const above = [];
    /** @param {any} node */
    const visit = (node) => {
      if (Array.isArray(node)) for (const each of node) visit(each);
      else if (typeof node?.type === 'string' && !/^TS(?!As|Satisfies|NonNull)/.test(node.type)) {
        if (see(node, above) === false) return;
        above.push(node);
        for (const [key, child] of Object.entries(node))
          if (typeof child === 'object' && key !== 'parent') visit(child);
        above.pop();
      }
    };
    visit(this.program);
  }
}
