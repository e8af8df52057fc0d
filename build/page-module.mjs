// A module of the library as a page gets it. Where it names a shader there stands a constant of that shader's module, so that a bundle has the shaders of the code that
// it has, and no others; calls at the top of a module are marked as without effect, so that bundlers drop what nobody uses; what is for Node alone goes; errors keep their names when a bundler shortens those of classes; faces leave out what only Node has.
import { includesOf } from './shader-text.mjs';

/**
 * @typedef {import('./source.mjs').Source} Source
 * @typedef {import('./source.mjs').Node} Node
 * @typedef {{ at: number, end: number, text: string }} Edit
 */

const PURE = '/* @__PURE__ */ ';
const FUNCTION = /^(?:Function(?:Declaration|Expression)|ArrowFunctionExpression|MethodDefinition|PropertyDefinition)$/;

/**
 * @param {Source} source
 * @param {ReadonlySet<string>} shaders all names
 * @param {ReadonlyMap<string, string>} leftOut names that a face leaves out
 * @returns {{ text: string, named: string[] }} its text, and the shaders that it names
 */
export function pageModule(source, shaders, leftOut) {
  /** @type {Edit[]} */
  const edits = [];
  /** @type {Set<string>} */
  const named = new Set();
  const idOf = (/** @type {string} */ name) => {
    named.add(name);
    return `$${name.replaceAll('/', '_')}`;
  };
  source.walk((node, above) => {
    const parent = above.at(-1);
    if (node.type === 'Literal' && shaders.has(node.value)) {
      // A key of a table stands for a name that is included elsewhere anyway.
      if (parent?.type === 'Property' && parent.key === node) return;
      edits.push({ at: node.start, end: node.end, text: idOf(node.value) });
    } else if (node.type === 'Identifier' && node.name === 'IN_NODE' && parent?.type !== 'VariableDeclarator')
      edits.push({ at: node.start, end: node.end, text: 'false' });
    else if (node.type === 'Literal' && includesOf(String(node.value)).length > 0)
      throw new Error(
        `${source.path}: a quoted text includes a shader; the build for pages finds that in templates only`,
      );
    else if (node.type === 'TemplateElement')
      for (const name of includesOf(node.value.raw)) {
        const at = node.start + source.text.slice(node.start, node.end).indexOf(name);
        edits.push({ at, end: at + name.length, text: `\${${idOf(name)}}` });
      }
    else if (/^(?:Call|New)Expression$/.test(node.type) && isValue(above))
      edits.push({ at: node.start, end: node.start, text: PURE });
    else if (node.type === 'ClassDeclaration' && node.id.name.endsWith('Error'))
      edits.push({ at: node.body.start + 1, end: node.body.start + 1, text: ` static name = '${node.id.name}';` });
    else if (/^(?:Import|ExportNamed)Declaration$/.test(node.type) && node.source) {
      edits.push(...withoutTypes(node, source.text, leftOut));
      return false;
    }
  });
  const imports = [...named].map((name) => `import { name as ${idOf(name)} } from 'shader:${name}';\n`).join('');
  return { text: imports + edited(source.text, edits), named: [...named] };
}

/**
 * What takes types, and what a face leaves out, from an import or an export of another module: with nothing left, the module is not loaded either.
 * @param {Node} node
 * @param {string} text
 * @param {ReadonlyMap<string, string>} leftOut
 * @returns {Edit[]}
 */
function withoutTypes({ start, end, specifiers, importKind, exportKind }, text, leftOut) {
  const gone = specifiers.filter(
    (/** @type {Node} */ it) =>
      [importKind, exportKind, it.importKind, it.exportKind].includes('type') || leftOut.has(it.exported?.name),
  );
  if (gone.length > 0 && gone.length === specifiers.length) return [{ at: start, end, text: '' }];
  return gone.map((/** @type {Node} */ it) => {
    const comma = text.slice(it.end).match(/^\s*,/)?.[0].length ?? 0;
    return { at: it.start, end: it.end + comma, text: '' };
  });
}

/**
 * Does a call stand in the initial value of something at the top of the module, outside of functions?
 * @param {readonly Node[]} above
 */
const isValue = (above) =>
  above.some(({ type }) => type === 'VariableDeclaration') &&
  !above.some(({ type }) => FUNCTION.test(type) || type === 'AwaitExpression');

/**
 * @param {string} text
 * @param {Edit[]} edits that do not overlap
 */
function edited(text, edits) {
  let result = '';
  let from = 0;
  for (const { at, end, text: replacement } of [...edits].sort((a, b) => a.at - b.at)) {
    result += text.slice(from, at) + replacement;
    from = end;
  }
  return result + text.slice(from);
}
