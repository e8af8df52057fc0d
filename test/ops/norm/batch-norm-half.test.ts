// batchNorm on f16 storage against f32: the same values, as f16 holds them.
import { describe, expect, it } from 'vitest';
import { batchNorm } from '../../../src/ops/norm/batch-norm.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { count } from '../../../src/tensor/tensor.ts';
import { relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { asOnGpu, fusions } from '../../support/norm.ts';
import { halfValues, values } from '../../support/random.ts';

describe.skipIf(!gpu.capabilities.f16)('f16 storage', () => {
  async function results(dtype: 'f16' | 'f32', shape: number[], training: boolean, relu: boolean, residual: boolean) {
    const n = count(shape);
    const channels = shape[shape.length - 1];
    const x = on(halfValues(1, n), shape, dtype);
    const other = residual ? on(halfValues(2, n), shape, dtype) : undefined;
    const gamma = on(values(3, channels), [channels]);
    const beta = on(values(4, channels), [channels]);
    const leaves = other ? [x, gamma, beta, other] : [x, gamma, beta];
    for (const leaf of leaves) leaf.requiresGrad = true;
    const running = {
      mean: on(new Float32Array(channels), [channels]),
      variance: on(
        values(5, channels).map((v) => v + 2),
        [channels],
      ),
    };
    const y = batchNorm(x, gamma, beta, { training, running, relu, residual: other });
    expect(y.dtype).toBe(dtype);
    const found = [await y.floats()];
    backward(y, { gradient: on(halfValues(6, n), shape, dtype) });
    for (const leaf of leaves) {
      expect(leaf.grad!.dtype).toBe(leaf.dtype);
      found.push(await leaf.grad!.floats());
    }
    found.push(await running.mean.floats(), await running.variance.floats());
    return found;
  }

  function checkHalf(shape: number[]): void {
    it.each(fusions)('relu $relu, residual $residual', async ({ relu, residual }) => {
      for (const training of [true, false]) {
        const half = await results('f16', shape, training, relu, residual);
        const full = await results('f32', shape, training, relu, residual);
        // Arithmetic is the same: what is stored as f16 differs by its rounding (2⁻¹⁰ toward zero, at worst), what is f32 by the order of
        // operations that compilers choose.
        half.forEach((array, i) => {
          const stored = i === 0 || i === 1 || (residual && i === 4);
          expect(relativeError(array, full[i]), `result ${i}`).toBeLessThan(stored ? 2 ** -10 : 2e-6);
        });
      }
    });
  }

  describe.each(
    [
      [3, 1],
      [13, 7],
      [4, 3, 5, 17],
      [5, 9, 9, 64],
    ].map((shape) => ({ shape })),
  )('$shape', ({ shape }) => checkHalf(shape));
  describe('as on a GPU', () => {
    asOnGpu();
    describe.each(
      [
        [13, 7],
        [5, 9, 9, 64],
      ].map((shape) => ({ shape })),
    )('$shape', ({ shape }) => checkHalf(shape));
  });
});
