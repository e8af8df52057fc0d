// How large the runs of a table are: the paper's setting, or a small one that ends in minutes without a GPU.
import type { TrainOptions } from 'astrogpu/cli';
import { describeModel } from 'astrogpu/models';
import { configure, type JobConfig } from 'astrogpu/train';

/** What a command line may change about the size. */
const SIZES = [
  'images',
  'testImages',
  'batch',
  'epochs',
  'searchEpochs',
  'precision',
  'model',
  'width',
  'lr',
  'weightDecay',
  'labelSmoothing',
  'guideEvery',
  'updates',
] as const;
export type SizeOptions = Pick<TrainOptions, (typeof SIZES)[number]>;

/**
 * `--quick`: one table with its controls in less than ten minutes on two cores without a GPU. Table 2 is the largest, 24 runs and 15 searches: a guide is 60
 * updates of 0.11 s and two evaluations, about 9 s; a search 24 pairs with one update of each network, about 9 s; and a first run compiles for a minute.
 */
export const QUICK: TrainOptions = {
  model: 'resnet-small',
  images: 1500,
  testImages: 1000,
  batch: 50,
  epochs: 2,
  searchEpochs: 1,
  updates: 'last',
  guideEvery: 10,
};
const PAPER: TrainOptions = { model: 'resnet18' };

/** The same of Table 4, on any images in ImageNet's layout: 12 runs of 24 updates, 3 searches of 6. */
const QUICK_VIT: TrainOptions = {
  model: 'vit-tiny-cifar',
  width: 0.25,
  loading: 'disk',
  optimizer: 'adamw',
  images: 400,
  testImages: 200,
  batch: 50,
  epochs: 3,
  searchEpochs: 1,
  updates: 'last',
  guideEvery: 10,
};
/** As DeiT trains its ViT-B/16 without distillation (Touvron et al. 2021, Table 9), but for repeated augmentation: the paper does not say how its own was trained. */
const PAPER_VIT: TrainOptions = {
  model: 'vit-b-16',
  loading: 'disk',
  optimizer: 'adamw',
  batch: 1024,
  microBatch: 'auto',
  epochs: 300,
  warmup: 5 / 300,
  labelSmoothing: 0.1,
  dropPath: 0.1,
  randAugment: 'rand-m9-mstd0.5-inc1',
  mixup: 0.8,
  cutmix: 1,
  erasing: 0.25,
};

/** The same of Table 5's backbones: 3 runs, a search. Gates of filters, since a UNet over all connections of a ResNet18 is too much for a processor. */
const QUICK_BACKBONE: TrainOptions = {
  model: 'resnet18-imagenet',
  width: 0.25,
  size: 64,
  loading: 'disk',
  interpolation: 'bilinear',
  gate: 'filter',
  images: 600,
  testImages: 100,
  batch: 50,
  epochs: 3,
  searchEpochs: 1,
  updates: 'last',
  guideEvery: 10,
};
/** As torchvision trains its ResNet50 (its first weights), but for the cosine: the paper does not say how its own was trained. */
const PAPER_BACKBONE: TrainOptions = {
  model: 'resnet50-imagenet',
  loading: 'disk',
  interpolation: 'bilinear',
  batch: 256,
  microBatch: 'auto',
  weightDecay: 1e-4,
  epochs: 90,
};

/** Epochs between two evaluations: the last epoch, which is what counts, always has one. */
const NEVER = 1e9;
/** The same of the trade-off: 90 updates, so that there is something to trade; with 120 its 46 runs took 16 min 15 s in an hour when the machine was slow. */
const QUICK_TRADEOFF: TrainOptions = { ...QUICK, epochs: 3, evaluateEvery: NEVER };
const PAPER_TRADEOFF: TrainOptions = { ...PAPER, evaluateEvery: NEVER };
/** More parameters than images can fill: spare capacity, where leaving out connections could regularize. */
const QUICK_FEW: TrainOptions = {
  ...QUICK_TRADEOFF,
  model: 'resnet18',
  width: 0.125,
  images: 500,
  testImages: 1000,
  epochs: 10,
};
const PAPER_FEW: TrainOptions = { ...PAPER_TRADEOFF, images: 5000, epochs: 200 };

