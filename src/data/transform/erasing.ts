// Random erasing (Zhong et al., "Random erasing data augmentation", AAAI 2020) with timm's formula: which box of an image is erased. The GPU erases it.
import { roundHalfEven } from './crop-box.ts';
import { type DrawKey, Draws, STREAMS } from './draws.ts';
import { needRange, needShares } from './need.ts';
import type { Box } from './rgb-image.ts';

/** How boxes are erased. */
export interface Erasing {
  /** How likely an image has a box erased. Default 0.25. */
  probability?: number;
  /** `pixel`: normal noise, a number for each pixel and channel; `const`: the mean of all images, which is 0 once they are normalized. Default pixel. */
  mode?: 'pixel' | 'const';
  /** The least and the most of an image's area. Default 0.02 and 1/3. */
  area?: readonly [number, number];
  /** The least of its height by its width; the most is the inverse. Default 0.3. */
  ratio?: number;
}

/** The box that is erased, and two words that key its noise. */
export interface Erased {
  box: Box;
  noise: readonly [number, number];
}

const TRIES = 10;

/** Throws ConfigError for numbers that it does not take. */
export function checkErasing({ probability = 0.25, area = [0.02, 1 / 3], ratio = 0.3 }: Erasing): void {
  needShares({ 'erasing.probability': probability });
  needRange('erasing.area', area, 1);
  needRange('erasing.ratio', [ratio, 1]);
}

/** What is erased of an image of size × size by its key; undefined for nothing. */
export function drawErased(key: DrawKey, size: number, how: Erasing): Erased | undefined {
  const draws = new Draws(key, STREAMS.erasing);
  if (draws.uniform() >= (how.probability ?? 0.25)) return undefined;
  const noise = [draws.below(2 ** 32), draws.below(2 ** 32)] as const;
  const box = erasedBox(size, how, draws);
  return box && { box, noise };
}

/** A box that fits in ten tries, of four numbers each: area, ratio, row, column. */
export function erasedBox(size: number, how: Erasing, draws: Draws): Box | undefined {
  const { area: [least, most] = [0.02, 1 / 3], ratio = 0.3 } = how;
  const reach = Math.log(1 / ratio);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const [part, shape, down, right] = [draws.uniform(), draws.uniform(), draws.uniform(), draws.uniform()];
    const area = size * size * (least + (most - least) * part);
    const aspect = Math.exp(reach * (2 * shape - 1));
    const height = roundHalfEven(Math.sqrt(area * aspect));
    const width = roundHalfEven(Math.sqrt(area / aspect));
    if (width >= size || height >= size) continue;
    const left = Math.floor(right * (size - width + 1));
    return { left, top: Math.floor(down * (size - height + 1)), width, height };
  }
  return undefined;
}
