// What both sides of the training step are given, and what they are compared by.
import type { Shape } from 'astrogpu/tensor';
import type { Results } from './job.ts';

export interface StepTask {
  images: Float32Array;
  shape: Shape;
  labels: Uint32Array;
  classes: number;
  rate: number;
  momentum: number;
}

export type Weights = Map<string, { shape: Shape; values: Float32Array }>;

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
