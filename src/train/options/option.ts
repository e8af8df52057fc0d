// What an option is: one row that says all of it. Parser, help text, defaults, the saved configuration and the report's notes read it here, so that
// an option is added in one place (and used in another). A row's key in its table is the setting's name; its flag is the same with dashes.
import { ConfigError } from '../../gpu/index.ts';

/** Makes a value of what was typed. Throws ConfigError that names the field and what it takes. */
export type Reader<V> = ((text: string, field: string) => V) & {
  /** The only values, where there are but a few. */
  readonly names?: readonly string[];
  /** What it takes, as a phrase. */
  readonly takes?: string;
};

/** One option: how it is read, its defaults, and what is said of it. Without `value` it is a switch. */
export interface Option<V = unknown> {
  /** The heading that it stands under, in a table that has some. */
  group?: string;
  /** One of the few that most people need: a long help text has those first. */
  usual?: true;
  /** One phrase, without the values and the default, which are added. */
  help: string;
  /** What follows the flag, in capitals; a switch has nothing. */
  value?: string;
  /** How text is read; a switch is not. */
  read?: Reader<V>;
  /** May be given more than once: the texts become a list. */
  many?: true;
  /** An option without one has no value unless it is given. */
  default?: NoInfer<V>;
  /** The default on a software adapter, where it is another. */
  softwareDefault?: NoInfer<V>;
  /** The default in words, where it follows from something else. */
  defaultText?: string;
  /** Its flag in earlier versions, which is taken as well. */
  was?: string;
  /** How a value goes beyond the paper, as a phrase; nothing where it does not. */
  beyond?(value: V): string | undefined;
}

/** Options by the names of their settings. */
export type OptionTable = Record<string, Option>;

/** A row; what its values are, its reader says. */
export function option<V>(row: Option<V> & { default: NoInfer<V> }): Option<V> & { default: V };
export function option<V>(row: Option<V>): Option<V>;
export function option<V>(row: Option<V>): Option<V> {
  return row;
}

/** The row of a switch, which is off unless it is given. */
export const toggle = (row: Option<boolean>): Option<boolean> & { default: boolean } => ({ ...row, default: false });

/** A row as another command has it: read in the same way, with a help and a default of its own. */
export const optionAs = <V>({ value, read }: Option<V>, own: Partial<Option<V>> & { help: string }) =>
  option<V>({ value, read, ...own });

type ValueOf<O> = O extends Option<infer V> ? V : never;
type Defaulted<T extends OptionTable> = {
  [K in keyof T]: T[K] extends { default: unknown } ? K : never;
}[keyof T];

/** What was given, by name. */
export type Given<T extends OptionTable> = { [K in keyof T]?: ValueOf<T[K]> };

/** A value for every option that has a default, and for what was given. */
export type Settings<T extends OptionTable> = { [K in Defaulted<T>]: ValueOf<T[K]> } & {
  [K in Exclude<keyof T, Defaulted<T>>]?: ValueOf<T[K]>;
};

/** The settings of a table in its order: as given, else by default. What the table does not have is left out. */
export function settingsOf<T extends OptionTable>(table: T, given: Given<T>, software: boolean): Settings<T> {
  const settings = Object.entries(table).flatMap(([name, row]) => {
    const usual = software ? (row.softwareDefault ?? row.default) : row.default;
    const value = given[name] ?? usual;
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(settings) as Settings<T>;
}

/** Are values of options the same, lists of them by what is in them? */
const isSame = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b)
    ? a.length === b.length && a.every((one, i) => isSame(one, b[i]))
    : Object.is(a, b);

/** Is this what the row's reader, or a switch, would make of a text? For values that come from a file. */
export function isValueOf({ read }: Option, value: unknown): boolean {
  if (!read) return typeof value === 'boolean';
  try {
    return isSame(read(Array.isArray(value) ? value.join() : String(value), ''), value);
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

/** How settings go beyond the paper, a phrase each. */
export const beyondPaper = <T extends OptionTable>(table: T, settings: Given<T>): string[] =>
  Object.entries(table).flatMap(([name, row]) => {
    const value = settings[name];
    return (value !== undefined && row.beyond?.(value)) || [];
  });
