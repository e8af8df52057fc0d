// Options as data: a table of them gives the parser, the checks and the help text of a command. Bad input is one line that names the option.
import { parseArgs } from 'node:util';
import { AstroError } from '../../gpu/index.ts';

/** A wrong option or value: one line, exit code 2. */
export class UsageError extends AstroError {}

export interface Option {
  /** Shown after the name; absent for a switch. */
  value?: string;
  help: string;
  /** May be given more than once; its values become a list. */
  many?: true;
  /** Turns text into a value, or throws UsageError. */
  parse?: (text: string, name: string) => unknown;
}

/** What each option of a table becomes, if it was given. */
export type Values<T extends Record<string, Option>> = {
  [K in keyof T]?: T[K] extends { parse: (...args: never[]) => infer V }
    ? V
    : T[K] extends { many: true }
      ? string[]
      : T[K] extends { value: string }
        ? string
        : boolean;
};

export const number =
  (low: number, high: number, { whole = false } = {}) =>
  (text: string, name: string): number => {
    const value = Number(text);
    if (
      text.trim() === '' ||
      !Number.isFinite(value) ||
      value < low ||
      value > high ||
      (whole && !Number.isInteger(value))
    )
      throw new UsageError(`--${name} ${text}: takes a ${whole ? 'whole ' : ''}number from ${low} to ${high}`);
    return value;
  };
export const count = (low = 1, high = 1e9) => number(low, high, { whole: true });
export const oneOf =
  <T extends string>(...names: readonly T[]) =>
  (text: string, name: string): T => {
    const found = names.find((known) => known === text);
    if (found === undefined) throw new UsageError(`--${name} ${text}: takes one of ${names.join(', ')}`);
    return found;
  };
export const listOf =
  <T extends string>(...names: readonly T[]) =>
  (text: string, name: string): T[] => {
    const list = text.split(',').filter(Boolean);
    if (list.length === 0) throw new UsageError(`--${name}: names at least one of ${names.join(', ')}`);
    return [...new Set(list.map((item) => oneOf(...names)(item, name)))];
  };

/** Parses a command line; words without dashes come apart, where `words` allows them. Throws UsageError. */
export function parseTable<T extends Record<string, Option>>(
  table: T,
  args: string[],
  { command, words: allowPositionals = false }: { command: string; words?: boolean },
): { values: Values<T>; words: string[] } {
  const rows: [string, Option][] = Object.entries(table);
  let values: Record<string, unknown>;
  let words: string[];
  try {
    ({ values, positionals: words } = parseArgs({
      args,
      allowPositionals,
      options: Object.fromEntries(
        rows.map(([name, { value, many = false }]) => [
          name,
          { type: value ? 'string' : 'boolean', multiple: many } as const,
        ]),
      ),
    }));
  } catch (error) {
    throw new UsageError(`${parseError(error as Error)}; ${command} --help lists the options`);
  }
  for (const [name, { parse }] of rows)
    if (values[name] !== undefined && parse) values[name] = parse(values[name] as string, name);
  return { values: values as Values<T>, words };
}

/** parseArgs' reason, in one line. */
function parseError({ message }: Error): string {
  const [, option] = /^Option '(--\S+)[^']*' argument is ambiguous/.exec(message) ?? [];
  if (option) return `${option}: its value is missing (one that begins with a dash is written ${option}=-1)`;
  return message.split('. ')[0].replace(/\.$/, '');
}

/** A line of help for each option. */
export function describeTable(table: Record<string, Option>): string[] {
  const rows = Object.entries(table);
  const names = rows.map(([name, { value }]) => `--${name}${value ? ` ${value}` : ''}`);
  const width = Math.max(...names.map((name) => name.length)) + 2;
  return rows.map(([, { help }], i) => `  ${names[i].padEnd(width)}${help}`);
}

/** A command as typed, without quotes where none are needed. */
export const commandLine = (command: string, args: readonly string[]): string =>
  [command, ...args.map((arg) => (/^[\w./,:=-]+$/.test(arg) ? arg : JSON.stringify(arg)))].join(' ');
