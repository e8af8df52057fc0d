// Outlines as runs, to the pixel as COCO's own functions draw them: benchmarks count on it, and outlines of small objects are a few pixels. Corners are rounded to fifths of a pixel;
// the outline is then a chain of such points, and where it passes the middle between two columns of them, a run of that column of pixels begins or ends.
import { type MaskRuns, runsOfChanges } from './runs.ts';

/** Points to a pixel's side. */
const FINE = 5;
/** Of a pixel's points, the one after which the middle of the pixel lies. */
const MIDDLE = 2;

/** Where one side of an outline changes columns: `column` of pixels, and the upper `row` of points there. */
type Change = (column: number, row: number) => void;

/** The mask of one outline [x, y, x, y, …] in pixels. */
export function runsOfPolygon(polygon: readonly number[], width: number, height: number): MaskRuns {
  const places: number[] = [];
  const change: Change = (column, row) => {
    const first = Math.ceil((row + 0.5) / FINE - 0.5);
    places.push(column * height + Math.min(Math.max(first, 0), height));
  };
  const corner = (i: number): number => Math.trunc(FINE * polygon[i] + 0.5);
  const n = polygon.length;
  for (let i = 0; i < n; i += 2) {
    const [x0, y0, x1, y1] = [corner(i), corner(i + 1), corner((i + 2) % n), corner((i + 3) % n)];
    const isFlat = Math.abs(x1 - x0) >= Math.abs(y1 - y0);
    if (isFlat) x0 < x1 ? flatSide(x0, y0, x1, y1, width, change) : flatSide(x1, y1, x0, y0, width, change);
    else y0 < y1 ? steepSide(x0, y0, x1, y1, width, change) : steepSide(x1, y1, x0, y0, width, change);
  }
  return runsOfChanges(places, width, height);
}

/** The columns of pixels whose middles lie between two columns of points. */
const firstColumn = (x: number): number => Math.max(0, Math.ceil((x - MIDDLE) / FINE));
const lastColumn = (x: number, width: number): number => Math.min(width - 1, Math.floor((x - MIDDLE - 1) / FINE));

/** A side with one point in each column, from left to right. */
function flatSide(x0: number, y0: number, x1: number, y1: number, width: number, change: Change): void {
  const slope = (y1 - y0) / (x1 - x0);
  const rowAt = (x: number): number => Math.trunc(y0 + slope * (x - x0) + 0.5);
  for (let column = firstColumn(x0); column <= lastColumn(x1, width); column++) {
    const x = FINE * column + MIDDLE;
    change(column, Math.min(rowAt(x), rowAt(x + 1)));
  }
}

/** A side with one point in each row, downwards. Of its points only those matter between which it changes columns: they are worked out, then put right for rounding. */
function steepSide(x0: number, y0: number, x1: number, y1: number, width: number, change: Change): void {
  const slope = (x1 - x0) / (y1 - y0);
  const columnAt = (row: number): number => Math.trunc(x0 + slope * row + 0.5);
  for (let column = firstColumn(Math.min(x0, x1)); column <= lastColumn(Math.max(x0, x1), width); column++) {
    const x = FINE * column + MIDDLE;
    const isBeyond = (row: number): boolean => (slope > 0 ? columnAt(row) > x : columnAt(row) <= x);
    let row = Math.round((x + 0.5 - x0) / slope);
    while (row > 1 && isBeyond(row - 1)) row--;
    while (!isBeyond(row)) row++;
    change(column, y0 + row - 1);
  }
}
