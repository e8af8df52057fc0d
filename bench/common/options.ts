// The options that the measuring commands share. Bad input is one line that names the option.
import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { describeTable, type Option, parseTable, UsageError, type Values } from 'astrogpu/cli';

/** What every command that measures takes. */
export const MEASURING = {
  json: { value: 'FILE', help: 'write what was measured, the adapter and the versions there', parse: writableFile },
  help: { help: 'this text' },
  version: { help: 'the version' },
} satisfies Record<string, Option>;

/** A command's name, what it does, and its options. */
export interface Command<T extends Record<string, Option> = Record<string, Option>> {
  /** `node bench/peers.js` */
  name: string;
  about: string[];
  options: T;
}

/** The options as given; `-h` stands for `--help`. Throws UsageError. */
export const parseArguments = <T extends Record<string, Option>>(
  { name, options }: Command<T>,
  args: readonly string[],
): Values<T> =>
  parseTable(
    options,
    args.map((arg) => (arg === '-h' ? '--help' : arg)),
    { command: name },
  ).values;

/** What a command does and takes; `words` are those that come before its options. */
export const helpText = <T extends Record<string, Option>>(
  { name, about, options }: Command<T>,
  ...words: string[]
): string => [...about, '', `  ${[name, ...words, '[options]'].join(' ')}`, '', ...describeTable(options)].join('\n');

/** A file that cannot be written should show before the measuring, not after it. */
function writableFile(file: string, name: string): string {
  const folder = dirname(file);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw new UsageError(`--${name} ${file}: the folder ${folder} is not there or cannot be written`);
  }
  if (file === '' || statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`--${name} ${file}: takes the name of a file`);
  return file;
}
