// Numbers as the files of a run have them: what a checkpoint says of its job, and what the page of a finished run is made from.
import * as v from 'valibot';

/** A number; JSON has null for what is none. */
export const savedNumber = v.union(
  [
    v.number(),
    v.pipe(
      v.null(),
      v.transform(() => Number.NaN),
    ),
  ],
  'a number',
);

/** A whole number from 0 on. */
export const savedCount = v.pipe(
  v.number(),
  v.safeInteger('a whole number'),
  v.minValue(0, 'a whole number from 0 on'),
);
