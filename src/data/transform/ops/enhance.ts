// A picture mixed with a duller one, or led away from it, as Pillow's ImageEnhance, to the bit: a factor of 1 is the picture, 0 the dull one.
import type { RgbImage } from '../rgb-image.ts';

/** dull + factor · (image − dull) in f32, cut off towards zero as Pillow does. */
function mix({ data, width, height }: RgbImage, factor: number, dull: Uint8Array): RgbImage {
  const out = new Uint8Array(data.length);
  const share = Math.fround(factor);
  for (let i = 0; i < out.length; i++) {
    const value = Math.fround(dull[i] + Math.fround(share * (data[i] - dull[i])));
    out[i] = value <= 0 ? 0 : value >= 255 ? 255 : value;
  }
  return { data: out, width, height };
}

/** Of the pixel that byte `at` begins. */
const luma = (data: Uint8Array, at: number): number =>
  (data[at] * 19595 + data[at + 1] * 38470 + data[at + 2] * 7471 + 0x8000) >> 16;

/** Mixed with black. */
export const brightness = (image: RgbImage, factor: number): RgbImage =>
  mix(image, factor, new Uint8Array(image.data.length));

/** Mixed with its own gray. */
export function color(image: RgbImage, factor: number): RgbImage {
  const { data } = image;
  const gray = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) gray[i] = gray[i + 1] = gray[i + 2] = luma(data, i);
  return mix(image, factor, gray);
}

/** Mixed with the mean of its gray. */
export function contrast(image: RgbImage, factor: number): RgbImage {
  const { data, width, height } = image;
  let sum = 0;
  for (let i = 0; i < data.length; i += 3) sum += luma(data, i);
  return mix(image, factor, new Uint8Array(data.length).fill(sum / (width * height) + 0.5));
}

/** Mixed with a smoothed copy; at the edges, which are not smoothed, it stays as it is. */
export function sharpness(image: RgbImage, factor: number): RgbImage {
  const { data, width, height } = image;
  const smooth = Uint8Array.from(data);
  const row = width * 3;
  /** Of the byte, and of those of its channel at its left and right. */
  const three = (i: number): number => data[i - 3] + data[i] + data[i + 3];
  for (let y = 1; y < height - 1; y++)
    for (let i = y * row + 3; i < (y + 1) * row - 3; i++)
      smooth[i] = (three(i - row) + three(i) + three(i + row) + 4 * data[i]) / 13 + 0.5;
  return mix(image, factor, smooth);
}