/** What a table trains on: the paper's setting, the small one, and what the paper's set has. */
export const SETS = {
  cifar: { quick: QUICK, paper: PAPER, train: 50_000, test: 10_000, epochs: 30, searchEpochs: 10 },
  tradeoff: { quick: QUICK_TRADEOFF, paper: PAPER_TRADEOFF, train: 50_000, test: 10_000, epochs: 30, searchEpochs: 10 },
  few: { quick: QUICK_FEW, paper: PAPER_FEW, train: 50_000, test: 10_000, epochs: 30, searchEpochs: 10 },
  imagenet: { quick: QUICK_VIT, paper: PAPER_VIT, train: 1_281_167, test: 50_000, epochs: 300, searchEpochs: 10 },
  backbone: {
    ...{ quick: QUICK_BACKBONE, paper: PAPER_BACKBONE },
    ...{ train: 1_281_167, test: 50_000, epochs: 90, searchEpochs: 10 },
  },
} as const;
export type SetName = keyof typeof SETS;

/** Whose set a model is trained on. */
const setOf = (model: string): SetName =>
  model.startsWith('vit') ? 'imagenet' : model.endsWith('-imagenet') ? 'backbone' : 'cifar';

/** The second model of the Grad-CAM figures. */
export const DENSE = { quick: 'densenet-small', paper: 'densenet-bc-100-12' } as const;

/** The deeper network of Table 2, in the paper's setting alone. */
export const DEEP = 'resnet34';

/** Whose place a small network takes. */
const SMALL_FOR: Record<string, string> = {
  'resnet-small': 'resnet18',
  'densenet-small': 'densenet-bc-100-12',
  'resnet18-imagenet': 'resnet50-imagenet',
  'vit-tiny-cifar': 'vit-b-16',
};

export const SEEDS = 3;

/** The configuration that the rows differ from. `available` bounds the images by what the data set has; `more` are options that bring defaults with them. */
export const baseConfig = (
  options: SizeOptions & { quick?: boolean },
  available: { train: number; test: number },
  set: SetName = 'cifar',
  more: TrainOptions = {},
): JobConfig => {
  const quick = options.quick === true;
  const given = Object.fromEntries(
    SIZES.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
  // Tables are the paper's, but for what their rows change.
  return configure(
    { recipe: 'paper', ...SETS[set][quick ? 'quick' : 'paper'], ...more, ...given },
    { software: quick, available },
  );
};

export const epochs = (count: number): string => (count === 1 ? 'one epoch' : `${count} epochs`);

/** What is smaller than in the paper, in words; nothing where nothing is. */
export function smallness({ model, width, images, testImages, phase, ...config }: JobConfig): string[] {
  const list: string[] = [];
  const full = SETS[setOf(model)];
  const guided = phase.includes('guide');
  const replaced = SMALL_FOR[model];
  if (replaced || width < 1)
    list.push(`${model}${width < 1 ? ` at ${width} of its width` : ''}${replaced ? ` in place of ${replaced}` : ''}`);
  if (config.size !== undefined && config.size < describeModel(model).size)
    list.push(`images of ${config.size}×${config.size}`);
  if (images < full.train) list.push(`${images} of ${full.train} training images`);
  if (guided && testImages < full.test) list.push(`${testImages} of ${full.test} test images`);
  if (guided && config.epochs < full.epochs) list.push(epochs(config.epochs));
  if (config.searchEpochs < full.searchEpochs) list.push(`a search of ${epochs(config.searchEpochs)}`);
  if (config.updates === 'last') list.push('updates at t = T alone');
  if (guided && config.guideEvery > 1) list.push(`gates that are renewed every ${config.guideEvery} updates`);
  return list;
}

/** Can accuracies stand on one scale with the paper's? */
export const comparable = (config: JobConfig, standIn: boolean): boolean =>
  !standIn && config.model === SETS[setOf(config.model)].paper.model && smallness(config).length === 0;
