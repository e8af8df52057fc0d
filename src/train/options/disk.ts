// From options to how images on a disk become batches.
import { type DiskImagesOptions, NORMALIZATIONS, parseRandAugment, resizeFor } from '../../data/index.ts';
import { ConfigError } from '../../gpu/index.ts';
import type { JobConfig } from '../config.ts';
import type { Given } from './option.ts';
import { JOB_OPTIONS } from './table.ts';

/** Options that mean something for images on a disk alone. */
const OF_DISK = [
  'cropScale',
  'interpolation',
  'cropShare',
  'normalization',
  'randAugment',
  'erasing',
  'mixup',
  'cutmix',
  'repeats',
  'odd',
] as const;

/** How the images of a job on the disk become batches of size × size: those of a part, to train on or to test with. `workers` are threads. */
export function diskOptions(
  config: Pick<JobConfig, (typeof OF_DISK)[number]>,
  part: 'train' | 'test',
  { size, workers }: { size: number; workers?: number },
): DiskImagesOptions {
  const { cropScale, interpolation, cropShare, randAugment, erasing, mixup, cutmix, repeats } = config;
  return {
    normalization: NORMALIZATIONS[config.normalization],
    training: {
      size,
      crop: { scale: [cropScale, 1], ratio: [3 / 4, 4 / 3] },
      interpolation,
      ...(randAugment !== undefined && { randAugment: parseRandAugment(randAugment) }),
    },
    evaluation: { size, resize: resizeFor(size, cropShare), interpolation },
    ...(erasing > 0 && { erasing: { probability: erasing } }),
    ...((mixup > 0 || cutmix > 0) && { mixing: { mixup, cutmix } }),
    repeats,
    workers,
    odd: config.odd ?? (part === 'train' ? 'skip' : 'refuse'),
  };
}

/** Throws ConfigError for an option that images in memory have no use for. */
export function checkOfMemory(given: Given<typeof JOB_OPTIONS>): void {
  for (const field of OF_DISK) {
    const value = given[field];
    if (value === undefined || value === (JOB_OPTIONS[field] as { default?: unknown }).default) continue;
    throw new ConfigError(
      field,
      (name) =>
        `${name(field, String(value))}: that is for images read from the disk, and these are in memory; add ${name('loading', 'disk')}, for a folder of your own`,
    );
  }
}
