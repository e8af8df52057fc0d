// What the fields of nodes are, and how large a graph may be: a graph travels in files, and one with a stride of 0 or 1e308 channels would cost nothing finite.
import * as v from 'valibot';

/** A whole number between two limits. */
export const whole = (least: number, most: number) =>
  v.pipe(
    v.number(),
    v.check(
      (value) => Number.isInteger(value) && value >= least && value <= most,
      `a whole number from ${least} to ${most}`,
    ),
  );

/** Of a node's value. */
export const MOST_CHANNELS = 2 ** 20;
/** Of images, and of windows over them. */
export const MOST_SIDE = 2 ** 16;

export const name = v.pipe(v.string(), v.nonEmpty('a name'));
export const channels = whole(1, MOST_CHANNELS);
export const flag = v.boolean();
/** See Window. */
export const window = { kernel: whole(1, MOST_SIDE), stride: whole(1, MOST_SIDE), padding: whole(0, MOST_SIDE) };
/** Rows and columns of a map. */
export const grid = v.pipe(v.array(whole(1, MOST_SIDE)), v.length(2, 'rows and columns'));
/** A number above 0. */
export const positive = v.pipe(
  v.number(),
  v.check((value) => value > 0 && Number.isFinite(value), 'a number above 0'),
);
