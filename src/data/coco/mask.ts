// Masks as lists have them, outlines or runs: as runs of the picture's own pixels, or drawn at the size at which a heat map is looked at.
import type { ImageFrame } from '../image/frame.ts';
import { runsOfPolygon } from './polygon.ts';
import { bytesOfRuns, type MaskRuns, unionOfRuns } from './runs.ts';

/** Outlines [x, y, x, y, …] in pixels of the picture, together one mask; or runs. */
export type CocoMask = { polygons: readonly (readonly number[])[] } | MaskRuns;

/** The runs of a mask on its picture. Outlines are drawn to the pixel as COCO's own functions do it. */
export function runsOfMask(mask: CocoMask, { width, height }: { width: number; height: number }): MaskRuns {
  if (!('polygons' in mask)) return mask;
  return mask.polygons.map((polygon) => runsOfPolygon(polygon, width, height)).reduce(unionOfRuns);
}

/**
 * u8 [height, width] of the frame: 1 where the middle of a pixel lies inside the mask. Outlines are filled by the even-odd rule, each on its own, and joined; `runsOfMask` draws them at
 * the picture's own size, where on edges the two may differ by a pixel.
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
function sampleRuns(mask: MaskRuns, frame: ImageFrame, out: Uint8Array): void {
  const { width, height } = mask;
  const bytes = bytesOfRuns(mask);
  for (let y = 0; y < frame.height; y++) {
    const sy = Math.floor((y + 0.5 + frame.top) / frame.scaleY);
    for (let x = 0; x < frame.width; x++) {
      const sx = Math.floor((x + 0.5 + frame.left) / frame.scaleX);
      if (sx < width && sy < height) out[y * frame.width + x] = bytes[sy * width + sx];
    }
  }
}
