// Average, max and global pooling against float64: overlapping, touching and gapped windows, padding, channels four at a time and one by one.
import { describe, expect, it } from 'vitest';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { avgPool2d } from '../../../src/ops/pool/avg-pool.ts';
import { globalAvgPool } from '../../../src/ops/pool/global-pool.ts';
import type { PoolOptions } from '../../../src/ops/pool/kernels/window.ts';
import { maxPool2d } from '../../../src/ops/pool/max-pool.ts';
import { backward, noGrad } from '../../../src/tensor/autograd.ts';
import { type Tensor, TensorError } from '../../../src/tensor/tensor.ts';
import { checkOp } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

type Kind = 'avg' | 'max';

function pool(kind: Kind, x: Float64Array, shape: number[], options: PoolOptions): Float64Array {
  const [n, h, w, c] = shape;
  const { kernel, stride = kernel, padding = 0 } = options;
  const side = (size: number): number => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const y: number[] = [];
  for (let b = 0; b < n; b++)
    for (let oy = 0; oy < side(h); oy++)
      for (let ox = 0; ox < side(w); ox++)
        for (let k = 0; k < c; k++) {
          const window: number[] = [];
          for (let iy = oy * stride - padding; iy < oy * stride - padding + kernel; iy++)
            for (let ix = ox * stride - padding; ix < ox * stride - padding + kernel; ix++)
              if (iy >= 0 && iy < h && ix >= 0 && ix < w) window.push(x[((b * h + iy) * w + ix) * c + k]);
          y.push(kind === 'max' ? Math.max(...window) : window.reduce((sum, v) => sum + v, 0) / kernel ** 2);
        }
  return Float64Array.from(y);
}

const cases: { shape: number[]; options: PoolOptions }[] = [
  { shape: [2, 4, 6, 4], options: { kernel: 2 } },
  { shape: [1, 7, 5, 3], options: { kernel: 2 } },
  { shape: [2, 7, 13, 5], options: { kernel: 3, stride: 2, padding: 1 } },
  { shape: [1, 13, 7, 8], options: { kernel: 3, stride: 1, padding: 1 } },
  { shape: [2, 7, 7, 1], options: { kernel: 2, stride: 3 } },
  { shape: [1, 2, 2, 17], options: { kernel: 2, stride: 1, padding: 1 } },
  { shape: [3, 1, 1, 7], options: { kernel: 1 } },
];

// Means and sums of gradients are taken in f32 and rounded to f16 once, by 2⁻¹¹; a maximum is one of its inputs.
const ROUNDED = 2 ** -11;

describe.each(cases)('$shape $options', ({ shape, options }) => {
  // The gaps between random values are far above the step of the differences, so no maximum changes hands.
  it('max', () =>
    checkOp({
      inputs: [{ shape }],
      op: ([x]) => maxPool2d(x, options),
      reference: ([x]) => pool('max', x, shape, options),
      tolerance: 0,
    }));
  it('average', () =>
    checkOp({
      inputs: [{ shape }],
      op: ([x]) => avgPool2d(x, options),
      reference: ([x]) => pool('avg', x, shape, options),
    }));
  it.skipIf(!gpu.capabilities.f16).each([
    ['max' as const, maxPool2d, 0],
    ['avg' as const, avgPool2d, ROUNDED],
  ])('%s in f16', (kind, op, tolerance) =>
    checkOp({
      inputs: [{ shape }],
      half: true,
      op: ([x]) => cast(op(cast(x, 'f16'), options), 'f32'),
      reference: ([x]) => pool(kind, x, shape, options),
      tolerance,
      gradientTolerance: ROUNDED,
    }),
  );
});

it('max gives the gradient to the first of equal values and keeps NaN', async () => {
  const x = on([1, 1, 1, 1, 0, 3, 3, 2], [2, 2, 2, 1]);
  x.requiresGrad = true;
  backward(maxPool2d(x, { kernel: 2 }), { gradient: on([5, 7], [2, 1, 1, 1]) });
  expect(await x.grad!.floats()).toEqual(Float32Array.of(5, 0, 0, 0, 0, 7, 0, 0));
  const bad = on([1, Number.NaN, 2, 3], [1, 2, 2, 1]);
  expect(await noGrad(() => maxPool2d(bad, { kernel: 2 })).item()).toBeNaN();
});

describe.each([[[1, 1, 1, 1]], [[3, 4, 4, 8]], [[2, 7, 5, 3]], [[5, 1, 13, 17]], [[2, 13, 13, 4]]])(
  'global %j',
  (shape) => {
    const reference = ([x]: Float64Array[]): Float64Array => {
      const [n, h, w, c] = shape;
      const y = new Float64Array(n * c);
      for (let i = 0; i < x.length; i++) y[Math.floor(i / (h * w * c)) * c + (i % c)] += x[i] / (h * w);
      return y;
    };
    it('average', () => checkOp({ inputs: [{ shape }], op: ([x]) => globalAvgPool(x), reference }));
    it.skipIf(!gpu.capabilities.f16)('average of f16, which is f32', () =>
      checkOp({
        inputs: [{ shape }],
        half: true,
        op: ([x]) => globalAvgPool(cast(x, 'f16')),
        reference,
        gradientTolerance: ROUNDED,
      }),
    );
  },
);

it('names what does not fit', () => {
  const x = on(values(1, 36), [1, 3, 3, 4]);
  expect(() => maxPool2d(x, { kernel: 4 })).toThrow(TensorError);
  expect(() => avgPool2d(x, { kernel: 2, padding: 2 })).toThrow(/padding/);
  expect(() => globalAvgPool(x.alias([9, 4]))).toThrow(/N, H, W, C/);
  const whole = on(new Uint32Array(4), [1, 2, 2, 1], 'u32');
  for (const pool of [globalAvgPool, (of: Tensor) => maxPool2d(of, { kernel: 2 })])
    expect(() => pool(whole)).toThrow('[1×2×2×1] is u32, it must be f32 or f16');
});
