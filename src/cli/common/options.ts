// Parses a command line by a table of options. Bad input is one line that names the option. What this file imports loads without any package: `doctor` needs it.
import { parseArgs } from 'node:util';
import { AstroError, ConfigError, didYouMean } from '../../gpu/index.ts';
import type { Given, Option, OptionTable } from '../../train/index.ts';
import { dashed, flagOf, inFlags, negated } from './flags.ts';

/** A wrong option or value: one line, exit code 2. */
export class UsageError extends AstroError {}

/** Letters that stand for an option. */
export const SHORT: Readonly<Record<string, string>> = { help: 'h', version: 'v' };

/** The row that every command has. */
export const HELP: Option<boolean> = { help: 'this text' };

/** Has it a flag that turns it off? Switches do that are off by default: a recipe may turn them on. */
const isSwitch = ({ value, default: usual }: Option): boolean => value === undefined && typeof usual === 'boolean';

/** The names of a row on a command line, without dashes. */
const namesOf = (name: string, row: Option): string[] => [
  dashed(name),
  ...(row.was ? [row.was] : []),
  ...(isSwitch(row) ? [negated(flagOf(name)).slice(2)] : []),
];

/** Parses a command line; words without dashes come apart, where `words` allows them. Throws UsageError. */
export function parseTable<T extends OptionTable>(
  table: T,
  args: string[],
  { command, words: allowPositionals = false }: { command: string; words?: boolean },
): { values: Given<T>; words: string[] } {
  const rows = Object.entries(table);
  let typed: Record<string, unknown>;
  let words: string[];
  try {
    ({ values: typed, positionals: words } = parseArgs({
      args,
      allowPositionals,
      options: Object.fromEntries(
        rows.flatMap(([name, row]) => {
          const { value, many = false } = row;
          return namesOf(name, row).map((flag) => [
            flag,
            { type: value ? 'string' : 'boolean', multiple: many, ...(SHORT[flag] && { short: SHORT[flag] }) } as const,
          ]);
        }),
      ),
    }));
  } catch (error) {
    const flags = rows.flatMap(([name, row]) => namesOf(name, row));
    throw new UsageError(
      `${parseError(error as Error, flags)}; ${command} --help lists the options`.replace('?;', '?'),
    );
  }
  const values = rows.flatMap(([name, row]) => {
    const [now, before] = [typed[dashed(name)], row.was && typed[row.was]];
    if (now !== undefined && before !== undefined)
      throw new UsageError(`--${row.was} is an earlier name of ${flagOf(name)}: give one of them`);
    const off = negated(flagOf(name));
    if (isSwitch(row) && typed[off.slice(2)] !== undefined) {
      if ((now ?? before) !== undefined) throw new UsageError(`${flagOf(name)} and ${off}: give one of them`);
      return [[name, false]];
    }
    const text = now ?? before;
    // An empty word is what a shell makes of "$DIR" where nothing is in it.
    if ([text].flat().includes('')) throw new UsageError(`${flagOf(name)}: its value is empty`);
    return text === undefined ? [] : [[name, row.read ? readValue(row.read, text as string, name) : text]];
  });
  if (words.includes('')) throw new UsageError('one of the words is empty (""); leave it out, or name a file');
  return { values: Object.fromEntries(values) as Given<T>, words };
}

/** What options are refused for is wrong usage, whoever found it out. Throws UsageError for an AstroError. */
export function refuseEarly<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof AstroError ? new UsageError(inFlags(error)).listing(error.details) : error;
  }
}

function readValue(read: NonNullable<Option['read']>, text: string, name: string): unknown {
  try {
    return read(text, name);
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(inFlags(error)) : error;
  }
}

/** parseArgs' reason, in one line. */
function parseError({ message }: Error, flags: readonly string[]): string {
  const [, option] = /^Option '(--\S+)[^']*' argument is ambiguous/.exec(message) ?? [];
  if (option) return `${option}: its value is missing (one that begins with a dash is written ${option}=-1)`;
  const [, unknown] = /^Unknown option '(--?[^']+)'/.exec(message) ?? [];
  const meant = unknown === undefined ? '' : didYouMean(unknown, flags, (flag) => `--${flag}`);
  return message.split('. ')[0].replace(/\.$/, '') + meant;
}

/** Throws UsageError for an option that `--resume` came with and that a run cannot be given anew. */
export function refuseChanges(options: object, resumable: ReadonlySet<string>): void {
  const fixed = Object.keys(options).find((name) => !resumable.has(name));
  if (fixed !== undefined)
    throw new UsageError(`${flagOf(fixed)} cannot be changed by --resume: the run goes on as its folder says`);
}

/** A command as typed, without quotes where none are needed. */
export const commandLine = (command: string, args: readonly string[]): string =>
  [command, ...args.map((arg) => (/^[\w./,:=-]+$/.test(arg) ? arg : JSON.stringify(arg)))].join(' ');
