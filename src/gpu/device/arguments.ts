// What a function was called without, or with another kind of thing for, said in one line before it turns into "cannot read properties of undefined".
import { didYouMean } from '../nearest.ts';
import { AstroError } from './errors.ts';

/** An argument that is missing, or of another kind than it must be. */
export class ArgumentError extends AstroError {}

const KINDS = {
  'an object': (value: unknown) => typeof value === 'object' && value !== null,
  'a list': (value: unknown) => Array.isArray(value) || ArrayBuffer.isView(value),
  'a list or the like': (value: unknown) =>
    typeof (value as Iterable<unknown> | undefined)?.[Symbol.iterator] === 'function',
  'a function': (value: unknown) => typeof value === 'function',
  'a text': (value: unknown) => typeof value === 'string',
  'a whole number': (value: unknown) => Number.isInteger(value),
  'true or false': (value: unknown) => typeof value === 'boolean',
  'a Gpu': (value: unknown) => typeof (value as { allocate?: unknown } | undefined)?.allocate === 'function',
};

/** What an argument must be: one of these words, or an instance of a class. */
export type ArgumentKind = keyof typeof KINDS | (abstract new (...args: never[]) => unknown);

/** Throws ArgumentError naming `of` and the first of `args` that is missing, or not of the kind. */
export function needArguments(of: string, kind: ArgumentKind, args: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(args)) {
    if (typeof kind === 'string' ? KINDS[kind](value) : value instanceof kind) continue;
    const wanted = typeof kind === 'string' ? kind : `a ${kind.name}`;
    throw new ArgumentError(`${of}: its argument ${name} is ${whatOf(value)}; ${wanted} is wanted`);
  }
}

/** Throws ArgumentError naming `of` and the argument `name` where it is no object, or the first of its fields that is missing or not of its kind. */
export function needFields(
  of: string,
  name: string,
  value: object,
  kinds: Readonly<Record<string, ArgumentKind>>,
): void {
  needArguments(of, 'an object', { [name]: value });
  for (const [field, kind] of Object.entries(kinds))
    needArguments(of, kind, { [`${name}.${field}`]: (value as Record<string, unknown>)[field] });
}

/** Throws ArgumentError naming `of` and the first option that is none of the `known`: a misspelled one would count for nothing, without a word. */
export function needOptions(of: string, options: object, known: readonly string[]): void {
  needArguments(of, 'an object', { options });
  const strange = Object.keys(options).find((key) => !known.includes(key));
  if (strange !== undefined)
    throw new ArgumentError(
      `${of}: there is no option ${strange}${didYouMean(strange, known) || `; there are ${known.join(', ')}`}`,
    );
}

/** What stands in place of an argument, in words. */
export function whatOf(value: unknown): string {
  if (value === undefined || value === null) return 'missing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object of another kind' : `a ${typeof value}`;
}
