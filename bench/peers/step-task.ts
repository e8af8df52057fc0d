// What the sides of a training step are compared by.
import type { Results, Weights } from './job.ts';

/** What a first step is compared by: its loss, and what it added to each parameter. */
export function firstStep(loss: Float32Array, before: Weights, after: ReadonlyMap<string, Float32Array>): Results {
  const results: Results = new Map([['the loss', loss]]);
  for (const [name, { values }] of before) {
    const changed = after.get(name)!;
    results.set(
      `the update of ${name}`,
      values.map((value, i) => changed[i] - value),
    );
  }
  return results;
}
