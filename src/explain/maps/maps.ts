// Maps of evidence on the CPU: brought to the size of their image, and summed up in one number.
import { ExplainError, type MapSize } from './layers.ts';

/** Throws ExplainError where there are not height × width values. */
function check(what: string, values: ArrayLike<number>, { height, width }: MapSize): void {
  if (values.length !== height * width || values.length === 0)
    throw new ExplainError(`${what}: a map of ${height}×${width} has ${values.length} values`);
}

/**
 * A map in another size, bilinear between the centers of its cells (align_corners false, as torch's interpolate), flat beyond the outermost ones. Throws
 * ExplainError for a map that is not of its size.
 */
export function upsample(map: ArrayLike<number>, from: MapSize, to: MapSize): Float32Array {
  check('upsample', map, from);
  const rows = taps(from.height, to.height);
  const columns = taps(from.width, to.width);
  const out = new Float32Array(to.height * to.width);
  for (const [y, row] of rows.entries())
    for (const [x, column] of columns.entries()) {
      const at = (r: number): number =>
        map[r * from.width + column.low] * (1 - column.part) + map[r * from.width + column.high] * column.part;
      out[y * to.width + x] = at(row.low) * (1 - row.part) + at(row.high) * row.part;
    }
  return out;
}

/** For each new place the two old ones that it lies between, and how near it is to the higher. */
function taps(from: number, to: number): { low: number; high: number; part: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const place = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const low = Math.floor(place);
    return { low, high: Math.min(low + 1, from - 1), part: place - low };
  });
}

/**
 * The share, 0 to 1, of a map's mass that lies where `mask` (one byte a pixel, as many as the map has) is not 0. undefined where the map is zero everywhere:
 * there is no evidence to have a share of. Throws ExplainError for a mask of another size.
 */
export function massInside(map: ArrayLike<number>, mask: ArrayLike<number>): number | undefined {
  if (map.length !== mask.length)
    throw new ExplainError(
      `massInside: the map has ${map.length} pixels and the mask ${mask.length}; upsample the map to the mask's size`,
    );
  return share(map, (i) => (mask[i] === 0 ? 0 : 1));
}

/**
 * The share, 0 to 1, of a map's mass in the centered rectangle with half of the area; pixels at its rim count by the part inside, so an even map gives 0.5
 * exactly. undefined where the map is zero everywhere. A center prior, for images without boxes or masks: photographers put things in the middle. It is no
 * truth. A network that looks at the object gets a low share where the object is at the side, and one that looks at a centered background a high one.
 */
export function centerMass(map: ArrayLike<number>, size: MapSize): number | undefined {
  check('centerMass', map, size);
  const rows = covered(size.height);
  const columns = covered(size.width);
  return share(map, (i) => rows[Math.floor(i / size.width)] * columns[i % size.width]);
}

/** How much of each of `length` cells lies in the middle √½ of a line. */
function covered(length: number): number[] {
  const begin = (length * (1 - Math.SQRT1_2)) / 2;
  return Array.from({ length }, (_, i) => Math.max(0, Math.min(i + 1, length - begin) - Math.max(i, begin)));
}

function share(map: ArrayLike<number>, weight: (i: number) => number): number | undefined {
  let [all, inside] = [0, 0];
  for (let i = 0; i < map.length; i++) {
    all += map[i];
    inside += map[i] * weight(i);
  }
  return all > 0 ? inside / all : undefined;
}
