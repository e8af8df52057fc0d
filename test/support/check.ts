// The two checks every op passes: its values against a float64 reference, and its gradients against central differences of that reference.
import { expect } from 'vitest';
import { backward } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { count, type Shape, type Tensor } from '../../src/tensor/tensor.ts';
import { gpu, on } from './gpu.ts';
import { generator, halfValues, values } from './random.ts';

export interface Input {
  shape: Shape;
  /** Default: uniform in [−1, 1). */
  values?: Float32Array;
  /** Default true. */
  gradient?: boolean;
}

export interface OpCheck {
  inputs: Input[];
  op: (inputs: Tensor[]) => Tensor;
  /** The same function in float64 on flat arrays. */
  reference: (inputs: Float64Array[]) => Float64Array;
  /** Largest error allowed, relative to the largest magnitude of the reference (at least 1). Default 2e-6: f32 has 6e-8 and short sums lose little. */
  tolerance?: number;
  /** The same for gradients. Default 1e-4: central differences with h = 1e-4 in float64 err by about 1e-8, f32 sums dominate. */
  gradientTolerance?: number;
  /** Gradient entries compared per input. Default 24. */
  samples?: number;
  seed?: number;
  /** Draws inputs and the gradient of the result from what f16 holds exactly, so that only what the op rounds is off. */
  half?: boolean;
}

/** Largest |actual − expected|, relative to the largest |expected| (at least `floor`); NaN counts as infinite. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>, floor = 1): number {
  expect(actual.length).toBe(expected.length);
  let largest = floor;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const gap = Math.abs(actual[i] - expected[i]);
    worst = gap <= worst ? worst : Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap;
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return worst / largest;
}

/** ‖actual − expected‖ / ‖expected‖. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let [gap, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    gap += (actual[i] - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  expect(size).toBeGreaterThan(0);
  return Math.sqrt(gap / size);
}

/** Runs an op on the GPU, forward and backward, and compares both with the float64 reference. */
export async function checkOp({
  inputs,
  op,
  reference,
  tolerance = 2e-6,
  gradientTolerance = 1e-4,
  samples = 24,
  seed = 1,
  half = false,
}: OpCheck): Promise<void> {
  const draw = half ? halfValues : values;
  const data = inputs.map((input, i) => input.values ?? draw(seed * 101 + i, count(input.shape)));
  const tensors = inputs.map(({ shape, gradient = true }, i) => {
    const made = on(data[i], shape);
    made.requiresGrad = gradient;
    return made;
  });
  const exact = data.map((array) => Float64Array.from(array));
  const expected = reference(exact);
  const output = op(tensors);
  expect(relativeError(await output.floats(), expected)).toBeLessThanOrEqual(tolerance);
  if (!tensors.some((tensor) => tensor.requiresGrad)) return;

  const upstream = draw(seed * 103 + 57, output.size);
  scope(() => backward(output, { gradient: on(upstream, output.shape) }));
  for (const [i, made] of tensors.entries()) {
    if (!made.requiresGrad) continue;
    const actual = await made.grad!.floats();
    const next = generator(seed * 7 + i);
    const every = actual.length <= samples;
    const places = Array.from({ length: Math.min(samples, actual.length) }, (_, k) =>
      every ? k : Math.floor(next() * actual.length),
    );
    const numeric = places.map((at) => {
      const h = 1e-4;
      const dot = (shift: number): number => {
        const moved = [...exact];
        moved[i] = exact[i].slice();
        moved[i][at] += shift;
        return reference(moved).reduce((sum, value, k) => sum + value * upstream[k], 0);
      };
      return (dot(h) - dot(-h)) / (2 * h);
    });
    expect(
      relativeError(
        places.map((at) => actual[at]),
        numeric,
      ),
      `gradient of input ${i}`,
    ).toBeLessThanOrEqual(gradientTolerance);
    expect(actual.every(Number.isFinite), `gradient of input ${i} is finite everywhere`).toBe(true);
    made.grad!.release();
  }
  for (const made of tensors) made.release();
  output.release();
  await gpu.idle();
}
