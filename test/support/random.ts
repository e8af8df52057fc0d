// Seeded values and shapes for tests, so that a failure repeats.

/** A generator of uniform numbers in [0, 1). */
export function generator(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Float32 values, uniform in [−1, 1). */
export function values(seed: number, length: number): Float32Array {
  const next = generator(seed);
  return Float32Array.from({ length }, () => next() * 2 - 1);
}

/** Values in [−1, 1) that f16 holds exactly. */
export const halfValues = (seed: number, length: number): Float32Array =>
  values(seed, length).map((value) => Math.floor(value * 1024) / 1024);

/** A whole number from `low` to `high`, both included. */
export const whole = (next: () => number, low: number, high: number): number =>
  low + Math.floor(next() * (high - low + 1));
