// The options that tables and figures share, and what each of the two commands takes besides them.
import { HELP, parseTable, refuseEarly, UsageError } from 'astrogpu/cli';
import { ConfigError } from 'astrogpu/gpu';
import { type Given, JOB_OPTIONS, type OptionTable, option, optionAs, read, toggle } from 'astrogpu/train';
import { type Command, helpText } from '../options.ts';

/** What both commands take. */
export const COMMON = {
  quick: toggle({
    help: 'a small network on part of the data: minutes on two cores without a GPU; shows that all runs, and judges nothing',
  }),
  seeds: option({ value: 'N', read: read.whole(1, 100), help: 'runs of each row, from seed 1 on', default: 3 }),
  out: option({
    value: 'DIR',
    read: read.text,
    help: 'folder of the runs and the output',
    defaultText: 'runs/tables-quick or runs/tables',
  }),
  data: optionAs(JOB_OPTIONS.data, {
    help: 'CIFAR-10 in its binary version, or stand-in for drawn images; for Tables 4 and 5 ImageNet, in class folders, its own archives or WebDataset shards',
    defaultText: 'as bench/cifar.js; for Tables 4 and 5 $IMAGENET_DIR or datasets/imagenet/data',
  }),
  images: optionAs(JOB_OPTIONS.images, { help: JOB_OPTIONS.images.help }),
  testImages: optionAs(JOB_OPTIONS.testImages, { help: JOB_OPTIONS.testImages.help }),
  batch: optionAs(JOB_OPTIONS.batch, { help: JOB_OPTIONS.batch.help }),
  epochs: optionAs(JOB_OPTIONS.epochs, { help: 'epochs of the guide phase' }),
  searchEpochs: optionAs(JOB_OPTIONS.searchEpochs, { help: 'epochs of the search phase' }),
  precision: optionAs(JOB_OPTIONS.precision, { help: 'of the task network', default: 'f32' }),
  memory: option({
    value: 'GIB',
    read: read.number(0, 1e6, { without: 'low' }),
    help: 'GPU memory that a run may take: tables of ImageNet take micro-batches that fit',
  }),
  only: option({ value: 'ROW,...', read: read.items, help: 'run these rows only; the others show what they have' }),
  list: toggle({ help: 'print the runs and how far each is, and do nothing' }),
  help: HELP,
};

export type Options = Given<typeof COMMON>;

/** A command that makes one of several tables or figures; its options are COMMON, and what it takes besides. */
export interface NumberedCommand<T extends OptionTable = OptionTable, N extends number | string = number | string>
  extends Command<T> {
  /** What it can make: the numbers of the paper, and words for ours. */
  numbers: readonly N[];
  /** Options that one of them alone takes. */
  own?: Readonly<Record<string, number | string>>;
}

/** What was asked for and the options; the former is absent where help was asked for. Throws UsageError. */
export function parseCommand<T extends OptionTable, N extends number | string>(
  { name, numbers, options: table, own = {} }: NumberedCommand<T, N>,
  args: string[],
): { number?: N; options: Given<T> } {
  const { values: options, words } = parseTable(table, args, { command: name, words: true });
  if (options.help) return { options };
  const number = numbers.find((one) => String(one) === words[0]);
  if (words.length !== 1 || number === undefined)
    throw new UsageError(`${name} takes one of ${numbers.join(', ')}, and options; ${name} --help lists them`);
  for (const [option, only] of Object.entries(own))
    if (only !== number && (options as Record<string, unknown>)[option] !== undefined)
      refuseEarly(() => {
        throw new ConfigError(
          option,
          (named) =>
            `${named(option)} belongs to ${name} ${only} alone, and ${name} ${number} does not take it; leave it out`,
        );
      });
  return { number, options };
}

export const numberedHelp = (command: NumberedCommand): string => helpText(command, command.numbers.join('|'));

export const outFolder = ({ out, quick }: Options): string => out ?? (quick ? 'runs/tables-quick' : 'runs/tables');
