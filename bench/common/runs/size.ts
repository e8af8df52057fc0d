// How large the runs of a table are: the paper's setting, or a small one that ends in minutes without a GPU.
import type { TrainOptions } from 'astrogpu/cli';
import { configure, type JobConfig } from 'astrogpu/train';

/** What a command line may change about the size. */
const SIZES = ['images', 'testImages', 'batch', 'epochs', 'searchEpochs', 'precision'] as const;
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

/** The second model of the Grad-CAM figures. */
export const DENSE = { quick: 'densenet-small', paper: 'densenet-bc-100-12' } as const;

/** The deeper network of Table 2, in the paper's setting alone. */
export const DEEP = 'resnet34';

/** Whose place a small network takes. */
const SMALL_FOR: Record<string, string> = { 'resnet-small': 'resnet18', 'densenet-small': 'densenet-bc-100-12' };

export const SEEDS = 3;

/** The configuration that the rows differ from. `available` bounds the images by what the data set has. */
export const baseConfig = (
  options: SizeOptions & { quick?: boolean },
  available: { train: number; test: number },
): JobConfig => {
  const quick = options.quick === true;
  const given = Object.fromEntries(
    SIZES.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
  return configure({ ...(quick ? QUICK : PAPER), ...given }, { software: quick, available });
};

export const epochs = (count: number): string => (count === 1 ? 'one epoch' : `${count} epochs`);

/** What is smaller than in the paper, in words; nothing where nothing is. */
export function smallness({ model, images, testImages, phase, ...config }: JobConfig): string[] {
  const list: string[] = [];
  const guided = phase.includes('guide');
  if (SMALL_FOR[model]) list.push(`${model} in place of ${SMALL_FOR[model]}`);
  if (images < 50_000) list.push(`${images} of 50000 training images`);
  if (guided && testImages < 10_000) list.push(`${testImages} of 10000 test images`);
  if (guided && config.epochs < 30) list.push(epochs(config.epochs));
  if (config.searchEpochs < 10) list.push(`a search of ${epochs(config.searchEpochs)}`);
  if (config.updates === 'last') list.push('updates at t = T alone');
  if (guided && config.guideEvery > 1) list.push(`gates that are renewed every ${config.guideEvery} updates`);
  return list;
}

/** Can accuracies stand on one scale with the paper's? */
export const comparable = (config: JobConfig, standIn: boolean): boolean =>
  !standIn && config.model === PAPER.model && smallness(config).length === 0;
