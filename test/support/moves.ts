// The check of ops that only move words: each value of the result is that of some place of the input, bit for bit and in every dtype; backward adds up what came from
// a place, there.
import { expect } from 'vitest';
import { cast } from '../../src/ops/elementwise/cast.ts';
import { backward } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { count, type Shape, type Tensor } from '../../src/tensor/tensor.ts';
import { everyIndex } from './arrays.ts';
import { relativeError } from './check.ts';
import { gpu, on } from './gpu.ts';
import { halfValues } from './random.ts';

export interface MoveCheck {
  shape: Shape;
  op: (x: Tensor) => Tensor;
  result: Shape;
  /** Where the value at a place of the result is from; nothing for what comes from nowhere. */
  source: (at: number[]) => readonly number[] | undefined;
  /** What comes from nowhere is. Default 0. */
  fill?: number;
}

const flatOf = (shape: Shape, at: readonly number[]): number => shape.reduce((flat, n, i) => flat * n + at[i], 0);

/** Runs the op in u32, f32 and, where the adapter has it, f16, forward and backward. */
export async function checkMove({ shape, op, result, source, fill = 0 }: MoveCheck): Promise<void> {
  const from: number[] = [];
  everyIndex(result, (at) => {
    const there = source(at);
    from.push(there ? flatOf(shape, there) : -1);
  });
  const expected = (values: ArrayLike<number>): number[] => from.map((i) => (i < 0 ? fill : values[i]));
  const size = count(shape);
  const words = Uint32Array.from({ length: size }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
  const moved = op(on(words, shape, 'u32'));
  expect(moved.shape).toEqual(result);
  expect([...(await moved.data())], 'u32').toEqual(expected(words));
  const values = halfValues(size, size);
  const dy = halfValues(size + 1, from.length);
  const sums = new Float64Array(size);
  from.forEach((i, k) => {
    if (i >= 0) sums[i] += dy[k];
  });
  for (const dtype of gpu.capabilities.f16 ? (['f32', 'f16'] as const) : (['f32'] as const)) {
    const make = (data: Float32Array, sides: Shape): Tensor => {
      const made = on(data, sides);
      return dtype === 'f16' ? cast(made, 'f16') : made;
    };
    const x = make(values, shape);
    x.requiresGrad = true;
    const y = op(x);
    expect(y.dtype).toBe(dtype);
    expect([...(await y.floats())], dtype).toEqual(expected(values));
    scope(() => backward(y, { gradient: make(dy, result) }));
    const error = relativeError(await x.grad!.floats(), sums);
    expect(error, `gradient in ${dtype}`).toBeLessThanOrEqual(dtype === 'f16' ? 1e-3 : 1e-6);
    for (const each of [x, x.grad!, y]) each.release();
  }
}
