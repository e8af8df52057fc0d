// What a person sets, as the options of a training: by the same table, recipes and defaults as the command line's.
import { astrocyteNames } from 'astrogpu/astro';
import { AstroError, ConfigError } from 'astrogpu/gpu';
import { modelNames } from 'astrogpu/models';
import {
  checkConfig,
  checkOptions,
  configure,
  type Given,
  isValueOf,
  JOB_OPTIONS,
  type JobConfig,
  type Option,
} from 'astrogpu/train';
import type { Opened, Settings } from '../protocol.ts';

const ARMS: Settings['arms'] = ['plain', 'random', 'magnitude', 'trained'];
const GATES: Settings['gate'][] = ['connection', 'filter', 'channel'];
/** Offered first: the small networks, which learn while one looks. */
const SMALL = ['resnet-small', 'densenet-small', 'resnet18'];

export const CHOICES: Opened['choices'] = {
  models: [...SMALL, ...modelNames.filter((name) => !SMALL.includes(name) && !name.endsWith('-imagenet'))],
  astrocytes: [...astrocyteNames],
  gates: GATES,
  arms: ARMS,
};

/** Images to draw where nobody said how many: what is seen to learn within minutes. */
export const drawnSizes = (software: boolean): { train: number; test: number } =>
  software ? { train: 400, test: 100 } : { train: 4000, test: 1000 };

/** Settings to begin with: small enough that a training is over in minutes, on a software adapter, too (docs/results/browser.md has what they cost there). */
export function defaultsOf(software: boolean): Opened['defaults'] {
  const { train, test } = drawnSizes(software);
  const { T, lambda, lr, seed } = JOB_OPTIONS;
  const anOf = (recipe: Settings['recipe']) => configure({ recipe }, { software, available: { train, test } }).an;
  const common = {
    model: 'resnet-small',
    width: software ? 0.25 : 1,
    gate: 'connection' as const,
    T: software ? 2 : T.default,
    lambda: lambda.default,
    searchEpochs: software ? 1 : 5,
    epochs: software ? 8 : 12,
    batch: software ? 10 : 64,
    lr: lr.default,
    images: train,
    testImages: test,
    // A few hundred updates learn less from images that are varied: of drawn ones 29 % were told right, and without that 39 % (docs/results/browser.md).
    noAugment: software,
    seed: seed.default,
  };
  return {
    astrogpu: {
      ...common,
      an: anOf('astrogpu'),
      recipe: 'astrogpu',
      arms: software ? ['plain', 'trained'] : ['plain', 'magnitude', 'trained'],
    },
    paper: {
      ...common,
      an: anOf('paper'),
      recipe: 'paper',
      arms: software ? ['plain', 'trained'] : ['plain', 'random', 'trained'],
    },
  };
}

/** What may be set. */
const FIELDS: Record<keyof Settings, true> = {
  recipe: true,
  arms: true,
  model: true,
  width: true,
  an: true,
  gate: true,
  T: true,
  lambda: true,
  keep: true,
  searchEpochs: true,
  epochs: true,
  batch: true,
  lr: true,
  images: true,
  testImages: true,
  noAugment: true,
  seed: true,
};

/** Those that are there, each of which is a value that its option takes. Throws ConfigError naming the one that is not. */
function checked(settings: Settings): Given<typeof JOB_OPTIONS> {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  const strange = settings.arms?.filter((arm) => !ARMS.includes(arm));
  if (settings.arms?.length === 0 || strange?.length)
    throw new ConfigError(
      'arms',
      (say) => `${say('arms', strange!.join() || undefined)}: takes some of ${ARMS.join(', ')}`,
    );
  for (const [name, value] of given) {
    if (!Object.hasOwn(FIELDS, name)) throw new AstroError(`there is no setting "${name}"`);
    const row: Option = JOB_OPTIONS[name as keyof Settings];
    if (!isValueOf(row, value))
      throw new ConfigError(name, (say) => `${say(name, value)}: takes ${row.read?.takes ?? 'true or false'}`);
  }
  return Object.fromEntries(given);
}

/** The configuration of a training. Throws ConfigError for what cannot be. */
export function configOf(
  settings: Settings,
  options: { software: boolean; available: { train: number; test: number } },
): JobConfig {
  // Every epoch has its points on the curves; what is trained does not depend on it.
  const given = { ...checked(settings), evaluateEvery: 1 };
  checkOptions(given);
  const config = configure(given, options);
  checkConfig(config);
  return config;
}

/** The settings as a configuration has them. */
export const settled = (config: JobConfig, { recipe, arms, keep }: Settings): Settings => {
  const { model, width, an, gate, T, lambda, searchEpochs, epochs, batch, lr, images, testImages, noAugment, seed } =
    config;
  const network = { model, width, an, gate, T, lambda };
  const training = { searchEpochs, epochs, batch, lr, images, testImages, noAugment, seed };
  return { ...network, ...training, recipe, arms, ...(keep !== undefined && { keep }) };
};
