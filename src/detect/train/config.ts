// The configuration of a detector's training: everything that decides what it computes. A run folder keeps it, and a checkpoint is only resumed under the configuration that it was made with.
import * as v from 'valibot';
import { ConfigError } from '../../gpu/index.ts';
import { isValueOf, type Settings, settingsOf } from '../../train/index.ts';
import { DETECTOR_OPTIONS, type DetectorGiven } from './options.ts';

/** A value for each option of the table; those without a default may be missing. */
export interface DetectorConfig extends Settings<typeof DETECTOR_OPTIONS> {
  freeze: number;
  warmup: number;
  pairwiseWarmup: number;
  testShort: number;
}

/** The small preset: what it gives of the options. A narrow ResNet18 of random weights and narrow heads, that learns a few small images by heart. */
export const QUICK = {
  ...{ model: 'resnet18-imagenet', width: 0.25, freeze: 1, channels: 64, towers: 2, maskChannels: 32 },
  ...{ short: [128], long: 192, pad: 64, noFlip: true },
  // Neighbors lie four times as far apart as at 640 pixels, so colors of one object differ more.
  ...{ iterations: 200, batch: 4, microBatch: 4, perImage: 24, similarity: 0.1 },
  ...{ optimizer: 'adamw', lr: 5e-4, weightDecay: 0.01, clipNorm: 10 },
  // Boxes come first, and masks are cut out of them.
  ...{ warmup: 50, steps: [1], pairwiseWarmup: 400 },
} satisfies DetectorGiven;

/** The configuration of a new run: what was given, the rest by default. Throws ConfigError for options that contradict each other. */
export function configureDetector(given: DetectorGiven): DetectorConfig {
  const usual: DetectorGiven = given.optimizer === 'adamw' ? { lr: 1e-3, weightDecay: 0.05 } : {};
  const config = settingsOf(DETECTOR_OPTIONS, { ...usual, ...given }, false);
  const { iterations, backbone, short, batch, microBatch, pad } = config;
  if (batch % microBatch !== 0)
    throw new ConfigError(
      'microBatch',
      (name) =>
        `${name('microBatch', microBatch)}: a batch of ${batch} (${name('batch')}) does not come in equal parts of so many images`,
    );
  if (pad % 32 !== 0) throw new ConfigError('pad', (name) => `${name('pad', pad)}: takes a multiple of 32`);
  return {
    ...config,
    freeze: config.freeze ?? (backbone === undefined ? 0 : 2),
    trainNorms: config.trainNorms || backbone === undefined,
    warmup: config.warmup ?? Math.min(1000, Math.round(iterations / 10)),
    pairwiseWarmup: config.pairwiseWarmup ?? Math.min(10_000, Math.round(iterations / 9)),
    testShort: config.testShort ?? Math.max(...short),
  };
}

/** What a reader of a run's numbers must know of its training, a sentence each. */
export function detectorNotes(config: DetectorConfig): string[] {
  const { backbone, batch, microBatch, precision, optimizer, trainNorms } = config;
  return [
    'Boxes were the only supervision: masks of the data were used to measure, and not to learn.',
    ...(backbone === undefined ? ['The backbone began with random values: it saw no other images.'] : []),
    ...(microBatch < batch
      ? [
          `Gradients add up over ${batch / microBatch} micro-batches of ${microBatch} images; each divides its losses by its own objects, and the mask branch normalizes by it.`,
        ]
      : []),
    ...(trainNorms ? ["The backbone's batch norms learn and normalize by the micro-batch."] : []),
    ...(optimizer === 'sgd' ? [] : [`Not the paper's optimizer, but ${optimizer}.`]),
    ...(precision === 'f16'
      ? ['Mixed precision: activations in f16 with sums in f32; parameters and updates are f32.']
      : []),
  ];
}

const savedValue = (row: (typeof DETECTOR_OPTIONS)[keyof typeof DETECTOR_OPTIONS]) => {
  const value = v.custom<unknown>(
    (given) => isValueOf(row, given),
    row.read ? (row.read.takes ?? 'another value') : 'true or false',
  );
  return row.default === undefined ? v.optional(value) : value;
};

/** A configuration in a file: by the names of this version, each with a value that its option takes. */
export const DETECTOR_CONFIG = v.pipe(
  v.strictObject(Object.fromEntries(Object.entries(DETECTOR_OPTIONS).map(([name, row]) => [name, savedValue(row)]))),
  v.transform((config) => config as unknown as DetectorConfig),
);
