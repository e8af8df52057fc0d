// One picture as a detector sees it, outside of any batch: the sides and the bits are those that it is evaluated with.
import { resample } from '../transform/resample.ts';
import type { RgbImage } from '../transform/rgb-image.ts';
import { resizedSides } from './picture-size.ts';

/** The picture with its short side `short`, or its long one `long` where it would be longer: resizedSides(), by Pillow's bilinear filter. */
export function resizedPicture(image: RgbImage, { short, long }: { short: number; long: number }): RgbImage {
  const own = { width: image.width, height: image.height };
  const sides = resizedSides(own, short, long);
  const data = resample(image, { box: { left: 0, top: 0, ...own }, ...sides, interpolation: 'bilinear' });
  return { data, ...sides };
}
