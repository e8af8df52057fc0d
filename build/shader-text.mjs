// WGSL as a page gets it: without comments, and without spaces that part nothing. Every line stays in its place, so that errors name the lines of shaders/; a line that
// is indented stays so by one space, for declarations are found at the beginning of lines.

/** Lines that are read when a kernel is made. */
const KEPT = /^\/\/ include \S+$/;
const TOKEN = /\w+(?:\.\w+)*|\S/g;
const WORD = /\w/;
/** Characters of which two can make another token. */
const OPERATOR = /[-+*/<>=!&|%^]/;

/**
 * @param {string} source of shaders/
 * @returns {string}
 */
export function shortened(source) {
  if (source.includes('/*')) throw new Error('a shader has a block comment, which the build for pages does not know');
  return source
    .split(/\r?\n/)
    .map((line) => (KEPT.test(line) ? line : shortLine(line.replace(/\/\/.*/, ''))))
    .join('\n')
    .trimEnd();
}

/** @param {string} line */
function shortLine(line) {
  let result = '';
  let end = 0;
  for (const { 0: token, index } of line.matchAll(TOKEN)) {
    const parts = (/** @type {RegExp} */ kind) => kind.test(result.at(-1) ?? '') && kind.test(token[0]);
    const needed = index > end && (result === '' || parts(WORD) || parts(OPERATOR));
    result += needed ? ` ${token}` : token;
    end = index + token.length;
  }
  return result;
}

/**
 * The names in the lines `// include NAME` of a text.
 * @param {string} text
 * @returns {string[]}
 */
export const includesOf = (text) => [...text.matchAll(/^\/\/ include (\S+)/gm)].map(([, name]) => name);
