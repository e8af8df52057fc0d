// COCO's twelve numbers of a category's detections on all images, and their means over categories.
import { type Curve, curveOf } from './curve.ts';
import { AREAS, type Candidates, match, THRESHOLDS } from './match.ts';

/** COCO's twelve numbers, 0 to 1; −1 where there was nothing to find. */
export interface Scores {
  /** Mean precision over recalls and overlaps .50 to .95. */
  ap: number;
  /** At the overlap .50, and at .75. */
  ap50: number;
  ap75: number;
  /** Of objects below 32² pixels, between, and above 96². */
  apSmall: number;
  apMedium: number;
  apLarge: number;
  /** Mean recall over overlaps, with 1, 10 and 100 detections an image. */
  ar1: number;
  ar10: number;
  ar100: number;
  /** By size, with 100. */
  arSmall: number;
  arMedium: number;
  arLarge: number;
}

/** A category on one image, with the scores of its detections, best first. */
export interface Scored extends Candidates {
  scores: readonly number[];
}

/** What there is no number of. */
const UNDEFINED = -1;
/** The place of .75 among the overlaps; .50 is the first. */
const AT_75 = 5;

const mean = (values: readonly number[]): number =>
  values.length === 0 ? UNDEFINED : values.reduce((sum, value) => sum + value, 0) / values.length;

/** The numbers of one category. */
export function scoresOf(images: readonly Scored[]): Scores {
  // All detections of the category one after the other, image by image, and the order of their scores.
  const scores = images.flatMap(({ scores }) => scores);
  const ranks = images.flatMap(({ scores }) => [...scores.keys()]);
  const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
  const best = (most: number): Uint32Array => Uint32Array.from(order.filter((i) => ranks[i] < most));

  const outcomes = THRESHOLDS.map(() => new Uint8Array(scores.length));
  const curves = (area: keyof typeof AREAS, ...mosts: readonly number[]): Curve[][] => {
    let [at, objects] = [0, 0];
    for (const image of images) {
      objects += match(image, AREAS[area], outcomes, at);
      at += image.scores.length;
    }
    if (objects === 0) return mosts.map(() => []);
    return mosts.map(best).map((order) => outcomes.map((outcomes) => curveOf(outcomes, order, objects)));
  };
  const ap = (curves: readonly Curve[]): number => mean(curves.map(({ precision }) => precision));
  const ar = (curves: readonly Curve[]): number => mean(curves.map(({ recall }) => recall));
  const [all, ten, one] = curves('all', 100, 10, 1);
  const [[small], [medium], [large]] = (['small', 'medium', 'large'] as const).map((area) => curves(area, 100));
  return {
    ap: ap(all),
    ap50: all[0]?.precision ?? UNDEFINED,
    ap75: all[AT_75]?.precision ?? UNDEFINED,
    apSmall: ap(small),
    apMedium: ap(medium),
    apLarge: ap(large),
    ar1: ar(one),
    ar10: ar(ten),
    ar100: ar(all),
    arSmall: ar(small),
    arMedium: ar(medium),
    arLarge: ar(large),
  };
}

/** Of each number the mean over the categories that have it. */
export function meanScores(categories: readonly Scores[]): Scores {
  const over = (name: keyof Scores): number =>
    mean(categories.map((scores) => scores[name]).filter((value) => value !== UNDEFINED));
  return {
    ap: over('ap'),
    ap50: over('ap50'),
    ap75: over('ap75'),
    apSmall: over('apSmall'),
    apMedium: over('apMedium'),
    apLarge: over('apLarge'),
    ar1: over('ar1'),
    ar10: over('ar10'),
    ar100: over('ar100'),
    arSmall: over('arSmall'),
    arMedium: over('arMedium'),
    arLarge: over('arLarge'),
  };
}
