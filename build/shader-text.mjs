// WGSL as a page gets it: without comments, and with one space for an indentation. Every line stays in its place, so that errors name the lines of shaders/, and what
// stands at the beginning of a line still does: declarations are found by that.

/** Lines that are read when a kernel is made. */
const KEPT = /^\/\/ include \S+$/;

/**
 * @param {string} source of shaders/
 * @returns {string}
 */
export function shortened(source) {
  if (source.includes('/*')) throw new Error('a shader has a block comment, which the build for pages does not know');
  return source
    .split(/\r?\n/)
    .map((line) =>
      KEPT.test(line)
        ? line
        : line
            .replace(/\/\/.*/, '')
            .replace(/^\s+/, ' ')
            .trimEnd(),
    )
    .join('\n')
    .trimEnd();
}

/**
 * The names in the lines `// include NAME` of a text.
 * @param {string} text
 * @returns {string[]}
 */
export const includesOf = (text) => [...text.matchAll(/^\/\/ include (\S+)/gm)].map(([, name]) => name);
