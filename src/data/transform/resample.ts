// Pictures resized as Pillow does it, to the bit: two passes in whole numbers, first along rows, then along columns, with filters that grow with the
// reduction. By hand, since what torchvision's and timm's networks were trained on is that, and the decoder's own kernels differ from it by many levels.
import type { Box, RgbImage } from './rgb-image.ts';
import { PRECISION, passes } from './simd/passes.ts';

/** All of them. */
export const INTERPOLATIONS = ['bilinear', 'bicubic'] as const;

/** How pixels are interpolated: as Pillow's BILINEAR or BICUBIC, both with antialiasing. */
export type Interpolation = (typeof INTERPOLATIONS)[number];

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
  const stride = image.width * 3;
  const length = window.width * 3;

  const { memory, alongRows, alongColumns } = passes();
  // Some rows at a time: a huge picture needs no more memory than another, and they stay near the processor.
  const most = Math.max(1, Math.floor(CHUNK / stride));
  const [columnBytes, rowBytes] = [bytesOf(columns), bytesOf(rows)];
  const sizes = [columnBytes, rowBytes, most * stride, (bottom - top) * length, window.height * length];
  // Behind each part some bytes may be read, and written, that are too much.
  const places = [0];
  for (const size of sizes) places.push((places.at(-1)! + size + 32) & ~15);
  const [columnsAt, rowsAt, source, between, result, end] = places;
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  const bytes = new Uint8Array(memory.buffer);
  writeTaps(memory, columns, columnsAt, 3, 0, flip);
  writeTaps(memory, rows, rowsAt, length, top, false);
  for (let row = top; row < bottom; row += most) {
    const part = image.data.subarray(row * stride, Math.min(bottom, row + most) * stride);
    bytes.set(part, source);
    const out = between + (row - top) * length;
    alongRows(
      source,
      stride,
      source + part.length,
      columnsAt,
      columnsAt + columnBytes,
      columnBytes / window.width,
      out,
    );
  }
  alongColumns(between, length, rowsAt, rowsAt + rowBytes, rowBytes / window.height, result);
  const made = bytes.subarray(result, result + window.height * length);
  if (into === undefined) return made.slice();
  into.set(made);
  return into;
}

/** Of WebAssembly's memory. */
const PAGE = 65536;
/** Bytes of the picture that are at hand at a time. */
const CHUNK = 2 ** 18;

const bytesOf = ({ first, most }: Taps): number => first.length * (most + 2) * 4;

/** Taps as simd/passes reads them, in reverse order for a mirrored picture: `step` is how far bytes of one tap are from those of the next, `skip` the tap whose bytes come first. */
function writeTaps(
  memory: WebAssembly.Memory,
  taps: Taps,
  at: number,
  step: number,
  skip: number,
  reversed: boolean,
): void {
  const { first, count, weights, most } = taps;
  const words = new Int32Array(memory.buffer, at, first.length * (most + 2));
  for (let i = 0; i < first.length; i++) {
    const to = (reversed ? first.length - 1 - i : i) * (most + 2);
    words[to] = (first[i] - skip) * step;
    words[to + 1] = at + (to + 2 + count[i]) * 4;
    words.set(weights.subarray(i * most, (i + 1) * most), to + 2);
  }
}
