// Softmax, cross-entropy and hits against float64, on rows short and long (one thread, eight, a workgroup), and on values that go wrong.
import { describe, expect, it } from 'vitest';
import { countCorrect } from '../../../src/ops/loss/count-correct.ts';
import { crossEntropy } from '../../../src/ops/loss/cross-entropy.ts';
import { softmax } from '../../../src/ops/reduce/softmax.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { on } from '../../support/gpu.ts';
import { generator, values, whole } from '../../support/random.ts';

const sizes = [
  [1, 1],
  [5, 3],
  [130, 10],
  [7, 17],
  [13, 33],
  [9, 100],
  [3, 1000],
].map(([n, c]) => ({ n, c }));

const rowsOf = (x: Float64Array, c: number): Float64Array[] =>
  Array.from({ length: x.length / c }, (_, i) => x.slice(i * c, i * c + c));
const softmaxOf = (row: Float64Array): Float64Array => {
  const highest = Math.max(...row);
  const total = row.reduce((sum, v) => sum + Math.exp(v - highest), 0);
  return row.map((v) => Math.exp(v - highest) / total);
};
const labelsOf = (n: number, c: number): number[] => {
  const next = generator(n * 1000 + c);
  return Array.from({ length: n }, () => whole(next, 0, c - 1));
};

describe.each(sizes)('[$n, $c]', ({ n, c }) => {
  // Logits up to ±10, whose rounding moves an exponential by up to 10 · 6e-8.
  const spread = (): Float32Array => values(n + c, n * c).map((v) => v * 10);

  it('softmax', () =>
    checkOp({
      inputs: [{ shape: [n, c], values: spread() }],
      op: ([x]) => softmax(x),
      reference: ([x]) => Float64Array.from(rowsOf(x, c).flatMap((row) => [...softmaxOf(row)])),
    }));

  it.each([0, 0.1, 1])('crossEntropy, smoothing %d', (labelSmoothing) => {
    const labels = labelsOf(n, c);
    return checkOp({
      inputs: [{ shape: [n, c], values: spread() }],
      op: ([x]) => crossEntropy(x, on(labels, [n], 'u32'), { labelSmoothing }),
      reference: ([x]) => {
        const losses = rowsOf(x, c).map((row, i) =>
          [...softmaxOf(row)].reduce((sum, p, k) => {
            const wanted = labelSmoothing / c + (k === labels[i] ? 1 - labelSmoothing : 0);
            return sum - wanted * Math.log(p);
          }, 0),
        );
        return Float64Array.of(losses.reduce((sum, loss) => sum + loss, 0) / n);
      },
    });
  });

  it('countCorrect', async () => {
    const x = values(n * 7 + c, n * c).map((v) => Math.round(v * 4)); // many ties
    const labels = labelsOf(n, c);
    const expected = rowsOf(Float64Array.from(x), c).filter((row, i) => row.indexOf(Math.max(...row)) === labels[i]);
    expect(await countCorrect(on(x, [n, c]), on(labels, [n], 'u32')).item()).toBe(expected.length);
  });
});

describe('extremes', () => {
  it('softmax of a middle axis of rank 4 is that of its last', () =>
    checkOp({
      inputs: [{ shape: [2, 3, 2, 5] }],
      op: ([x]) => softmax(x),
      reference: ([x]) => Float64Array.from(rowsOf(x, 5).flatMap((row) => [...softmaxOf(row)])),
    }));

  it('logits of ±1e4 neither overflow nor lose the loss', async () => {
    const x = on([1e4, -1e4, 0, -1e4, -1e4, -1e4], [2, 3]);
    x.requiresGrad = true;
    const loss = crossEntropy(x, on([1, 2], [2], 'u32'));
    expect(await loss.item()).toBeCloseTo((2e4 + Math.log(3)) / 2, 2);
    backward(loss);
    const expected = [0.5, -0.5, 0, 1 / 6, 1 / 6, -1 / 3];
    expect(relativeError(await x.grad!.floats(), expected)).toBeLessThan(2e-7);
  });

  it.each([3, 0xffffffff])(
    'label %d of 3 classes makes the loss NaN, and the gradient of its row alone',
    async (bad) => {
      const x = on(values(1, 6), [2, 3]);
      x.requiresGrad = true;
      const loss = crossEntropy(x, on([1, bad], [2], 'u32'));
      backward(loss);
      expect(await loss.item()).toBeNaN();
      expect([...(await x.grad!.floats())].map(Number.isNaN)).toEqual([false, false, false, true, true, true]);
      expect(await countCorrect(on([0, 0, 1, 0, 0, 1], [2, 3]), on([2, bad], [2], 'u32')).item()).toBe(1);
    },
  );

  it.each([3, 40, 600])(
    'NaN and infinite logits show in the loss, and a row with NaN is no hit (%d classes)',
    async (c) => {
      const x = new Float32Array(3 * c).fill(-1);
      x[0] = x[c] = x[2 * c] = 1;
      x[c + 2] = Number.NaN;
      const labels = on([0, 0, 0], [3], 'u32');
      expect(await crossEntropy(on(x, [3, c]), labels).item()).toBeNaN();
      expect(await countCorrect(on(x, [3, c]), labels).item()).toBe(2);
      x[c + 2] = 0;
      x[c] = Number.POSITIVE_INFINITY;
      expect(await crossEntropy(on(x, [3, c]), labels).item()).toBeNaN();
      expect(await countCorrect(on(x, [3, c]), labels).item()).toBe(3);
    },
  );
});

it('refuses other shapes, dtypes and smoothings', () =>
  scope(() => {
    const x = on(values(1, 6), [2, 3]);
    expect(() => crossEntropy(x, on([1], [1], 'u32'))).toThrow(
      'logits [2×3] and labels [1]; they must be [...×C] and [...]',
    );
    expect(() => crossEntropy(x, on([1, 2], [2]))).toThrow('targets are labels, u32 [...], or shares of classes');
    expect(() => countCorrect(on(values(1, 6), [6]), on([1, 2], [2], 'u32'))).toThrow('countCorrect: logits [6]');
    expect(() => crossEntropy(x, on([1, 2], [2], 'u32'), { labelSmoothing: 1.5 })).toThrow('from 0 to 1');
  }));
