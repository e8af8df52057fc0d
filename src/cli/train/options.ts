// The command line of the main job: the options of the job itself are train's table, and here is what the command takes besides.
import {
  checkOptions,
  configure,
  type Given,
  JOB_OPTIONS,
  type OptionTable,
  option,
  read,
  recipeDefaults,
  toggle,
} from '../../train/index.ts';
import { helpPage, valueText } from '../common/help.ts';
import { HELP, parseTable, refuseEarly, UsageError } from '../common/options.ts';
import { fullCommand } from './reproduction.ts';

/** How the command is called where nothing else is said. */
const TRAIN = 'npx astrogpu train';

/** Nothing here changes what is computed. */
export const RUN_OPTIONS = {
  out: option({
    usual: true,
    group: 'run',
    value: 'DIR',
    read: read.text,
    help: 'the run folder',
    defaultText: 'a dated one in runs/',
  }),
  resume: option({
    usual: true,
    group: 'run',
    value: 'DIR',
    read: read.text,
    help: 'go on with the interrupted run of that folder; with more epochs than it had, extend a finished one',
  }),
  memory: option({
    group: 'run',
    value: 'GIB',
    read: read.number(0, 1e6, { without: 'low' }),
    help: 'GPU memory that the run may take, which --micro-batch auto goes by',
    defaultText: "no limit; of a software adapter auto goes by half of the machine's memory",
  }),
  checkpointEvery: option({
    group: 'run',
    value: 'SECONDS',
    read: read.number(0, 1e6),
    help: 'between two checkpoints, besides the one after each epoch',
    default: 60,
  }),
  logEvery: option({
    group: 'run',
    value: 'STEPS',
    read: read.whole(),
    help: 'between two rows of metrics.jsonl, besides the one after each epoch',
    default: 50,
    softwareDefault: 10,
  }),
  workers: option({
    group: 'run',
    value: 'N',
    read: read.whole(1, 256),
    help: 'threads that read and decode images from the disk; what they make does not depend on it',
    defaultText: 'one less than cores',
  }),
  tensorboard: toggle({ group: 'run', help: "TensorBoard's event files beside metrics.jsonl, in DIR/tensorboard" }),
  tune: toggle({ group: 'run', help: 'measure which kernels are fastest on this adapter first, and remember it' }),
  profile: toggle({ group: 'run', help: 'time every kernel of one training step, and stop' }),
  trace: option({
    group: 'run',
    value: 'FILE',
    read: read.text,
    help: 'with --profile: a Chrome trace of the steps',
  }),
  help: option<boolean>({ ...HELP, group: 'run' }),
  version: toggle({ group: 'run', help: 'the version' }),
};

const table = { ...JOB_OPTIONS, ...RUN_OPTIONS };

/** What was given of the main job's options, by name. */
export type TrainOptions = Given<typeof table>;

/** Parses the command line. Throws UsageError naming the option and what it takes. */
export function parseOptions(args: string[], command = TRAIN): TrainOptions {
  const { values } = parseTable(table, args, { command });
  if (values.trace !== undefined && !values.profile) throw new UsageError('--trace goes with --profile');
  if (values.threshold !== undefined && values.keep !== undefined)
    throw new UsageError('--threshold and --keep: give one of them');
  if (values.astrocyte !== undefined && values.phase?.includes('search'))
    throw new UsageError('--astrocyte takes the place of the search: leave it out, or take --phase guide');
  // A profile is of one step, whatever the plan.
  if (!values.help && !values.version && !values.profile && values.resume === undefined)
    refuseEarly(() => checkOptions(values));
  return values;
}

/** The table with the defaults that a job has, which are its recipe's, and with the paper's beside them where those are others. */
function withRecipes(rows: OptionTable): OptionTable {
  const available = { train: Number.POSITIVE_INFINITY, test: Number.POSITIVE_INFINITY };
  const usual = (given: TrainOptions) => {
    const [gpu, software] = [false, true].map(
      (software): Record<string, unknown> => ({ ...configure(given, { software, available }) }),
    );
    return (name: string): string => {
      const [large, small] = [gpu, software].map(({ [name]: value }) =>
        // Lists may be wrapped, where a line has no room for them.
        value === undefined ? (rows[name].defaultText ?? 'none') : valueText(value).replaceAll(',', ', '),
      );
      return large === small ? large : `${large} (on a software adapter ${small})`;
    };
  };
  const [own, papers] = [usual({}), usual({ recipe: 'paper' })];
  const shown = Object.entries(rows).map(([name, row]): [string, OptionTable[string]] =>
    name === 'recipe' || own(name) === papers(name)
      ? [name, row]
      : [name, { ...row, defaultText: `${own(name)}; of the recipe paper ${papers(name)}` }],
  );
  return Object.fromEntries(shown);
}

/** The text of `--help`. `width` is in columns; default the terminal's. */
export const helpText = (command = TRAIN, width?: number): string =>
  helpPage(
    {
      about: [
        "Trains an AstroNet on CIFAR-10 or one's own images: a network under a trained astrocyte beside its controls, which --arms says, at the same number of updates: a plain one, one that is as small because it is narrower, one without its smallest weights.",
      ],
      usage: [`${command} [options]`],
      options: withRecipes(table),
      more: [
        'On a software adapter the defaults are a small network on part of the data, for some minutes; on a GPU they are ResNet18 on all of it.',
        `${fullCommand('--recipe astrogpu, the default, stands for', recipeDefaults({ recipe: 'astrogpu' }, false))} (the part of the parameters only where no option says how much stays, the fall only where --settle leaves it room); --recipe paper is the paper's reading of each.`,
        'A switch that a recipe turns on is turned off by --no- before its name: --no-absolute.',
      ],
      examples: [
        {
          what: 'a first try on drawn images, for which nothing is downloaded',
          line: `${command} --data stand-in --images 500 --epochs 2`,
        },
        {
          what: "one's own images, a folder for each class",
          line: `${command} --data photos/ --size 64 --model resnet-small`,
        },
        {
          what: 'a third of the parameters kept, by the weights alone, without a search',
          line: `${command} --target-params 0.33 --arms plain,magnitude,narrow`,
        },
        {
          what: "the paper's readings in place of this project's own recipe",
          line: `${command} --recipe paper`,
        },
      ],
    },
    width,
  );
