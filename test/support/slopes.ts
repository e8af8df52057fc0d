// The gradient of an op at single places.
import { backward } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { on } from './gpu.ts';

/** Of an op at each of `at`, for a gradient of 1. */
export async function slopesOf(op: (x: Tensor) => Tensor, at: readonly number[]): Promise<Float32Array> {
  const x = on(at, [at.length]);
  x.requiresGrad = true;
  scope(() =>
    backward(op(x), {
      gradient: on(
        at.map(() => 1),
        [at.length],
      ),
    }),
  );
  return x.grad!.floats();
}
