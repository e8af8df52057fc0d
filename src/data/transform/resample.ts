// Pictures resized as Pillow does it, to the bit: two passes in whole numbers, first along rows, then along columns, with filters that grow with the
// reduction. By hand, since what torchvision's and timm's networks were trained on is that, and the decoder's own kernels differ from it by many levels.
import type { Box, RgbImage } from './rgb-image.ts';

/** How pixels are interpolated: as Pillow's BILINEAR or BICUBIC, both with antialiasing. */
export type Interpolation = 'bilinear' | 'bicubic';

/** Bits behind the point of a weight. */
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

interface Filter {
  /** Half its width, in pixels of the result where it reduces. */
  support: number;
  weigh(x: number): number;
}

const FILTERS: Record<Interpolation, Filter> = {
  bilinear: { support: 1, weigh: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    weigh(x) {
      const a = -0.5;
      const d = Math.abs(x);
      if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
      return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
    },
  },
};

/** Of each pixel of the result along one axis: the first that it is made of, how many, and their weights, `most` places for each. */
interface Taps {
  first: Int32Array;
  count: Int32Array;
  weights: Int32Array;
  most: number;
}

/** For `count` results from `skip` on, when `length` pixels from `start` on, of `all`, become `size`. */
function tapsOf(
  filter: Filter,
  start: number,
  length: number,
  all: number,
  size: number,
  skip: number,
  count: number,
): Taps {
  const { support, weigh } = filter;
  const scale = length / size;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  const most = Math.ceil(reach) * 2 + 1;
  const [low, high] = [Math.floor(start), Math.min(all, Math.ceil(start + length))];
  const taps: Taps = {
    first: new Int32Array(count),
    count: new Int32Array(count),
    weights: new Int32Array(count * most),
    most,
  };
  const weights = new Float64Array(most);
  for (let i = 0; i < count; i++) {
    const center = start + (skip + i + 0.5) * scale;
    const first = Math.max(low, Math.trunc(center - reach + 0.5));
    const used = Math.min(high, Math.trunc(center + reach + 0.5)) - first;
    let sum = 0;
    for (let k = 0; k < used; k++) sum += weights[k] = weigh((k + first - center + 0.5) / stretch);
    taps.first[i] = first;
    taps.count[i] = used;
    for (let k = 0; k < used; k++) {
      const weight = (weights[k] / sum) * 2 ** PRECISION;
      taps.weights[i * most + k] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
  }
  return taps;
}

/** A box of the picture becomes width × height pixels, of which `window` is made (default: all). */
export interface Resampling {
  box: Box;
  width: number;
  height: number;
  window?: Box;
  interpolation: Interpolation;
  /** Mirrored, left and right. */
  flip?: boolean;
}

/** The box cut out and resized, as crop() and resize() of Pillow; no pixel outside the box counts. Into `into`, u8 height × width × 3 of the window. */
export function resample(image: RgbImage, how: Resampling, into?: Uint8Array): Uint8Array {
  const { box, width, height, interpolation, flip = false, window = { left: 0, top: 0, width, height } } = how;
  const filter = FILTERS[interpolation];
  const columns = tapsOf(filter, box.left, box.width, image.width, width, window.left, window.width);
  const rows = tapsOf(filter, box.top, box.height, image.height, height, window.top, window.height);
  const top = rows.first[0];
  const bottom = rows.first[window.height - 1] + rows.count[window.height - 1];
  const between = alongRows(image, columns, top, bottom, flip);
  return alongColumns(between, rows, top, window.width * 3, into ?? new Uint8Array(window.width * window.height * 3));
}

/** Rows top … bottom − 1 with their columns resampled. */
function alongRows({ data, width }: RgbImage, taps: Taps, top: number, bottom: number, flip: boolean): Uint8Array {
  const { first, count, weights, most } = taps;
  const columns = first.length;
  const out = new Uint8ClampedArray((bottom - top) * columns * 3);
  for (let y = top; y < bottom; y++)
    for (let i = 0; i < columns; i++) {
      let from = (y * width + first[i]) * 3;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let k = i * most, end = k + count[i]; k < end; k++, from += 3) {
        const weight = weights[k];
        red += Math.imul(data[from], weight);
        green += Math.imul(data[from + 1], weight);
        blue += Math.imul(data[from + 2], weight);
      }
      const at = ((y - top) * columns + (flip ? columns - 1 - i : i)) * 3;
      out[at] = red >> PRECISION;
      out[at + 1] = green >> PRECISION;
      out[at + 2] = blue >> PRECISION;
    }
  return new Uint8Array(out.buffer);
}

/** Rows of `length` bytes, the first of them being row `top`, resampled: four at a time, which takes half as long as one at a time. */
function alongColumns(data: Uint8Array, taps: Taps, top: number, length: number, into: Uint8Array): Uint8Array {
  const { first, count, weights, most } = taps;
  const sums = new Int32Array(length);
  const out = new Uint8ClampedArray(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < first.length; i++) {
    sums.fill(HALF);
    // Behind the last row its own bytes stand in, with no weight.
    const row = (k: number): number => (first[i] + Math.min(k, count[i] - 1) - top) * length;
    const weight = (k: number): number => (k < count[i] ? weights[i * most + k] : 0);
    for (let k = 0; k < count[i]; k += 4) {
      const [row0, row1, row2, row3] = [row(k), row(k + 1), row(k + 2), row(k + 3)];
      const [weight0, weight1, weight2, weight3] = [weight(k), weight(k + 1), weight(k + 2), weight(k + 3)];
      for (let x = 0; x < length; x++)
        sums[x] +=
          Math.imul(data[row0 + x], weight0) +
          Math.imul(data[row1 + x], weight1) +
          Math.imul(data[row2 + x], weight2) +
          Math.imul(data[row3 + x], weight3);
    }
    for (let x = 0, at = i * length; x < length; x++) out[at + x] = sums[x] >> PRECISION;
  }
  return into;
}
