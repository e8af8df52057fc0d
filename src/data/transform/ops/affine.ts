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

const clip = (place: number, size: number): number => Math.max(0, Math.min(size - 1, place));

/** From rows and columns around the point, the nearest ones standing in for those outside. Fractions are cut off, as Pillow does. */
function blended(reach: number, mix: (values: Float64Array, share: number) => number): Sample {
  const across = new Float64Array(reach);
  const down = new Float64Array(reach);
  return ({ data, width, height }, x, y, out, at) => {
    const [left, top] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
    const [dx, dy] = [x - 0.5 - left, y - 0.5 - top];
    for (let channel = 0; channel < 3; channel++) {
      for (let j = 0; j < reach; j++) {
        const row = clip(top + j + 1 - reach / 2, height) * width;
        for (let i = 0; i < reach; i++) across[i] = data[(row + clip(left + i + 1 - reach / 2, width)) * 3 + channel];
        down[j] = mix(across, dx);
      }
      out[at + channel] = Math.max(0, Math.min(255, mix(down, dy)));
    }
  };
}

const SAMPLES: Record<Sampling, Sample> = {
  nearest({ data, width }, x, y, out, at) {
    const from = (Math.floor(y) * width + Math.floor(x)) * 3;
    for (let channel = 0; channel < 3; channel++) out[at + channel] = data[from + channel];
  },
  bilinear: blended(2, ([v0, v1], d) => v0 + (v1 - v0) * d),
  bicubic: blended(
    4,
    ([v0, v1, v2, v3], d) => v1 + d * (v2 - v0 + d * (2 * (v0 - v1) + v2 - v3 + d * (v1 - v0 + v3 - v2))),
  ),
};
