// Focal loss against float64, on rows short and long (one thread, eight, a workgroup), where it becomes cross-entropy, and on values that go wrong.
import { describe, expect, it } from 'vitest';
import { crossEntropy } from '../../../src/ops/loss/cross-entropy.ts';
import { focalLoss } from '../../../src/ops/loss/focal.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { on } from '../../support/gpu.ts';
import { generator, values, whole } from '../../support/random.ts';

const sizes = [
  [1, 1],
  [5, 3],
  [130, 10],
  [13, 65],
  [9, 100],
  [3, 1000],
].map(([n, c]) => ({ n, c }));

const labelsOf = (n: number, c: number): number[] => {
  const next = generator(n * 1000 + c);
  return Array.from({ length: n }, () => whole(next, 0, c - 1));
};

/** The paper's formula, with a smoothed target, over rows of c logits. */
function reference(x: Float64Array, labels: readonly number[], c: number, gamma: number, smoothing: number): number {
  let total = 0;
  for (const [row, label] of labels.entries()) {
    const logits = x.subarray(row * c, row * c + c);
    const highest = Math.max(...logits);
    const sum = logits.reduce((all, v) => all + Math.exp(v - highest), 0);
    for (const [k, v] of logits.entries()) {
      const logP = v - highest - Math.log(sum);
      const wanted = smoothing / c + (k === label ? 1 - smoothing : 0);
      total -= wanted * (1 - Math.exp(logP)) ** gamma * logP;
    }
  }
  return total / labels.length;
}

describe.each(sizes)('[$n, $c]', ({ n, c }) => {
  it.each([
    [2, 0],
    [2, 0.1],
    [0.5, 0],
    [1, 0],
    [5, 1],
  ])('γ %d, smoothing %d', (gamma, labelSmoothing) => {
    const labels = labelsOf(n, c);
    return checkOp({
      // Logits up to ±10, whose rounding moves an exponential by up to 10 · 6e-8.
      inputs: [{ shape: [n, c], values: values(n + c, n * c).map((v) => v * 10) }],
      op: ([x]) => focalLoss(x, on(labels, [n], 'u32'), { gamma, labelSmoothing }),
      reference: ([x]) => Float64Array.of(reference(x, labels, c, gamma, labelSmoothing)),
    });
  });
});

it('is the formula on numbers that one can check by hand: γ = 2, p = ¾ and ¼', async () => {
  const x = on([Math.log(3), 0, Math.log(3), 0], [2, 2]);
  const loss = await focalLoss(x, on([0, 1], [2], 'u32')).item();
  expect(loss).toBeCloseTo((-(0.25 ** 2) * Math.log(0.75) - 0.75 ** 2 * Math.log(0.25)) / 2, 6);
});

it.each([0, 0.1])('with γ = 0 is cross-entropy, smoothing %d', async (labelSmoothing) => {
  const labels = on(labelsOf(20, 7), [20], 'u32');
  const run = async (loss: (x: Tensor) => Tensor): Promise<{ loss: number; gradient: Float32Array }> => {
    const x = on(
      values(4, 140).map((v) => 6 * v),
      [20, 7],
    );
    x.requiresGrad = true;
    const made = loss(x);
    const value = await made.item();
    scope(() => backward(made));
    return { loss: value, gradient: await x.grad!.floats() };
  };
  const focal = await run((x) => focalLoss(x, labels, { gamma: 0, labelSmoothing }));
  const plain = await run((x) => crossEntropy(x, labels, { labelSmoothing }));
  expect(focal.loss).toBeCloseTo(plain.loss, 5);
  expect(relativeError(focal.gradient, plain.gradient, 1e-2)).toBeLessThan(1e-5);
});

it.each([0, 0.5, 1, 2])('logits of ±1e4 neither overflow nor lose the loss, γ %d', async (gamma) => {
  const x = on([1e4, -1e4, 0, 1e4, -1e4, -1e4], [2, 3]);
  x.requiresGrad = true;
  const loss = focalLoss(x, on([1, 0], [2], 'u32'), { gamma });
  expect(await loss.item()).toBeCloseTo(1e4, 2);
  scope(() => backward(loss));
  // Row 1 is wrong for certain, where the focal loss is cross-entropy's; row 2 is right for certain.
  const expected = [0.5, -0.5, 0, 0, 0, 0];
  expect(relativeError(await x.grad!.floats(), expected)).toBeLessThan(1e-6);
});

it.each([3, 0xffffffff])('label %d of 3 classes makes the loss NaN, and the gradient of its row alone', async (bad) => {
  const x = on(values(1, 6), [2, 3]);
  x.requiresGrad = true;
  const loss = focalLoss(x, on([1, bad], [2], 'u32'));
  scope(() => backward(loss));
  expect([...(await x.grad!.floats())].map(Number.isNaN)).toEqual([false, false, false, true, true, true]);
  expect(await focalLoss(on(values(1, 6), [2, 3]), on([1, bad], [2], 'u32')).item()).toBeNaN();
});

it.each([3, 100, 600])('NaN and infinite logits show in the loss (%d classes)', async (c) => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const x = new Float32Array(2 * c).fill(-1);
    x[c + 1] = bad;
    expect(await focalLoss(on(x, [2, c]), on([0, 0], [2], 'u32')).item()).toBeNaN();
  }
});

it('refuses other shapes, dtypes, smoothings and exponents', () =>
  scope(() => {
    const x = on(values(1, 6), [2, 3]);
    const labels = on([1, 2], [2], 'u32');
    expect(() => focalLoss(x, on([1], [1], 'u32'))).toThrow('focalLoss: logits [2×3] and labels [1]');
    expect(() => focalLoss(x, on([1, 2], [2]))).toThrow('targets are labels, u32 [...], or shares of classes');
    expect(() => focalLoss(x, labels, { labelSmoothing: -1 })).toThrow('labelSmoothing is -1, it must be from 0 to 1');
    expect(() => focalLoss(x, labels, { gamma: -1 })).toThrow('gamma is -1, it must be 0 or more');
    expect(() => focalLoss(x, labels, { gamma: Number.POSITIVE_INFINITY })).toThrow('gamma is Infinity');
  }));
