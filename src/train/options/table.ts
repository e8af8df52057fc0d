// The options of the main job that decide what it computes: the one table, to which disk, gates, search and guide add their rows from files of their own. What a row can say is in option.ts.
// The defaults of rows are the paper's readings on a GPU's scale, and on a software adapter a small run that ends in minutes on two cores; what the default recipe makes others is in
// ../recipes.ts.
import { modelNames } from '../../models/index.ts';
import { type LossName, lossNames } from '../../nn/index.ts';
import { DISK_OPTIONS } from './disk-options.ts';
import { GATE_OPTIONS } from './gate-options.ts';
import { GUIDE_OPTIONS } from './guide-options.ts';
import { option, toggle } from './option.ts';
import * as read from './read.ts';
import { SEARCH_OPTIONS } from './search-options.ts';

const ALL = Number.POSITIVE_INFINITY;

/** The options of the main job, by the names of their settings; JobConfig has a value for each. */
export const JOB_OPTIONS = {
  data: option({
    usual: true,
    group: 'data',
    value: 'DIR',
    read: read.text,
    help: 'CIFAR-10 in its binary version, a folder of images for each class, or stand-in for drawn images',
    defaultText: '$CIFAR10_DIR, datasets/cifar-10/data, a download, the stand-in',
  }),
  size: option({
    usual: true,
    group: 'data',
    value: 'N',
    read: read.whole(1, 4096),
    help: "side in pixels that one's own images are brought to",
    defaultText: "the model's: 32, of the ImageNet layouts 224",
  }),
  classes: option({
    group: 'data',
    value: 'FILE',
    read: read.text,
    help: "the classes of one's own images in order, a line each: folder, name (with a tab between them where a folder has spaces)",
    defaultText: 'the folders by name',
  }),
  images: option({
    group: 'data',
    value: 'N',
    read: read.whole(2),
    help: 'training images to use',
    default: ALL,
    softwareDefault: 3000,
  }),
  testImages: option({
    group: 'data',
    value: 'N',
    read: read.whole(),
    help: 'test images to use',
    default: ALL,
    softwareDefault: 4000,
  }),

  valSplit: option({
    group: 'data',
    value: 'NAME',
    read: read.text,
    help: "of one's own images: the folder beside train/ with the test images",
    defaultText: 'val, valid, validation or test, the first that is there',
  }),
  loading: option({
    group: 'data',
    value: 'HOW',
    read: read.oneOf(['memory', 'disk']),
    help: "one's own images decoded once into memory, or read, decoded and cropped at random as they are needed, by worker threads; the other options for images from the disk follow",
    defaultText:
      "memory; disk for archives (ImageNet's tars, WebDataset's shards), and where train/ and val/ have more images than 4 GiB, or a quarter of the machine's memory, hold",
  }),
  ...DISK_OPTIONS,

  model: option({
    usual: true,
    group: 'network',
    value: 'NAME',
    read: read.oneOf(modelNames),
    help: 'the task network',
    default: 'resnet18',
    softwareDefault: 'resnet-small',
  }),
  width: option({
    group: 'network',
    value: 'X',
    read: read.number(0.001, 1),
    help: "channels of every layer, in parts of the model's own",
    default: 1,
  }),
  weights: option({
    group: 'network',
    value: 'FILE',
    read: read.text,
    help: "what every arm's network starts from: a network of a run, or safetensors (a file, an index or a folder) under torch's names with the model named; a head of other classes is left out",
    defaultText: 'random values by the seed',
  }),
  precision: option({
    group: 'network',
    value: 'P',
    read: read.oneOf(['f32', 'f16']),
    help: 'what the task network computes in; f16 (needs shader-f16) is for activations and copies of the weights, sums stay in f32',
    default: 'f32',
  }),

  loss: option<LossName>({
    group: 'training',
    value: 'NAME',
    read: read.oneOf<LossName>(lossNames),
    help: 'what the task network minimizes',
    default: 'cross-entropy',
    beyond: (name) => (name === 'cross-entropy' ? undefined : `${name} as the loss`),
  }),
  batch: option({
    usual: true,
    group: 'training',
    value: 'N',
    read: read.whole(1, 65536),
    help: 'images in a mini-batch',
    default: 128,
    softwareDefault: 50,
  }),
  microBatch: option<number | 'auto'>({
    group: 'training',
    value: 'N',
    read: read.or('auto', read.whole(1, 65536)),
    help: 'images that a step takes through the network at once, adding up gradients over the batch; auto: as many as the memory budget holds. Batch norm normalizes by them',
    defaultText: 'the whole batch',
  }),
  lr: option({
    usual: true,
    group: 'training',
    value: 'X',
    read: read.number(0, 100, { without: 'low' }),
    help: "learning rate of the task network's optimizer: the peak of a cosine schedule",
    default: 0.1,
    defaultText: '0.1, of adamw 0.001, of lion 0.0001',
  }),
  lrFloor: option({
    group: 'training',
    value: 'X',
    read: read.number(0, 100),
    help: 'learning rate that the cosine ends at',
    default: 0,
  }),
  warmup: option({
    group: 'training',
    value: 'X',
    read: read.number(0, 1),
    help: 'part of the steps in which the learning rate rises to its peak',
    default: 0.1,
  }),
  optimizer: option({
    group: 'training',
    value: 'NAME',
    read: read.oneOf(['sgd', 'adamw', 'lion']),
    help: 'what moves the task network',
    default: 'sgd',
    beyond: (name) => (name === 'sgd' ? undefined : `${name} as the optimizer of the task network`),
  }),
  momentum: option({
    group: 'training',
    value: 'X',
    read: read.number(0, 1, { without: 'high' }),
    help: "of SGD, in Nesterov's form",
    default: 0.9,
  }),
  weightDecay: option({
    group: 'training',
    value: 'X',
    read: read.number(0, 1),
    help: 'of the optimizer; adamw and lion shrink the weights themselves',
    default: 5e-4,
    defaultText: '0.0005, of adamw 0.05, of lion 0.5',
  }),
  decay: option({
    group: 'training',
    value: 'WHICH',
    read: read.oneOf(['all', 'matrices']),
    help: 'parameters that the weight decay is for: all, or matrices and filters without biases, norms, tokens and positions',
    default: 'all',
    defaultText: 'all, of adamw and lion matrices',
  }),
  clipNorm: option({
    group: 'training',
    value: 'X',
    read: read.number(0, 1e6, { without: 'low' }),
    help: 'shortens the gradients of a step where their norm is larger',
  }),
  dropPath: option({
    group: 'training',
    value: 'X',
    read: read.number(0, 1, { without: 'high' }),
    help: 'stochastic depth: the share of images that the last residual branch leaves out, of the first none; for networks whose sums are nodes of their own, as ViTs',
    default: 0,
  }),
  recompute: toggle({
    group: 'training',
    help: 'activations of each block are computed again in backward: less memory, about a third more time, the same bits',
  }),
  labelSmoothing: option({
    group: 'training',
    value: 'X',
    read: read.number(0, 1, { without: 'high' }),
    help: 'part of each label that is spread over all classes',
    default: 0,
  }),
  noAugment: toggle({ group: 'training', help: 'neither random crops nor flips' }),
  seed: option({
    usual: true,
    group: 'training',
    value: 'N',
    read: read.whole(0, 0xffffffff),
    help: 'of initialization, shuffling, augmentation and splits',
    default: 1,
  }),

  ...GATE_OPTIONS,
  ...SEARCH_OPTIONS,
  ...GUIDE_OPTIONS,

  recipe: option({
    usual: true,
    group: 'run',
    value: 'NAME',
    read: read.oneOf(['paper', 'astrogpu']),
    help: "what the options of astrocyte, gates, search and guide are by default: this project's own choice, or the paper's readings; given ones override it",
    default: 'astrogpu',
    defaultText: 'astrogpu; paper for vision transformers',
    beyond: (name) => (name === 'paper' ? undefined : `the recipe ${name}`),
  }),
  phase: option({
    group: 'run',
    value: 'LIST',
    read: read.listOf(['search', 'guide']),
    help: 'what is done: the search, which finds an astrocyte, and the guide, which trains networks under it',
    default: ['search', 'guide'],
  }),
  arms: option({
    usual: true,
    group: 'run',
    value: 'LIST',
    read: read.listOf(['plain', 'random', 'trained', 'paper', 'magnitude', 'narrow'], { thin: 'narrow' }),
    help: 'rows of the table, which the guide trains: a plain network, one under an untrained astrocyte, one under the trained one, one under another that is searched and guides as the paper has it, one without any whose smallest weights are cut, and a plain one as narrow as the last of these left it',
    default: ['plain', 'random', 'trained', 'narrow'],
  }),
  astrocyte: option({
    group: 'run',
    value: 'FILE',
    read: read.text,
    help: "a trained astrocyte of an earlier run's folder, in place of the search",
  }),
};
