// Where this runs, asked in one place: the build for pages answers it when it is made (build/page-rule.mjs), so that what only Node does is left out of it.

/** Does this run in Node? Elsewhere it is a page or a worker of one, which has no files. */
export const IN_NODE = typeof process !== 'undefined' && !!process.versions?.node;
