// Which detections of one category on one image are right, by COCO's rules: the best score chooses first, and takes the object that it covers best among those still free.

/** The overlaps at which a detection counts as right: .50, .55, … .95. */
export const THRESHOLDS: readonly number[] = Array.from({ length: 10 }, (_, i) =>
  i < 9 ? 0.5 + i * ((0.95 - 0.5) / 9) : 0.95,
);

/** Areas of objects that are measured apart, in pixels, both ends belonging to each. */
export const AREAS = {
  all: [0, 1e10],
  small: [0, 32 ** 2],
  medium: [32 ** 2, 96 ** 2],
  large: [96 ** 2, 1e10],
} as const;

/** What a detection is at one threshold: wrong, right, or of nothing that is measured. */
export const WRONG = 0;
export const RIGHT = 1;
export const IGNORED = 2;

/** A true object. */
export interface Truth {
  area: number;
  crowd: boolean;
}

/** One image's detections of a category, best first, and its objects. */
export interface Candidates {
  truths: readonly Truth[];
  /** Of each detection. */
  areas: readonly number[];
  /** [detection][truth] */
  overlaps: readonly (readonly number[])[];
}

/** What detections are, and how many objects there were to find. */
export interface Matches {
  objects: number;
  /** [threshold][detection] */
  outcomes: Uint8Array[];
}

/**
 * Matches at every threshold. Crowds and objects of other areas are not measured: what is found of them counts neither for nor against, and neither does a detection of another area that
 * finds nothing. They are taken only where no measured object fits, and crowds as often as they are found.
 */
export function match({ truths, areas, overlaps }: Candidates, [least, most]: readonly [number, number]): Matches {
  const isOutside = (area: number): boolean => area < least || area > most;
  const isIgnored = truths.map(({ area, crowd }) => crowd || isOutside(area));
  const measured = [...truths.keys()].filter((i) => !isIgnored[i]);
  const others = [...truths.keys()].filter((i) => isIgnored[i]);
  const outcomes = THRESHOLDS.map((threshold) => {
    const taken = new Uint8Array(truths.length);
    const best = (among: readonly number[], overlap: readonly number[]): number => {
      let [found, most] = [-1, threshold];
      for (const i of among) if (overlap[i] >= most && (!taken[i] || truths[i].crowd)) [found, most] = [i, overlap[i]];
      return found;
    };
    return Uint8Array.from(overlaps, (overlap, detection) => {
      let found = best(measured, overlap);
      if (found < 0) found = best(others, overlap);
      if (found < 0) return isOutside(areas[detection]) ? IGNORED : WRONG;
      taken[found] = 1;
      return isIgnored[found] ? IGNORED : RIGHT;
    });
  });
  return { objects: measured.length, outcomes };
}
