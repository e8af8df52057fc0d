// Long lists are made in pieces: others get their turn, and people hear how far it is.
import { setImmediate } from 'node:timers/promises';

const EVERY = 4096;
const TOLD = 200_000;

/** To be awaited for each item with the number of those so far. */
export function pause(log: (line: string) => void): (count: number) => Promise<void> | undefined {
  let before = 0;
  let told = 0;
  return (count) => {
    if (count - told >= TOLD) {
      told = count;
      log(`data: listed ${count} images`);
    }
    if (count - before < EVERY) return undefined;
    before = count;
    return setImmediate();
  };
}
