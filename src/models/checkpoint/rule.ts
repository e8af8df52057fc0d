// How a name of somebody else's becomes ours: what is replaced, and by what. Rules are tried one after the other, each on what those before it left.
export type Rule = readonly [pattern: RegExp, name: string | ((...groups: string[]) => string)];

/** A name after all rules. */
export const ruled = (name: string, rules: readonly Rule[]): string =>
  rules.reduce((found, [pattern, replacement]) => found.replace(pattern, replacement as string), name);
