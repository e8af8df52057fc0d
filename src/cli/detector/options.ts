// The command line that trains a detector: what decides the numbers is the job's own table, and here is what the command takes besides.
import { configureDetector, DETECTOR_OPTIONS, type DetectorConfig, QUICK } from '../../detect/index.ts';
import { ConfigError } from '../../gpu/index.ts';
import { type Given, option, optionAs, read, toggle } from '../../train/index.ts';
import { helpPage } from '../common/help.ts';
import { parseTable, refuseEarly } from '../common/options.ts';
import { RUN_OPTIONS } from '../train/options.ts';

const { out, resume, checkpointEvery, workers, tensorboard, help, version } = RUN_OPTIONS;

/** What of it changes nothing that is computed; all but `quick`, which stands for a few of the others. */
export const DETECTOR_RUN_OPTIONS = {
  quick: toggle({
    usual: true,
    group: 'run',
    help: 'a small detector of random weights on small images, for some minutes on two cores; other options go before it',
  }),
  out,
  resume: optionAs(resume, { usual: true, group: 'run', help: 'go on with the interrupted run of that folder' }),
  memory: option({
    group: 'run',
    value: 'GIB',
    read: read.number(0, 1e6, { without: 'low' }),
    help: 'GPU memory that the programs of all padded sizes may hold together; where they do not fit all go, and are recorded again as their sizes come',
    defaultText: "16; on a software adapter a third of the machine's memory",
  }),
  checkpointEvery: optionAs(checkpointEvery, {
    group: 'run',
    help: 'between two checkpoints, besides the one at the end',
    default: 300,
  }),
  logEvery: option({
    group: 'run',
    value: 'N',
    read: read.whole(),
    help: 'iterations between two rows of metrics.jsonl',
    default: 20,
  }),
  workers,
  tensorboard,
  help,
  version,
};

const table = { ...DETECTOR_OPTIONS, ...DETECTOR_RUN_OPTIONS };

/** What was given on the command line, by name. */
export type DetectorOptions = Given<typeof table>;

/** Parses the command line. Throws UsageError naming the option and what it takes. */
export function parseDetectorOptions(args: string[], command: string): DetectorOptions {
  const { values } = parseTable(table, args, { command });
  if (!values.help && !values.version && values.resume === undefined) refuseEarly(() => configOf(values));
  return values;
}

/** The configuration of a new run. Throws ConfigError. */
export function configOf(options: DetectorOptions): DetectorConfig {
  if (options.data === undefined)
    throw new ConfigError(
      'data',
      (name) => `${name('data', 'DIR')} is missing: the folder of COCO's images and instances`,
    );
  const own = Object.entries(options).filter(([name]) => Object.hasOwn(DETECTOR_OPTIONS, name));
  return configureDetector({ ...(options.quick && QUICK), ...Object.fromEntries(own) });
}

/** The text of `--help`. */
export const detectorHelp = (command: string): string =>
  helpPage({
    about: [
      "Trains BoxInst on COCO: instance segmentation with boxes as the only supervision. It leaves a folder with the detector, COCO's twelve numbers of boxes and of masks, curves and pictures.",
    ],
    usage: [`${command} --data DIR [options]`],
    options: table,
    examples: [
      { what: "the paper's training", line: `${command} --data coco/ --backbone resnet50.safetensors` },
      { what: 'eight images learned by heart, in minutes', line: `${command} --quick --data coco-sample/ --images 8` },
    ],
  });
