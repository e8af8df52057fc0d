// The order of an epoch on the CPU, place by place that of shaders/data/shuffle.wgsl: what a batch drawn on the GPU was made of.
import { randomWords } from '../../tensor/index.ts';

const STREAM = 0x5f0e7;
const ROUNDS = 8;

/** What comes at each place of an epoch, from 0 to count − 1, by seed and the epoch's number from 0: worked out place by place, so that an order takes no memory. */
export function epochOrder(count: number, seed: number, epoch: number): (place: number) => number {
  const bits = Math.max(32 - Math.clz32(Math.max(count - 1, 1)), 2);
  const low = bits >>> 1;
  const [lowMask, highMask] = [2 ** low - 1, 2 ** (bits - low) - 1];
  const draw = (round: number, half: number): number => randomWords(seed, STREAM, epoch, round * 65536 + half)[0];
  return (place) => {
    let found = place;
    do {
      let [a, b] = [found >>> low, found & lowMask];
      for (let round = 0; round < ROUNDS; round += 2) {
        a = ((a ^ draw(round, b)) & highMask) >>> 0;
        b = ((b ^ draw(round + 1, a)) & lowMask) >>> 0;
      }
      found = a * 2 ** low + b;
    } while (found >= count);
    return found;
  };
}

/** 0 … count − 1 in the order of an epoch, by seed and the epoch's number from 0. */
export function shuffledOrder(count: number, seed: number, epoch: number): Uint32Array {
  const order = epochOrder(count, seed, epoch);
  return Uint32Array.from({ length: count }, (_, place) => order(place));
}
