// Images to train on and to test with, as the page has them: in memory, of one size, from wherever they came.
import { anyOf, type ChannelStats, CIFAR10_NORMALIZATION, type ImageSet, takeImages } from 'astrogpu/data';
import type { JobConfig } from 'astrogpu/train';
import type { DataSummary, Pictures } from '../protocol.ts';

/** Images as they were taken in. */
export interface Images {
  /** One line: what they are, and where from. */
  name: string;
  train: ImageSet;
  test: ImageSet;
  /** Set where they were drawn. */
  drawn?: boolean;
  /** Files that are left out, a line each with the reason. */
  leftOut: string[];
}

/** Training images that the page shows. */
const SAMPLES = 20;

/** As many as a training uses, as `astrogpu train` takes them. */
export function chosenOf({ train, test, ...rest }: Images, { images, testImages, seed }: JobConfig): Images {
  const some = (set: ImageSet, most: number): ImageSet =>
    most < set.count ? takeImages(set, anyOf(set.count, most, seed)) : set;
  return { ...rest, train: some(train, images), test: some(test, testImages) };
}

/** How a set's images are normalized for a network. */
export const normalizationOf = ({ normalization }: ImageSet): ChannelStats => normalization ?? CIFAR10_NORMALIZATION;

/** Small pictures of images at some positions. */
export function picturesOf({ images, height, width, channels }: ImageSet, positions: readonly number[]): Pictures {
  const each = height * width;
  const pixels = new Uint8ClampedArray(positions.length * each * 4).fill(255);
  for (const [i, position] of positions.entries())
    for (let p = 0; p < each; p++)
      for (let c = 0; c < 3; c++)
        pixels[(i * each + p) * 4 + c] = images[(position * each + p) * channels + Math.min(c, channels - 1)];
  return { count: positions.length, height, width, pixels };
}

export function summaryOf({ name, train, test, leftOut }: Images): DataSummary {
  const shown = [...anyOf(train.count, SAMPLES, 0)];
  return {
    name,
    classes: [...train.classes],
    train: train.count,
    test: test.count,
    height: train.height,
    width: train.width,
    leftOut,
    samples: picturesOf(train, shown),
    labels: shown.map((position) => train.labels[position]),
  };
}
