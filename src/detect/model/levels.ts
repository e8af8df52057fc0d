// The levels of the feature pyramid: where they lie in outputs that have all locations one behind the other, and which objects are theirs.

/** Strides of P3 to P7. */
export const STRIDES = [8, 16, 32, 64, 128] as const;

/** Longest side (from the center to an edge of the box, in pixels) of the objects of each level but the last (Tian et al. 2019). */
const SIZES_OF_INTEREST = [64, 128, 256, 512] as const;

/** One level of the pyramid, for images of one size. */
export interface FeatureLevel {
  height: number;
  width: number;
  /** Pixels of the image from one location to the next; the first one is in the middle of its pixels. */
  stride: number;
  /** Objects whose largest distance from a location to an edge is within these are the level's. */
  from: number;
  to: number;
  /** The place of its first location among those of all levels. */
  first: number;
}

/** The levels of maps of these heights and widths, P3 first. */
export function featureLevels(extents: readonly (readonly [height: number, width: number])[]): FeatureLevel[] {
  let first = 0;
  return extents.map(([height, width], i) => {
    const level = {
      ...{ height, width, stride: STRIDES[i], first },
      from: i === 0 ? 0 : SIZES_OF_INTEREST[i - 1],
      to: SIZES_OF_INTEREST[i] ?? Number.POSITIVE_INFINITY,
    };
    first += height * width;
    return level;
  });
}
