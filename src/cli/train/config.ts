// Turns options into a configuration. The defaults depend on the adapter: the paper's network on a GPU, a small one that ends in minutes without.
import type { JobConfig } from '../../train/index.ts';
import type { TrainOptions } from './options.ts';

/** What a size of machine can do in sensible time. */
interface Scale {
  model: string;
  images: number;
  testImages: number;
  batch: number;
  epochs: number;
  searchEpochs: number;
  rate: number;
  guideEvery: number;
}

/** Three to four minutes on two cores: a third of it is the search (docs/results). */
const SOFTWARE: Scale = {
  model: 'resnet-small',
  images: 3000,
  testImages: 1000,
  batch: 50,
  epochs: 6,
  searchEpochs: 1,
  rate: 0.1,
  guideEvery: 10,
};
const GPU: Scale = {
  model: 'resnet18',
  images: Number.POSITIVE_INFINITY,
  testImages: Number.POSITIVE_INFINITY,
  batch: 128,
  epochs: 60,
  searchEpochs: 15,
  rate: 0.1,
  guideEvery: 1,
};

const scaleOf = (software: boolean): Scale => (software ? SOFTWARE : GPU);

/** The model that a run trains. */
export const modelFor = ({ model }: TrainOptions, software: boolean): string => model ?? scaleOf(software).model;

/** The configuration of a new run. `available` bounds the images by what the data set has. */
export function configure(
  options: TrainOptions,
  software: boolean,
  available: { train: number; test: number },
): JobConfig {
  const scale = scaleOf(software);
  return {
    model: modelFor(options, software),
    width: options.width ?? 1,
    precision: options.precision ?? 'f32',
    seed: options.seed ?? 1,
    images: Math.min(options.images ?? scale.images, available.train),
    testImages: Math.min(options['test-images'] ?? scale.testImages, available.test),
    phases: options.phase ?? (options.astrocyte ? ['guide'] : ['search', 'guide']),
    arms: options.arms ?? ['plain', 'random', 'trained', 'thin'],
    recipe: {
      batch: options.batch ?? scale.batch,
      rate: options.lr ?? scale.rate,
      warmup: options.warmup ?? 0.1,
      momentum: options.momentum ?? 0.9,
      nesterov: (options.momentum ?? 0.9) > 0,
      weightDecay: options['weight-decay'] ?? 5e-4,
      labelSmoothing: options['label-smoothing'] ?? 0,
      augment: !options['no-augment'],
    },
    search: {
      epochs: options['search-epochs'] ?? scale.searchEpochs,
      heldOut: options['held-out'] ?? 0.2,
      anRate: options['an-lr'] ?? 1e-3,
      lambda: options.lambda ?? 1e-3,
      budget: options.budget ?? 0,
      alternate: options.alternate ?? 'iteration',
      updates: options.updates ?? 'each',
    },
    guide: {
      epochs: options.epochs ?? scale.epochs,
      guideEvery: options['guide-every'] ?? scale.guideEvery,
      settle: options.settle ?? 0.3,
      threshold: options.threshold,
      keep: options.keep,
    },
    gate: {
      network: options.an ?? 'unet',
      kind: options.gate ?? 'connection',
      except: options['no-gate'] ?? [],
      feature: options.g ?? 'mixture',
      absolute: options.absolute ?? false,
      see: options.see ?? 'weights',
      activation: options.u ?? 'sigmoid',
      shift: options.shift ?? 0,
      skip: options.skip ?? 0,
      T: options.T ?? 6,
      mode: options.mode ?? 'replace',
      norm: options.norm ?? 'mean',
      through: options.through ?? false,
    },
  };
}
