// The options that tables and figures share, and what each of the two commands takes besides them.
import { count, type Option, oneOf, parseTable, UsageError, type Values } from 'astrogpu/cli';
import { type Command, helpText } from '../options.ts';

/** What both commands take. */
export const COMMON = {
  quick: {
    help: 'a small network on part of the data: minutes on two cores without a GPU; shows that all runs, and judges nothing',
  },
  seeds: { value: 'N', help: 'runs of each row, from seed 1 on (default 3)', parse: count(1, 100) },
  out: { value: 'DIR', help: 'folder of the runs and the output (default runs/tables-quick or runs/tables)' },
  data: { value: 'DIR', help: 'CIFAR-10, binary version, or stand-in for drawn images (default as bench/cifar.js)' },
  images: { value: 'N', help: 'training images to use', parse: count(2) },
  'test-images': { value: 'N', help: 'test images to use', parse: count() },
  batch: { value: 'N', help: 'images in a mini-batch', parse: count(1, 65536) },
  epochs: { value: 'N', help: 'epochs of the guide phase', parse: count() },
  'search-epochs': { value: 'N', help: 'epochs of the search phase', parse: count() },
  precision: { value: 'P', help: 'of the task network: f32 (default) or f16', parse: oneOf('f32', 'f16') },
  only: {
    value: 'ROW,...',
    help: 'run these rows only; the others show what they have',
    parse: (text: string) => text.split(',').filter(Boolean),
  },
  list: { help: 'print the runs and how far each is, and do nothing' },
  help: { help: 'this text' },
} satisfies Record<string, Option>;

export type Options = Values<typeof COMMON>;

/** A command that makes one of several tables or figures; its options are COMMON, and what it takes besides. */
export interface NumberedCommand<T extends Record<string, Option> = Record<string, Option>> extends Command<T> {
  /** What it can make. */
  numbers: readonly number[];
}

/** The number asked for and the options; the number is absent where help was asked for. Throws UsageError. */
export function parseCommand<T extends Record<string, Option>>(
  { name, numbers, options: table }: NumberedCommand<T>,
  args: string[],
): { number?: number; options: Values<T> } {
  const { values: options, words } = parseTable(table, args, { command: name, words: true });
  if (options.help) return { options };
  const number = Number(words[0]);
  if (words.length !== 1 || !numbers.includes(number))
    throw new UsageError(`${name} takes one of ${numbers.join(', ')}, and options; ${name} --help lists them`);
  return { number, options };
}

export const numberedHelp = (command: NumberedCommand): string => helpText(command, command.numbers.join('|'));

export const outFolder = ({ out, quick }: Options): string => out ?? (quick ? 'runs/tables-quick' : 'runs/tables');
