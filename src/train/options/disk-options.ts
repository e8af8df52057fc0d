// The options of the main job that mean something for images on a disk alone: how these become batches. Rows of the table of options (table.ts).
import {
  DECODERS,
  type DiskImagesOptions,
  IMAGENET_CROP,
  NORMALIZATIONS,
  parseRandAugment,
  resizeFor,
  type SourceChoice,
} from '../../data/index.ts';
import { ConfigError } from '../../gpu/index.ts';
import { type Given, option, type Settings } from './option.ts';
import * as read from './read.ts';

/** By the names of their settings. */
export const DISK_OPTIONS = {
  valData: option({
    group: 'data',
    value: 'PATH',
    read: read.text,
    help: "from the disk: the test images, where they lie elsewhere: WebDataset's shards (val-{0000..0003}.tar), an archive of images whose labels are in a list, or a folder, of which they are the part for testing where it has one",
    defaultText: 'the part of the set that is set apart',
  }),
  valLabels: option({
    group: 'data',
    value: 'FILE',
    read: read.text,
    help: "from the disk: the list of labels of an archive of test images, as ImageNet's has",
    defaultText: 'the one beside it, by its usual name',
  }),
  labelField: option({
    group: 'data',
    value: 'NAME',
    read: read.text,
    help: "from the disk: the field of WebDataset's .json files that has the label",
    defaultText: 'label',
  }),
  cropScale: option({
    group: 'data',
    value: 'X',
    read: read.number(0, 1, { without: 'low' }),
    help: "from the disk: least part of a training image's area that is cut out at random (RandomResizedCrop)",
    default: 0.08,
  }),
  interpolation: option({
    group: 'data',
    value: 'HOW',
    read: read.oneOf(['bilinear', 'bicubic']),
    help: 'from the disk: how images are resized, as Pillow does',
    default: 'bicubic',
  }),
  cropShare: option({
    group: 'data',
    value: 'X',
    read: read.number(0, 1, { without: 'low' }),
    help: "from the disk: part of a test image's short side that is kept, its middle (timm's crop_pct)",
    default: 0.875,
  }),
  normalization: option({
    group: 'data',
    value: 'NAME',
    read: read.oneOf(Object.keys(NORMALIZATIONS) as (keyof typeof NORMALIZATIONS)[]),
    help: 'from the disk: whose mean and deviation pixels are normalized by',
    default: 'imagenet',
  }),
  randAugment: option({
    group: 'data',
    value: 'HOW',
    read: Object.assign((given: string, field: string) => parseRandAugment(given, field) && given, {
      takes: 'rand-m9-mstd0.5-inc1 or torchvision-m9',
    }),
    help: "from the disk: RandAugment, as timm writes it (rand-m9-mstd0.5-inc1) or torchvision's (torchvision-m9)",
  }),
  erasing: option({
    group: 'data',
    value: 'X',
    read: read.number(0, 1),
    help: 'from the disk: how likely a box of a training image is erased (random erasing)',
    default: 0,
  }),
  mixup: option({
    group: 'data',
    value: 'X',
    read: read.number(0, 100),
    help: 'from the disk: α of Mixup; beside CutMix one of the two by chance',
    default: 0,
  }),
  cutmix: option({
    group: 'data',
    value: 'X',
    read: read.number(0, 100),
    help: 'from the disk: α of CutMix',
    default: 0,
  }),
  decoder: option({
    group: 'data',
    value: 'NAME',
    read: read.oneOf(DECODERS),
    help: "from the disk: what decodes JPEGs; turbo is the system's libjpeg-turbo, faster and with the same pixels, and needs it and the package koffi",
    defaultText: 'sharp',
  }),
  odd: option({
    group: 'data',
    value: 'HOW',
    read: read.oneOf(['skip', 'refuse']),
    help: 'from the disk: what becomes of a file that is no image or a damaged one: it is told, another takes its place in training, and no accuracy counts it; or it is an error that names it',
    defaultText: 'skip those to train on, refuse those to test with',
  }),
  repeats: option({
    group: 'data',
    value: 'N',
    read: read.whole(1, 16),
    help: 'from the disk: copies of a training image in a row, each varied by itself (repeated augmentation)',
    default: 1,
  }),
};

/** The options that say which images are for testing, and where labels are, as openImageSource() takes them. */
export const sourceChoice = ({
  valSplit: split,
  valData: test,
  valLabels: labels,
  labelField,
}: Partial<Record<'valSplit' | 'valData' | 'valLabels' | 'labelField', string>>): SourceChoice => ({
  ...(split !== undefined && { split }),
  ...(test !== undefined && { test }),
  ...(labels !== undefined && { labels }),
  ...(labelField !== undefined && { labelField }),
});

/** How the images of a job on the disk become batches of size × size: those of a part, to train on or to test with. `workers` are threads. */
export function diskOptions(
  settings: Settings<typeof DISK_OPTIONS>,
  part: 'train' | 'test',
  { size, workers }: { size: number; workers?: number },
): DiskImagesOptions {
  const { cropScale, interpolation, cropShare, normalization, randAugment, erasing, mixup, cutmix, repeats } = settings;
  return {
    normalization: NORMALIZATIONS[normalization],
    training: {
      size,
      crop: { scale: [cropScale, 1], ratio: IMAGENET_CROP.ratio },
      interpolation,
      ...(randAugment !== undefined && { randAugment: parseRandAugment(randAugment) }),
    },
    evaluation: { size, resize: resizeFor(size, cropShare), interpolation },
    ...(erasing > 0 && { erasing: { probability: erasing } }),
    ...((mixup > 0 || cutmix > 0) && { mixing: { mixup, cutmix } }),
    repeats,
    workers,
    decoder: settings.decoder,
    odd: settings.odd ?? (part === 'train' ? 'skip' : 'refuse'),
  };
}

/** Throws ConfigError for an option that images in memory have no use for. */
export function checkOfMemory(given: Given<typeof DISK_OPTIONS>): void {
  for (const [field, row] of Object.entries(DISK_OPTIONS)) {
    const value = given[field as keyof typeof DISK_OPTIONS];
    if (value === undefined || value === ('default' in row ? row.default : undefined)) continue;
    throw new ConfigError(
      field,
      (name) =>
        `${name(field, String(value))}: that is for images read from the disk, and these are in memory; add ${name('loading', 'disk')}, for a folder of your own`,
    );
  }
}
