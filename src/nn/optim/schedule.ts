// Learning rates, one for each step, as a table: it is uploaded once and the optimizer's kernel looks its own step up.

/**
 * One rate a step, at least one: linear warm-up to `peak`, then half a cosine down to 0 (Loshchilov and Hutter 2017). `warmup` is a fraction of the steps,
 * default 0.
 */
export function cosine(steps: number, peak: number, warmup = 0): Float32Array {
  const rising = Math.round(steps * warmup);
  return Float32Array.from({ length: Math.max(1, steps) }, (_, i) =>
    i < rising
      ? (peak * (i + 1)) / rising
      : (peak * (1 + Math.cos((Math.PI * (i - rising)) / Math.max(1, steps - rising)))) / 2,
  );
}

/** One rate: the same at every step. */
export const constantRate = (rate: number): Float32Array => Float32Array.of(rate);
