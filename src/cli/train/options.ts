// The main job's options: one table gives the parser, the checks and the help text. Bad input is one line that names the option.
import { astrocyteNames } from '../../astro/index.ts';
import { modelNames } from '../../models/index.ts';
import {
  count,
  describeTable,
  listOf,
  number,
  type Option,
  oneOf,
  parseTable,
  UsageError,
  type Values,
} from '../common/options.ts';

export { UsageError };

/** How the command is called where nothing else is said. */
const TRAIN = 'npx astrogpu train';

const table = {
  data: {
    value: 'DIR',
    help: 'CIFAR-10, binary version, a folder of images for each class, or stand-in for drawn images (default: $CIFAR10_DIR, datasets/cifar-10/data, a download, the stand-in)',
  },
  size: {
    value: 'N',
    help: "side of one's own images in pixels (default 32, for the ImageNet layouts 224)",
    parse: count(1, 4096),
  },
  model: {
    value: 'NAME',
    help: `${modelNames.join(', ')} (default resnet18; resnet-small on a software adapter)`,
    parse: oneOf(...modelNames),
  },
  width: { value: 'X', help: "of every layer, in parts of the model's own (default 1)", parse: number(0.001, 1) },
  an: {
    value: 'NAME',
    help: `the astrocyte network: ${astrocyteNames.join(', ')} (default unet)`,
    parse: oneOf(...astrocyteNames),
  },
  precision: {
    value: 'P',
    help: 'of the task network: f32 (default), or f16 for activations and weights that are summed in f32 (needs shader-f16)',
    parse: oneOf('f32', 'f16'),
  },
  phase: { value: 'LIST', help: 'search, guide, or both (default search,guide)', parse: listOf('search', 'guide') },
  arms: {
    value: 'LIST',
    help: 'rows of the table: plain, random, trained, thin (default all); thin is a plain network as small as the last astrocyte left it',
    parse: listOf('plain', 'random', 'trained', 'thin'),
  },
  astrocyte: { value: 'FILE', help: "a trained astrocyte from an earlier run's folder, in place of the search" },
  epochs: { value: 'N', help: 'epochs of the guide phase (default 60; 6 on a software adapter)', parse: count() },
  'search-epochs': {
    value: 'N',
    help: 'epochs of the search phase (default 15; 1 on a software adapter)',
    parse: count(),
  },
  images: { value: 'N', help: 'training images to use (default all; 3000 on a software adapter)', parse: count(2) },
  'test-images': { value: 'N', help: 'test images to use (default all; 1000 on a software adapter)', parse: count() },
  batch: {
    value: 'N',
    help: 'images in a mini-batch (default 128; 50 on a software adapter)',
    parse: count(1, 65536),
  },
  seed: { value: 'N', help: 'of initialization, shuffling and augmentation (default 1)', parse: count(0, 0xffffffff) },
  lr: { value: 'X', help: "peak of the networks' cosine schedule (default 0.1)", parse: number(0, 100) },
  warmup: { value: 'X', help: 'part of the steps that warm up (default 0.1)', parse: number(0, 1) },
  momentum: { value: 'X', help: 'of SGD, Nesterov (default 0.9)', parse: number(0, 0.9999) },
  'weight-decay': { value: 'X', help: 'default 5e-4', parse: number(0, 1) },
  'label-smoothing': { value: 'X', help: 'default 0', parse: number(0, 0.99) },
  'no-augment': { help: 'neither random crops nor flips' },
  gate: {
    value: 'KIND',
    help: 'connection (default), filter or channel',
    parse: oneOf('connection', 'filter', 'channel'),
  },
  'no-gate': {
    value: 'LIST',
    help: 'layers left ungated, e.g. conv1,fc',
    parse: (text: string) => text.split(',').filter(Boolean),
  },
  g: {
    value: 'G',
    help: 'features of the weights: avg, max or mixture (default)',
    parse: oneOf('avg', 'max', 'mixture'),
  },
  see: {
    value: 'VIEW',
    help: 'what the astrocyte sees: weights (default), scale (weights times the γ behind them) or gradient (how steep the loss is, too); beyond the paper',
    parse: oneOf('weights', 'scale', 'gradient'),
  },
  absolute: { help: 'features of |W| instead of W' },
  u: { value: 'U', help: 'sigmoid (default), relu or hard', parse: oneOf('sigmoid', 'relu', 'hard') },
  shift: {
    value: 'X',
    help: "initial shift of U's argument; positive starts the gates nearer to 1 (default 0; beyond the paper)",
    parse: number(-20, 20),
  },
  skip: {
    value: 'X',
    help: "times its feature added to each of the astrocyte's logits: with --absolute, larger weights start with larger gates (default 0; beyond the paper)",
    parse: number(-100, 100),
  },
  T: { value: 'N', help: 'iterations of the regulation, 1 to 10 (default 6)', parse: count(1, 10) },
  mode: { value: 'MODE', help: 'replace (default) or compound', parse: oneOf('replace', 'compound') },
  budget: {
    value: 'X',
    help: "weight of the mean of P in the astrocyte's loss (default 0; beyond the paper)",
    parse: number(-1e6, 1e6),
  },
  lambda: { value: 'X', help: "weight of |e - e'| (default 1e-3)", parse: number(0, 1e6) },
  norm: { value: 'NORM', help: 'of e: mean over the gates (default) or the literal sum', parse: oneOf('mean', 'sum') },
  through: { help: 'keep the path W, G, AN, P, loss in NN updates' },
  alternate: {
    value: 'HOW',
    help: 'NN and AN in turn by iteration (default) or epoch',
    parse: oneOf('iteration', 'epoch'),
  },
  updates: {
    value: 'WHICH',
    help: 'each iteration updates (default), or the last alone',
    parse: oneOf('each', 'last'),
  },
  'held-out': {
    value: 'X',
    help: 'part of the training images that the AN learns on (default 0.2)',
    parse: number(0, 1),
  },
  'an-lr': { value: 'X', help: "learning rate of the astrocyte's Adam (default 1e-3)", parse: number(0, 100) },
  'guide-every': {
    value: 'N',
    help: 'steps between two regulations in the guide phase (default 1; 10 on a software adapter)',
    parse: count(),
  },
  settle: {
    value: 'X',
    help: 'part of the guide, at its end, under the final gates (default 0.3)',
    parse: number(0, 1),
  },
  threshold: {
    value: 'X',
    help: 'gates below it are cut (default 0.5; for compound 0.5 to the power T)',
    parse: number(0, 1e9),
  },
  keep: {
    value: 'X',
    help: 'fraction of the gates that stays, in place of a threshold (beyond the paper)',
    parse: number(0, 1),
  },
  out: { value: 'DIR', help: 'the run folder (default: a dated one in runs/)' },
  resume: { value: 'DIR', help: 'go on with an interrupted run' },
  'checkpoint-every': {
    value: 'SECONDS',
    help: 'besides the one after each epoch (default 60)',
    parse: number(0, 1e6),
  },
  tune: { help: 'measure which kernels are fastest on this adapter first, and remember it' },
  profile: { help: 'time every kernel of one training step, and stop' },
  trace: { value: 'FILE', help: 'with --profile: a Chrome trace of the steps' },
  help: { help: 'this text' },
  version: { help: 'the version' },
} satisfies Record<string, Option>;

export type TrainOptions = Values<typeof table>;

/** Parses the command line. Throws UsageError naming the option and what it takes. */
export function parseOptions(args: string[], command = TRAIN): TrainOptions {
  const { values } = parseTable(table, args, { command });
  if (values.trace !== undefined && !values.profile) throw new UsageError('--trace goes with --profile');
  if (values.threshold !== undefined && values.keep !== undefined)
    throw new UsageError('--threshold and --keep: give one of them');
  if (values.astrocyte !== undefined && values.phase?.includes('search'))
    throw new UsageError('--astrocyte takes the place of the search: leave it out, or take --phase guide');
  return values;
}

export function helpText(command = TRAIN): string {
  return [
    "Trains an AstroNet on CIFAR-10 or one's own images: a plain network, one under a random astrocyte, one under a trained one and a thinner plain one, at the same number of updates.",
    '',
    `  ${command} [options]`,
    '',
    ...describeTable(table),
    '',
    'On a software adapter the defaults are a small network on part of the data, for some minutes; on a GPU they are ResNet18 on all of it.',
  ].join('\n');
}
