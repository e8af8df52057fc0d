// Masks as COCO writes them, polygons or run lengths, drawn at the size at which a heat map is looked at. Own code: the format is small, and nothing
// of it is kept.
import type { ImageFrame } from '../image/frame.ts';

/** Outlines [x, y, x, y, …] in pixels of the picture; or lengths of runs that take turns, background first, column by column. */
export type CocoMask =
  | { polygons: readonly (readonly number[])[] }
  | { width: number; height: number; counts: readonly number[] };

/**
 * The run lengths of COCO's compressed form: base 32 with the low digits first, in characters from '0' on whose bit 5 says that more follow and whose bit 4,
 * in the last, is the sign; from the fourth number on, the difference to the one before the last. Throws a plain Error if the text ends inside a number or has foreign characters.
 */
export function decodeRuns(text: string): number[] {
  const counts: number[] = [];
  let value = 0;
  let place = 1;
  for (const character of text) {
    const digit = character.charCodeAt(0) - 48;
    if (digit < 0 || digit > 63) throw new Error(`"${character}" is no run length`);
    value += (digit & 31) * place;
    place *= 32;
    if (digit & 32) continue;
    if (digit & 16) value -= place;
    counts.push(counts.length > 2 ? value + counts[counts.length - 2] : value);
    value = 0;
    place = 1;
  }
  if (place > 1) throw new Error('the text ends inside a run length');
  return counts;
}

/**
 * u8 [height, width] of the frame: 1 where the middle of a pixel lies inside the mask. Outlines are filled by the even-odd rule, each on its own, and joined, as COCO does;
 * on edges the two may differ by a pixel.
 */
export function rasterizeMask(mask: CocoMask, frame: ImageFrame): Uint8Array {
  const out = new Uint8Array(frame.width * frame.height);
  if ('polygons' in mask) for (const polygon of mask.polygons) fillPolygon(polygon, frame, out);
  else sampleRuns(mask, frame, out);
  return out;
}

/** Row by row: the outline's crossings with the line through the middles of the row's pixels, filled from every odd one to the next. */
function fillPolygon(polygon: readonly number[], frame: ImageFrame, out: Uint8Array): void {
  const n = polygon.length / 2;
  const xs = Array.from({ length: n }, (_, i) => polygon[2 * i] * frame.scaleX - frame.left - 0.5);
  const ys = Array.from({ length: n }, (_, i) => polygon[2 * i + 1] * frame.scaleY - frame.top - 0.5);
  for (let row = 0; row < frame.height; row++) {
    const crossings: number[] = [];
    for (let i = 0, before = n - 1; i < n; before = i++) {
      if (ys[i] <= row === ys[before] <= row) continue;
      crossings.push(xs[i] + ((row - ys[i]) / (ys[before] - ys[i])) * (xs[before] - xs[i]));
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const first = Math.max(0, Math.ceil(crossings[i]));
      const end = Math.min(frame.width, Math.ceil(crossings[i + 1]));
      if (end > first) out.fill(1, row * frame.width + first, row * frame.width + end);
    }
  }
}

/** The mask's own pixels, and for each pixel of the frame the one that its middle falls into. */
function sampleRuns(mask: Extract<CocoMask, { counts: unknown }>, frame: ImageFrame, out: Uint8Array): void {
  const { width, height, counts } = mask;
  const columns = new Uint8Array(width * height);
  let at = 0;
  for (const [i, length] of counts.entries()) {
    if (i & 1) columns.fill(1, at, at + length);
    at += length;
  }
  for (let y = 0; y < frame.height; y++) {
    const sy = Math.floor((y + 0.5 + frame.top) / frame.scaleY);
    for (let x = 0; x < frame.width; x++) {
      const sx = Math.floor((x + 0.5 + frame.left) / frame.scaleX);
      if (sx < width && sy < height) out[y * frame.width + x] = columns[sx * height + sy];
    }
  }
}
