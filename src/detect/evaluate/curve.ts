// Precision over recall of one category, as COCO reads it off: at 101 recalls, the best precision that is still had there.

import { RIGHT, WRONG } from './match.ts';

/** Recalls at which precision is read: 0, .01, … 1. */
const RECALLS = Array.from({ length: 101 }, (_, i) => i * 0.01);
/** The step from 1 to the next double, without which the first wrong detections of a list would divide by nothing. */
const TINY = Number.EPSILON;

/** Mean precision over the recalls, and the recall that was reached. */
export interface Curve {
  precision: number;
  recall: number;
}

/** The curve of the detections of `order`, best score first, when `objects` (1 or more) were to find. */
export function curveOf(outcomes: Uint8Array, order: Uint32Array, objects: number): Curve {
  let [right, wrong] = [0, 0];
  const precisions = new Float64Array(order.length);
  const recalls = new Float64Array(order.length);
  for (let i = 0; i < order.length; i++) {
    const outcome = outcomes[order[i]];
    if (outcome === RIGHT) right++;
    else if (outcome === WRONG) wrong++;
    precisions[i] = right / (right + wrong + TINY);
    recalls[i] = right / objects;
  }
  for (let i = order.length - 2; i >= 0; i--) precisions[i] = Math.max(precisions[i], precisions[i + 1]);
  let [sum, at] = [0, 0];
  for (const recall of RECALLS) {
    while (at < recalls.length && recalls[at] < recall) at++;
    sum += precisions[at] ?? 0;
  }
  return { precision: sum / RECALLS.length, recall: recalls.at(-1) ?? 0 };
}
