// The benchmark of fused programs, on a chain that takes no time: fused it is fewer kernels and bytes, and both forms are timed.
import { expect, it } from 'vitest';
import { measure } from '../../bench/fusion/measure.ts';
import { workloads } from '../../bench/fusion/workloads.ts';
import { Gpu } from '../../src/gpu/gpu.ts';
import { add, relu, sigmoid } from '../../src/ops/index.ts';
import { scope, tensor } from '../../src/tensor/index.ts';

it('counts and times both forms', async () => {
  const gpu = await Gpu.open();
  const x = tensor(gpu, [1, 2, 3, 4]);
  const step = (): void => scope(() => void relu(add(sigmoid(x), x)));
  const { apart, fused, ratio } = await measure(gpu, { name: 'chain', prepare: () => step }, 3);
  expect([apart.kernels, fused.kernels]).toEqual([3, 1]);
  expect([apart.bytes, fused.bytes]).toEqual([7 * 16, 2 * 16]);
  expect(ratio).toBeCloseTo(apart.ms / fused.ms);
  expect(workloads.length).toBeGreaterThan(0);
  await gpu.close();
});
