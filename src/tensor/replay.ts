// What a function that runs twice has to do alike: the keys of its random numbers, drawn by the first run and given to the second, and what it does beside its results, which
// it does once.
import { keep } from './scope.ts';
import type { Tensor } from './tensor.ts';

/** Where keys come from. */
type Keys = (draw: () => Tensor) => Tensor;

let keys: Keys = (draw) => draw();
let again = false;

/** A key of random numbers: drawn, or in a second run what the first one drew in this place. Whoever asks releases it. */
export const drawnOnce = (draw: () => Tensor): Tensor => keys(draw);

/** Does a function run for the second time? What moves state then leaves it. */
export const runsAgain = (): boolean => again;

function withKeys<T>(next: Keys, fn: () => T): T {
  const before = keys;
  keys = next;
  try {
    return fn();
  } finally {
    keys = before;
  }
}

/** Runs `fn` and keeps handles on all keys that it draws, which are the caller's. */
export function recordKeys<T>(fn: () => T): { result: T; drawn: Tensor[] } {
  const outer = keys;
  const drawn: Tensor[] = [];
  const note: Keys = (draw) => {
    const key = outer(draw);
    drawn.push(keep(key.alias()));
    return key;
  };
  return { result: withKeys(note, fn), drawn };
}

/** Runs `fn` for the second time, with the keys of the first. */
export function replayKeys<T>(drawn: readonly Tensor[], fn: () => T): T {
  const before = again;
  again = true;
  let at = 0;
  try {
    return withKeys(() => drawn[at++].alias(), fn);
  } finally {
    again = before;
  }
}
