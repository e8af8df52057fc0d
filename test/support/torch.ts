// Between torch's layouts, in which the golden values are, and ours.
import { expect } from 'vitest';
import type { Module } from '../../src/nn/module.ts';
import { loadStateDict, stateDict } from '../../src/nn/state-dict.ts';
import { type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { formulaParameter } from '../golden/formula.ts';
import { type FormulaTensor, formulaTensor, type Named, type Summary, summaryError } from '../golden/golden.ts';
import { gpu } from './gpu.ts';

/** N×C×H×W values as N×H×W×C. */
export function toNhwc(values: ArrayLike<number>, [n, c, h, w]: readonly number[]): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < c; k++)
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++) out[((i * h + y) * w + x) * c + k] = values[((i * c + k) * h + y) * w + x];
  return out;
}

/** N×H×W×C values as N×C×H×W. */
export function toNchw(values: ArrayLike<number>, [n, h, w, c]: readonly number[]): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < c; k++)
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++) out[((i * c + k) * h + y) * w + x] = values[((i * h + y) * w + x) * c + k];
  return out;
}

/** A golden's N×C×H×W input as an N×H×W×C tensor. */
export function input(golden: FormulaTensor): Tensor {
  const [n, c, h, w] = golden.shape;
  return tensor(gpu, toNhwc(formulaTensor(golden), golden.shape), [n, h, w, c], 'input');
}

/** Fills a network's parameters by the golden formula; running statistics stay 0 and 1. `bare` turns our name into the golden's. */
export async function fillByFormula(module: Module, bare = (name: string): string => name): Promise<void> {
  const dict = await stateDict(module);
  for (const [name, state] of dict)
    if (!/running_(mean|var)$/.test(name)) state.data = formulaParameter(bare(name), state.shape);
  loadStateDict(module, dict);
}

/** The gradients of all parameters in torch layout, by name. */
export async function gradientDict(module: Module): Promise<Map<string, Float32Array>> {
  const dict = new Map<string, Float32Array>();
  for (const [name, { shape, grad }] of module.arena.tensors) {
    const values = await grad!.floats();
    dict.set(name, shape.length === 2 || shape.length === 4 ? toTorch(values, shape) : values);
  }
  return dict;
}

function toTorch(values: Float32Array, shape: readonly number[]): Float32Array {
  const [kernel, a, b] = shape.length === 4 ? [shape[0] * shape[1], shape[2], shape[3]] : [1, shape[0], shape[1]];
  const out = new Float32Array(values.length);
  for (let k = 0; k < kernel; k++)
    for (let i = 0; i < a; i++) for (let o = 0; o < b; o++) out[(o * a + i) * kernel + k] = values[(k * a + i) * b + o];
  return out;
}

/** Compares tensors by name with golden summaries; the tolerance is `factor` times the error of torch's own float32 run, but never above `most`. */
export function expectSummaries(
  goldens: Named<Summary>,
  actual: (name: string) => ArrayLike<number>,
  factor: number,
  floor = 1e-6,
  most = Number.POSITIVE_INFINITY,
): void {
  const worst: string[] = [];
  for (const [name, golden] of Object.entries(goldens)) {
    const error = summaryError(name, golden, actual(name));
    if (!(error <= Math.min(most, Math.max(floor, factor * golden.f32))))
      worst.push(`${name}: ${error.toExponential(2)} (torch in f32: ${golden.f32})`);
  }
  expect(worst).toEqual([]);
}
