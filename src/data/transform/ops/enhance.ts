// A picture mixed with a duller one, or led away from it, as Pillow's ImageEnhance, to the bit: a factor of 1 is the picture, 0 the dull one.
import type { RgbImage } from '../rgb-image.ts';

/** dull + factor · (image − dull) in f32, cut off towards zero as Pillow does; `dull(i)` is what byte i is mixed with. */
function mix({ data, width, height }: RgbImage, factor: number, dull: (i: number) => number): RgbImage {
  const out = new Uint8Array(data.length);
  const share = Math.fround(factor);
  for (let i = 0; i < out.length; i++) {
    const from = dull(i);
    const value = Math.fround(from + Math.fround(share * (data[i] - from)));
    out[i] = value <= 0 ? 0 : value >= 255 ? 255 : value;
  }
  return { data: out, width, height };
}

/** Of the pixel that byte `at` begins. */
const luma = (data: Uint8Array, at: number): number =>
  (data[at] * 19595 + data[at + 1] * 38470 + data[at + 2] * 7471 + 0x8000) >> 16;

/** Mixed with black. */
export const brightness = (image: RgbImage, factor: number): RgbImage => mix(image, factor, () => 0);

/** Mixed with its own gray. */
export const color = (image: RgbImage, factor: number): RgbImage =>
  mix(image, factor, (i) => luma(image.data, i - (i % 3)));

/** Mixed with the mean of its gray. */
export function contrast(image: RgbImage, factor: number): RgbImage {
  const { data, width, height } = image;
  let sum = 0;
  for (let i = 0; i < data.length; i += 3) sum += luma(data, i);
  const mean = Math.trunc(sum / (width * height) + 0.5);
  return mix(image, factor, () => mean);
}

/** Mixed with a smoothed copy; at the edges, which are not smoothed, it stays as it is. */
export function sharpness(image: RgbImage, factor: number): RgbImage {
  const { data, width, height } = image;
  const row = width * 3;
  const smooth = (i: number): number => {
    const x = i % row;
    if (i < row || i >= row * (height - 1) || x < 3 || x >= row - 3) return data[i];
    let sum = 4 * data[i];
    for (const at of [i - row, i, i + row]) sum += data[at - 3] + data[at] + data[at + 3];
    return Math.floor(sum / 13 + 0.5);
  };
  return mix(image, factor, smooth);
}
