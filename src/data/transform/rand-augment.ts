// RandAugment (Cubuk et al., "RandAugment: practical automated data augmentation with a reduced search space", NeurIPS 2020) in the two forms that networks for
// ImageNet are trained with: torchvision's and timm's, which differ in their ops, in what a magnitude means and in how often an op is left out.
import type { Draws } from './draws.ts';
import { need } from './need.ts';
import { type Placing, rotate, type Sampling, shearX, shearY, translateX, translateY } from './ops/affine.ts';
import { brightness, color, contrast, sharpness } from './ops/enhance.ts';
import { autoContrast, equalize, invert, posterize, solarize, solarizeAdd } from './ops/tones.ts';
import type { RgbImage } from './rgb-image.ts';

/** How images are varied by RandAugment. */
export interface RandAugment {
  /** `torchvision`: its 14 ops, magnitudes 0 … 30, all ops drawn are applied. `timm`: the 15 ops of "rand-…-inc1", magnitudes 0 … 10, each is applied with a probability of 0.5. */
  space: 'torchvision' | 'timm';
  /** Ops on each image. Default 2. */
  ops?: number;
  /** How strong. Default 9. */
  magnitude?: number;
  /** Deviation of the normal noise on the magnitude of each op, timm's `mstd`. Default 0. */
  deviation?: number;
  /** Default `nearest` for torchvision, `bicubic` for timm. */
  sampling?: Sampling;
  /** RGB where a moved picture leaves nothing. Default black for torchvision, ImageNet's mean for timm. */
  fill?: readonly [number, number, number];
}

/** An op at a magnitude from 0 to 1. `side` is 1 or −1, the direction of those that have one. */
type Op = (image: RgbImage, level: number, side: () => number, how: Placing) => RgbImage;

interface Space {
  ops: Readonly<Record<string, Op>>;
  /** The magnitude that is 1 to an op. */
  most: number;
  /** How likely a drawn op is applied. */
  probability: number;
  sampling: Sampling;
  fill: readonly [number, number, number];
}

const OPS_OF_BOTH = {
  shearX: (image, level, side, how) => shearX(image, 0.3 * level * side(), how),
  shearY: (image, level, side, how) => shearY(image, 0.3 * level * side(), how),
  rotate: (image, level, side, how) => rotate(image, 30 * level * side(), how),
  brightness: (image, level, side) => brightness(image, 1 + 0.9 * level * side()),
  color: (image, level, side) => color(image, 1 + 0.9 * level * side()),
  contrast: (image, level, side) => contrast(image, 1 + 0.9 * level * side()),
  sharpness: (image, level, side) => sharpness(image, 1 + 0.9 * level * side()),
  autoContrast,
  equalize,
} satisfies Record<string, Op>;

const SPACES: Record<RandAugment['space'], Space> = {
  torchvision: {
    ops: {
      identity: (image) => image,
      ...OPS_OF_BOTH,
      translateX: (image, level, side, how) =>
        translateX(image, -Math.trunc((150 / 331) * image.width * level * side()), how),
      translateY: (image, level, side, how) =>
        translateY(image, -Math.trunc((150 / 331) * image.height * level * side()), how),
      posterize: (image, level) => posterize(image, 8 - Math.round(4 * level)),
      solarize: (image, level) => solarize(image, 255 * (1 - level)),
    },
    most: 30,
    probability: 1,
    sampling: 'nearest',
    fill: [0, 0, 0],
  },
  timm: {
    ops: {
      ...OPS_OF_BOTH,
      invert,
      translateX: (image, level, side, how) => translateX(image, 0.45 * image.width * level * side(), how),
      translateY: (image, level, side, how) => translateY(image, 0.45 * image.height * level * side(), how),
      posterize: (image, level) => posterize(image, 4 - Math.trunc(4 * level)),
      solarize: (image, level) => solarize(image, 256 - Math.min(256, Math.trunc(256 * level))),
      solarizeAdd: (image, level) => solarizeAdd(image, Math.min(128, Math.trunc(110 * level))),
    },
    most: 10,
    probability: 0.5,
    sampling: 'bicubic',
    fill: [124, 116, 104],
  },
};

/** Names of a space's ops. */
export const opsOf = (space: RandAugment['space']): string[] => Object.keys(SPACES[space].ops);

/** One op, by its name, at a magnitude; `side` decides the direction of those that have one. */
export function applyOp(
  image: RgbImage,
  how: RandAugment,
  name: string,
  magnitude: number,
  side: () => number,
): RgbImage {
  const space = SPACES[how.space];
  const { sampling = space.sampling, fill = space.fill } = how;
  return space.ops[name](image, magnitude / space.most, side, { sampling, fill });
}

/**
 * A picture after some ops, drawn with replacement. Each takes five numbers in all cases (which op, whether, magnitude, side), so that no op moves the draws
 * of the next.
 */
export function randAugment(image: RgbImage, how: RandAugment, draws: Draws): RgbImage {
  const { space, ops = 2, magnitude = 9, deviation = 0 } = how;
  const { most, probability } = SPACES[space];
  const names = opsOf(space);
  let result = image;
  for (let i = 0; i < ops; i++) {
    const name = names[draws.below(names.length)];
    const applied = draws.uniform() < probability;
    const noisy = magnitude + deviation * draws.normal();
    const side = draws.uniform() < 0.5 ? -1 : 1;
    if (applied) result = applyOp(result, how, name, Math.max(0, Math.min(most, noisy)), () => side);
  }
  return result;
}

/** Throws ConfigError for a space and numbers that RandAugment does not take. */
export function checkRandAugment({ space, ops = 2, magnitude = 9, deviation = 0 }: RandAugment): void {
  need('randAugment.space', space, Object.hasOwn(SPACES, space), `one of ${Object.keys(SPACES).join(', ')}`);
  const { most } = SPACES[space];
  need('randAugment.ops', ops, Number.isInteger(ops) && ops >= 0, 'a whole number, 0 or more');
  need(
    'randAugment.magnitude',
    magnitude,
    magnitude >= 0 && magnitude <= most,
    `from 0 to ${most}, as ${space} counts`,
  );
  need('randAugment.deviation', deviation, deviation >= 0, '0 or more');
}
