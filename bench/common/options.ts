// The options that the measuring commands share. Bad input is one line that names the option.
import { checkOutput, HELP, helpPage, parseTable } from 'astrogpu/cli';
import { type Given, type OptionTable, option, type Reader, read, toggle } from 'astrogpu/train';

/** What every command that measures takes. */
export const MEASURING = {
  json: option({
    value: 'FILE',
    read: writableFile as Reader<string>,
    help: 'write what was measured, the adapter and the versions there',
  }),
  help: HELP,
  version: toggle({ help: 'the version' }),
};

/** Of commands that take their medians over rounds. */
export const ROUNDS = option({
  value: 'N',
  read: read.whole(1, 1000),
  help: 'measured rounds; the medians are shown',
  default: 7,
});

/** Values with commas between them, each once. */
export const listOf =
  <V>(one: Reader<V>): Reader<V[]> =>
  (given, field) => [...new Set(given.split(',').map((text) => one(text, field)))];

/** A command's name, what it does, and its options. */
export interface Command<T extends OptionTable = OptionTable> {
  /** `node bench/peers.js` */
  name: string;
  about: string[];
  options: T;
}

/** The options as given. Throws UsageError. */
export const parseArguments = <T extends OptionTable>(
  { name, options }: Command<T>,
  args: readonly string[],
): Given<T> => parseTable(options, [...args], { command: name }).values;

/** What a command does and takes; `words` are those that come before its options. */
export const helpText = <T extends OptionTable>({ name, about, options }: Command<T>, ...words: string[]): string =>
  helpPage({ about: [about.join(' ')], usage: [[name, ...words, '[options]'].join(' ')], options });

/** A file that cannot be written shows before the measuring, not after it. */
function writableFile(file: string, name: string): string {
  checkOutput(name, file);
  return file;
}
