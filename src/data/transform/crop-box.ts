// Which part of a picture training sees: torchvision's RandomResizedCrop.
import type { Draws } from './draws.ts';
import type { Box } from './rgb-image.ts';

/** What share of a picture's area a crop has, and how wide it is by its height: the least and the most of both. */
export interface CropRange {
  scale: readonly [number, number];
  ratio: readonly [number, number];
}

/** What networks for ImageNet are trained with. */
export const IMAGENET_CROP: CropRange = { scale: [0.08, 1], ratio: [3 / 4, 4 / 3] };

const TRIES = 10;

/** As Python's round(): halves to even. */
export function roundHalfEven(x: number): number {
  const whole = Math.floor(x);
  const rest = x - whole;
  if (rest !== 0.5) return rest < 0.5 ? whole : whole + 1;
  return whole % 2 === 0 ? whole : whole + 1;
}

/**
 * A box with a random area and, evenly in its logarithm, a random ratio of sides, somewhere in the picture. Where ten tries do not fit, the middle, with the nearest ratio
 * that is allowed. It takes four numbers for each try (area, ratio, row, column), so that a try does not move those after it.
 */
export function randomResizedCrop(width: number, height: number, range: CropRange, draws: Draws): Box {
  const [low, high] = range.scale;
  const [narrow, wide] = range.ratio;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const [area, shape, down, right] = [draws.uniform(), draws.uniform(), draws.uniform(), draws.uniform()];
    const target = width * height * (low + (high - low) * area);
    const ratio = Math.exp(Math.log(narrow) + (Math.log(wide) - Math.log(narrow)) * shape);
    const w = roundHalfEven(Math.sqrt(target * ratio));
    const h = roundHalfEven(Math.sqrt(target / ratio));
    if (w > 0 && w <= width && h > 0 && h <= height)
      return {
        left: Math.floor(right * (width - w + 1)),
        top: Math.floor(down * (height - h + 1)),
        width: w,
        height: h,
      };
  }
  const ratio = width / height;
  const w = ratio > wide ? roundHalfEven(height * wide) : width;
  const h = ratio < narrow ? roundHalfEven(width / narrow) : height;
  return { left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h };
}

/** The short side before the middle is cut out, from the share of it that is kept, as timm's `crop_pct`. */
export const resizeFor = (size: number, cropShare: number): number => Math.floor(size / cropShare);
