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

/**
 * Matches at every threshold: writes what each detection is to `outcomes` [threshold][detection], from `at` on, and returns how many objects there were to find. Crowds and objects of other
 * areas are not measured: what is found of them counts neither for nor against, and neither does a detection of another area that finds nothing. They are taken only where no measured
 * object fits, and crowds as often as they are found.
 */
export function match(
  { truths, areas, overlaps }: Candidates,
  [least, most]: readonly [number, number],
  outcomes: readonly Uint8Array[],
  at: number,
): number {
  const isOutside = (area: number): boolean => area < least || area > most;
  const isIgnored = truths.map(({ area, crowd }) => crowd || isOutside(area));
  const places = [...truths.keys()];
  const measured = places.filter((i) => !isIgnored[i]);
  const others = places.filter((i) => isIgnored[i]);
  const taken = new Set<number>();
  for (const [t, threshold] of THRESHOLDS.entries()) {
    taken.clear();
    const best = (among: readonly number[], overlap: readonly number[]): number => {
      let [found, most] = [-1, threshold];
      for (const i of among)
        if (overlap[i] >= most && (truths[i].crowd || !taken.has(i))) [found, most] = [i, overlap[i]];
      return found;
    };
    for (let i = 0; i < areas.length; i++) {
      let found = best(measured, overlaps[i]);
      if (found < 0) found = best(others, overlaps[i]);
      if (found >= 0) taken.add(found);
      outcomes[t][at + i] = found < 0 ? (isOutside(areas[i]) ? IGNORED : WRONG) : isIgnored[found] ? IGNORED : RIGHT;
    }
  }
  return measured.length;
}
