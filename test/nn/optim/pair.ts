// A module with a weight and a bias whose gradients a test sets, and ten steps of an optimizer on it. Numbers are those that Python makes alike.
import { Module, ModuleBuffer, Parameter } from '../../../src/nn/module.ts';
import type { Optimizer } from '../../../src/nn/optim/optimizer.ts';
import { gpu } from '../../support/gpu.ts';

/** Numbers that Python makes alike. */
export const wave = (name: string, n: number): Float32Array => {
  const code = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  return Float32Array.from({ length: n }, (_, i) => Math.sin(1.7 * i + name.length * 0.37 + code * 0.11));
};

export class Pair extends Module {
  readonly weight = new Parameter([2, 3], (n) => wave('w', n));
  readonly bias = new Parameter([2], (n) => wave('b', n));
  readonly seen = new ModuleBuffer([2], (n) => wave('s', n));
}

/** As gradients of step `s`, with NaN where no gradient lies. */
export function setGradients({ arena, weight, bias }: Pair, s: number, factor = 1): void {
  arena.gradients.set(new Float32Array(arena.gradients.size).fill(Number.NaN));
  weight.tensor.grad!.set(wave(`w${s}`, 6).map((g) => g * factor));
  bias.tensor.grad!.set(wave(`b${s}`, 2).map((g) => g * factor));
}

export const weightsOf = async ({ weight, bias }: Pair): Promise<number[]> => [
  ...(await weight.tensor.floats()),
  ...(await bias.tensor.floats()),
];

export async function tenSteps(make: (pair: Pair) => Optimizer, factor = 1): Promise<number[]> {
  const pair = new Pair().to(gpu, 1);
  const optimizer = make(pair);
  for (let s = 0; s < 10; s++) {
    setGradients(pair, s, factor);
    optimizer.step();
  }
  const result = await weightsOf(pair);
  for (const part of [optimizer, pair]) part.release();
  return result;
}

// Ten steps, each of which rounds weights and moments a few times; see TOLERANCE of optim.test.ts.
export const TOLERANCE = 2e-6;
