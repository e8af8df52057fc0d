// What the sides of a training step share: the network's blocks by their names, and what they are compared by.
import type { Results, Weights } from './comparison.ts';

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

/** The residual blocks of a CIFAR ResNet, told from the names of its parameters; each stage but the first begins with stride 2. */
export function blocksOf(has: (parameter: string) => boolean): { name: string; stride: number }[] {
  const blocks = [];
  for (let stage = 1; has(`layer${stage}.0.conv1.weight`); stage++)
    for (let i = 0; has(`layer${stage}.${i}.conv1.weight`); i++)
      blocks.push({ name: `layer${stage}.${i}`, stride: stage > 1 && i === 0 ? 2 : 1 });
  return blocks;
}
