// A picture moved, slanted or turned, as Pillow's transform() and rotate(): what a point of the result is taken from is an affine function of its place.
import type { RgbImage } from '../rgb-image.ts';

/** How pixels between pixels are made. */
export type Sampling = 'nearest' | 'bilinear' | 'bicubic';

/** And what stands where there was no picture. */
export interface Placing {
  sampling: Sampling;
  fill: readonly [number, number, number];
}

/** The result's (x, y) is the picture's (a·x + b·y + c, d·x + e·y + f), counted from the corners of pixels. */
type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** Rows slide along, by `amount` of their distance from the top. */
export const shearX = (image: RgbImage, amount: number, how: Placing): RgbImage =>
  affine(image, [1, amount, 0, 0, 1, 0], how);

/** Columns slide along, by `amount` of their distance from the left. */
export const shearY = (image: RgbImage, amount: number, how: Placing): RgbImage =>
  affine(image, [1, 0, 0, amount, 1, 0], how);

/** To the left, in pixels. */
export const translateX = (image: RgbImage, pixels: number, how: Placing): RgbImage =>
  affine(image, [1, 0, pixels, 0, 1, 0], how);

/** Up, in pixels. */
export const translateY = (image: RgbImage, pixels: number, how: Placing): RgbImage =>
  affine(image, [1, 0, 0, 0, 1, pixels], how);

/** Around the middle, counterclockwise. */
export function rotate(image: RgbImage, degrees: number, how: Placing): RgbImage {
  const angle = (-(((degrees % 360) + 360) % 360) * Math.PI) / 180;
  // Pillow rounds so, too; a point between two pixels then falls to the same one.
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)].map((value) => Number(value.toFixed(15)));
  const [x, y] = [image.width / 2, image.height / 2];
  return affine(image, [cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y], how);
}

function affine(image: RgbImage, matrix: Matrix, { sampling, fill }: Placing): RgbImage {
  const { width, height } = image;
  const out = { data: new Uint8Array(width * height * 3), width, height };
  const [a, b, c, d, e, f] = sampling === 'nearest' ? fixed(matrix) : matrix;
  const sample = SAMPLES[sampling];
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * 3;
      const x = a * (column + 0.5) + b * (row + 0.5) + c;
      const y = d * (column + 0.5) + e * (row + 0.5) + f;
      if (x >= 0 && x < width && y >= 0 && y < height) sample(image, x, y, out.data, at);
      else out.data.set(fill, at);
    }
  return out;
}

/** Steps of 2⁻¹⁶ pixels, as Pillow takes them for the nearest pixel, so that ties fall as they do there. */
function fixed([a, b, c, d, e, f]: Matrix): Matrix {
  if (b === 0 && d === 0) return [a, b, c, d, e, f];
  const fix = (value: number): number => Math.floor(value * 65536 + 0.5) / 65536;
  const [a0, b0, d0, e0] = [fix(a), fix(b), fix(d), fix(e)];
  return [a0, b0, fix(c + (a + b) / 2) - (a0 + b0) / 2, d0, e0, fix(f + (d + e) / 2) - (d0 + e0) / 2];
}

type Sample = (image: RgbImage, x: number, y: number, out: Uint8Array, at: number) => void;

const clip = (place: number, size: number): number => (place < 0 ? 0 : place >= size ? size - 1 : place);

/** Between v0 and v1. */
const linear = (v0: number, v1: number, d: number): number => v0 + (v1 - v0) * d;

/** Between v1 and v2. */
const cubic = (v0: number, v1: number, v2: number, v3: number, d: number): number =>
  v1 + d * (v2 - v0 + d * (2 * (v0 - v1) + v2 - v3 + d * (v1 - v0 + v3 - v2)));

// Of pixels outside the nearest one stands in. Fractions are cut off, as Pillow does.
const SAMPLES: Record<Sampling, Sample> = {
  nearest({ data, width }, x, y, out, at) {
    const from = (Math.floor(y) * width + Math.floor(x)) * 3;
    for (let channel = 0; channel < 3; channel++) out[at + channel] = data[from + channel];
  },
  bilinear({ data, width, height }, x, y, out, at) {
    const left = Math.floor(x - 0.5);
    const top = Math.floor(y - 0.5);
    const dx = x - 0.5 - left;
    const dy = y - 0.5 - top;
    const column0 = clip(left, width);
    const column1 = clip(left + 1, width);
    const row0 = clip(top, height) * width;
    const row1 = clip(top + 1, height) * width;
    for (let channel = 0; channel < 3; channel++) {
      const above = linear(data[(row0 + column0) * 3 + channel], data[(row0 + column1) * 3 + channel], dx);
      const below = linear(data[(row1 + column0) * 3 + channel], data[(row1 + column1) * 3 + channel], dx);
      out[at + channel] = linear(above, below, dy);
    }
  },
  bicubic({ data, width, height }, x, y, out, at) {
    const left = Math.floor(x - 0.5);
    const top = Math.floor(y - 0.5);
    const dx = x - 0.5 - left;
    const dy = y - 0.5 - top;
    const column0 = clip(left - 1, width) * 3;
    const column1 = clip(left, width) * 3;
    const column2 = clip(left + 1, width) * 3;
    const column3 = clip(left + 2, width) * 3;
    const across = (place: number, channel: number): number => {
      const row = clip(place, height) * width * 3 + channel;
      if (dx === 0) return data[row + column1];
      return cubic(data[row + column0], data[row + column1], data[row + column2], data[row + column3], dx);
    };
    for (let channel = 0; channel < 3; channel++) {
      let value = across(top, channel);
      // Else it is in a row of pixels, as all are that move along rows.
      if (dy !== 0)
        value = cubic(across(top - 1, channel), value, across(top + 1, channel), across(top + 2, channel), dy);
      out[at + channel] = value <= 0 ? 0 : value >= 255 ? 255 : value;
    }
  },
};
