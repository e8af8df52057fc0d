// Where a detector's training stands: what a checkpoint keeps beside tensors.
import * as v from 'valibot';
import { savedCount as count, savedNumber as number } from '../../train/index.ts';
import type { Scores } from '../evaluate/scores.ts';

/** What an evaluation found. */
export interface Evaluation {
  /** Iterations that were done. */
  step: number;
  /** COCO's twelve numbers; of masks where the objects have some. */
  box: Scores;
  mask?: Scores;
  /** Those of the same boxes as masks, filled. */
  filledBoxes?: Scores;
  /** The share of pixels where masks differ from their filled boxes. */
  unlikeBoxes: number;
}

/** COCO's twelve numbers, with the names that papers have for them. */
export const COCO_NUMBERS: Record<keyof Scores, string> = {
  ap: 'AP',
  ap50: 'AP50',
  ap75: 'AP75',
  apSmall: 'APs',
  apMedium: 'APm',
  apLarge: 'APl',
  ar1: 'AR1',
  ar10: 'AR10',
  ar100: 'AR100',
  arSmall: 'ARs',
  arMedium: 'ARm',
  arLarge: 'ARl',
};

const KEYS = Object.keys(COCO_NUMBERS) as (keyof Scores)[];

/** The numbers as columns of a row of metrics: `boxAP50`. */
export const columnsOf = ({ box, mask }: Pick<Evaluation, 'box' | 'mask'>): Record<string, number> =>
  Object.fromEntries(
    Object.entries({ box, mask }).flatMap(([kind, scores]) =>
      scores ? KEYS.map((key) => [`${kind}${COCO_NUMBERS[key]}`, scores[key]]) : [],
    ),
  );

/** What a checkpoint says of its job. */
export interface DetectorState {
  /** Iterations done. */
  step: number;
  /** Seconds spent on them, those before a resumption among them. */
  seconds: number;
  evaluations: Evaluation[];
}

/** COCO's twelve numbers as a file has them, alone. */
export const SCORES = v.object(
  Object.fromEntries(KEYS.map((key) => [key, number])) as Record<keyof Scores, typeof number>,
);

/** As a file has it. */
export const DETECTOR_STATE = v.looseObject({
  step: count,
  seconds: number,
  evaluations: v.array(
    v.looseObject({
      step: count,
      box: SCORES,
      mask: v.exactOptional(SCORES),
      filledBoxes: v.exactOptional(SCORES),
      unlikeBoxes: number,
    }),
  ),
});
