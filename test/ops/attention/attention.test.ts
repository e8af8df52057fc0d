// Attention against float64: every kernel on odd shapes, masks, biases, causal, grouped queries, both layouts and storages; the same bits, and what does not fit.
import { describe, expect, it } from 'vitest';
import { scaledDotProductAttention } from '../../../src/ops/attention/scaled-dot-product-attention.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { empty, type Tensor } from '../../../src/tensor/tensor.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';
import { CASES, check, KERNELS, LARGE, under } from './cases.ts';

describe.each(KERNELS)('%s', (kernel) => {
  it.each(CASES)('$name', (c) => under(kernel, () => check(c)));
  // Every depth and storage is a pipeline of its own, which a software adapter compiles for seconds: those that GPUs have differ in constants alone.
  const large = kernel === 'tiled' ? LARGE.slice(1) : LARGE;
  it.each(large)('$name', (c) => under(kernel, () => check(c, 'f32', 5)));
  it.skipIf(!gpu.capabilities.f16 || kernel === 'tiled')('in f16', () => under(kernel, () => check(CASES[3], 'f16')));
});

it('gives the same bits again', async () => {
  const bits = async (): Promise<string> => {
    const [q, k, v] = [1, 2, 3].map((seed) => on(values(seed, 300 * 32), [1, 300, 32]));
    for (const x of [q, k, v]) x.requiresGrad = true;
    const y = scaledDotProductAttention(q, k, v);
    backward(y, { gradient: on(values(4, 300 * 32), y.shape) });
    return (await Promise.all([y, q.grad!, k.grad!, v.grad!].map((x) => x.floats()))).map(String).join();
  };
  expect(await bits()).toBe(await bits());
});

it('refuses what does not fit, and says why', () => {
  const x = (...shape: number[]): Tensor => empty(gpu, shape, 'x');
  expect(() => scaledDotProductAttention(x(2, 3, 4), x(2, 5, 3), x(2, 5, 4))).toThrow(
    /do not fit: q and k need the same depth/,
  );
  expect(() => scaledDotProductAttention(x(3, 3, 4), x(2, 5, 4), x(2, 5, 4))).toThrow(/so many heads or a multiple/);
  expect(() => scaledDotProductAttention(x(4), x(4), x(4))).toThrow(/must have 2 sides/);
  const [q, k] = [x(2, 3, 4), x(2, 5, 4)];
  expect(() => scaledDotProductAttention(q, k, k, { mask: x(3, 3, 5) })).toThrow(
    /\[3×3×5\] does not broadcast to the scores \[2×3×5\]/,
  );
  expect(() => scaledDotProductAttention(q, k, k, { scale: Number.NaN })).toThrow(/scale is NaN/);
});
