// A mask as COCO keeps it: lengths of runs. Nearly all masks are a few hundred runs on a third of a million pixels, so areas, boxes, unions and overlaps are found on runs,
// and a picture of a mask is made only where somebody looks at one.

/** Left, top, width and height, in pixels from the picture's top left corner. */
export type CocoBox = readonly [x: number, y: number, width: number, height: number];

/** A mask of `width` × `height` pixels as lengths of runs that take turns, background first, column by column. Together they cover it. */
export interface MaskRuns {
  width: number;
  height: number;
  counts: readonly number[];
}

/** Lengthens the last run, or begins the next one where `inside` changes. Runs made by this alone have the one form that COCO's own functions give. */
function append(counts: number[], length: number, inside: boolean): void {
  if (length === 0) return;
  if (counts.length === 0 && inside) counts.push(0);
  const lastIsInside = counts.length % 2 === 0;
  if (counts.length > 0 && lastIsInside === inside) counts[counts.length - 1] += length;
  else counts.push(length);
}

/** The runs of a mask of bytes, row by row, not 0 inside. */
export function runsOfBytes(bytes: ArrayLike<number>, width: number, height: number): MaskRuns {
  const counts: number[] = [];
  let [inside, length] = [false, 0];
  for (let x = 0; x < width; x++)
    for (let at = x; at < width * height; at += width) {
      const now = bytes[at] !== 0;
      if (now !== inside) {
        counts.push(length);
        length = 0;
        inside = now;
      }
      length++;
    }
  counts.push(length);
  return { width, height, counts };
}

/** u8 [height, width], row by row: 1 inside the mask. */
export function bytesOfRuns({ width, height, counts }: MaskRuns): Uint8Array {
  const bytes = new Uint8Array(width * height);
  let at = 0;
  for (const [i, length] of counts.entries()) {
    const end = at + length;
    if (i % 2 === 1) for (; at < end; at++) bytes[(at % height) * width + Math.floor(at / height)] = 1;
    at = end;
  }
  return bytes;
}

/** The runs that begin at the places given, each a change from background to mask or back, counted column by column and in any order. Two at the same place undo each other. */
export function runsOfChanges(places: readonly number[], width: number, height: number): MaskRuns {
  const counts: number[] = [];
  let [at, inside] = [0, false];
  for (const place of Float64Array.from(places).sort()) {
    append(counts, place - at, inside);
    at = place;
    inside = !inside;
  }
  append(counts, width * height - at, inside);
  return { width, height, counts };
}

/** Pixels inside. */
export function areaOfRuns({ counts }: MaskRuns): number {
  let area = 0;
  for (let i = 1; i < counts.length; i += 2) area += counts[i];
  return area;
}

/** The smallest box around a mask; zeros for an empty one. */
export function boxOfRuns({ height, counts }: MaskRuns): CocoBox {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, height, -1, -1];
  let at = 0;
  for (let i = 0; i < counts.length; at += counts[i++]) {
    if (i % 2 === 0 || counts[i] === 0) continue;
    const last = at + counts[i] - 1;
    const [from, to] = [Math.floor(at / height), Math.floor(last / height)];
    left = Math.min(left, from);
    right = Math.max(right, to);
    // A run over several columns reaches from the bottom of one to the top of the next.
    top = Math.min(top, from < to ? 0 : at % height);
    bottom = Math.max(bottom, from < to ? height - 1 : last % height);
  }
  return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1];
}

/** Goes over two masks of one size together, stretch by stretch on which neither changes. */
function together(a: MaskRuns, b: MaskRuns, each: (length: number, inA: boolean, inB: boolean) => void): void {
  let [i, j] = [0, 0];
  let [restA, restB] = [a.counts[0], b.counts[0]];
  while (i < a.counts.length && j < b.counts.length) {
    const length = Math.min(restA, restB);
    each(length, i % 2 === 1, j % 2 === 1);
    restA -= length;
    restB -= length;
    if (restA === 0) restA = a.counts[++i];
    if (restB === 0) restB = b.counts[++j];
  }
}

/** What lies in either of two masks of one size. */
export function unionOfRuns(a: MaskRuns, b: MaskRuns): MaskRuns {
  const counts: number[] = [];
  together(a, b, (length, inA, inB) => append(counts, length, inA || inB));
  return { width: a.width, height: a.height, counts };
}

/** Pixels inside both of two masks of one size. */
export function sharedArea(a: MaskRuns, b: MaskRuns): number {
  let area = 0;
  together(a, b, (length, inA, inB) => {
    if (inA && inB) area += length;
  });
  return area;
}
