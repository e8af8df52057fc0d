// What other people's files hold, checked before it is used: JSON against a schema, or one line that says where it is wrong. Imports no package: `doctor` starts
// without any, so whoever has a schema brings its library along.
import type { GenericSchema, InferOutput } from 'valibot';

/** Makes an error of a reason, with the file's name: each kind of file has an error of its own. */
export type Refuse = (reason: string) => Error;

/** A schema's words for what it expects, in ours. The message of a check of one's own is what is wanted, in words. */
const WANTED: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  Object: 'an object',
  Array: 'a list',
  never: 'nothing of that name',
};
/** Of a text that is quoted. */
const MOST_QUOTED = 60;

/**
 * A value as its schema has it. Throws what `refuse` makes of the first thing that is wrong: `config.batch is "many"; a whole number is wanted`.
 * Messages of the schema's checks are phrases that say what is wanted.
 */
export function checked<S extends GenericSchema>(schema: S, value: unknown, refuse: Refuse): InferOutput<S> {
  const result = schema['~run']({ value }, { abortEarly: true });
  if (!result.issues) return result.value as InferOutput<S>;
  const [{ path = [], expected, input, message }] = result.issues;
  const where = path.map(({ key }) => key as string | number);
  if (input === undefined && where.length > 0) throw refuse(`${pathText(where)} is missing`);
  const ours = message.startsWith('Invalid ')
    ? (WANTED[expected ?? ''] ?? inWords(expected ?? 'another value'))
    : message;
  throw refuse(`${where.length > 0 ? pathText(where) : 'its content'} is ${found(input)}; ${ours} is wanted`);
}

/** The value of a JSON text, with or without a byte order mark. Throws what `refuse` makes of "it is not JSON". */
export function parseJson(text: string, refuse: Refuse): unknown {
  const json = text.startsWith('\ufeff') ? text.slice(1) : text;
  try {
    return JSON.parse(json);
  } catch (error) {
    if (json.trim() === '') throw refuse('it is empty');
    throw refuse(`it is not JSON, or cut short (${(error as Error).message.split('\n')[0].slice(0, 2 * MOST_QUOTED)})`);
  }
}

/** Is it an object with fields, and no list? */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `config.arms[0]`, and keys that are no words in quotes. */
const pathText = (path: readonly (string | number)[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return /^[\w$-]+$/.test(key) ? `${text}${text && '.'}${key}` : `${text}[${quoted(key)}]`;
  }, '');

const quoted = (text: string): string =>
  JSON.stringify(text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text);

function found(value: unknown): string {
  if (Array.isArray(value)) return value.length > 0 ? `a list of ${value.length}` : 'an empty list';
  if (isRecord(value)) return 'an object';
  return typeof value === 'string' ? quoted(value) : String(value);
}

/** `("a" | "b")` as `"a" or "b"`, and `(string | number)` as `a text or a number`. */
const inWords = (expected: string): string =>
  expected
    .replace(/^\((.*)\)$/, '$1')
    .split(' | ')
    .map((part) => WANTED[part] ?? part)
    .join(' or ');
