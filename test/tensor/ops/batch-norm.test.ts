// batchNorm against float64: all shapes of walk (four at a time or not, channels that are no multiple of four, few and many rows), both
// modes, the fused rectifier, running statistics as torch updates them, and data whose mean is far larger than its spread.
import { describe, expect, it } from 'vitest';
import { backward, count, noGrad, TensorError } from '../../../src/tensor/index.ts';
import { batchNorm } from '../../../src/tensor/ops/batch-norm.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

const EPS = 1e-5;

function moments(x: ArrayLike<number>, channels: number): { mean: Float64Array; variance: Float64Array } {
  const n = x.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  for (let i = 0; i < x.length; i++) mean[i % channels] += x[i] / n;
  for (let i = 0; i < x.length; i++) variance[i % channels] += (x[i] - mean[i % channels]) ** 2 / n;
  return { mean, variance };
}

interface Mode {
  relu: boolean;
  /** Fixed statistics. */
  mean?: ArrayLike<number>;
  variance?: ArrayLike<number>;
}

/** The op in float64. Which outputs the rectifier lets through is settled by the first call: differences across its kink are no derivative. */
function referenceOf({ relu, mean, variance }: Mode): (inputs: Float64Array[]) => Float64Array {
  let open: boolean[] | undefined;
  return ([x, gamma, beta]) => {
    const channels = gamma.length;
    const own = mean && variance ? { mean, variance } : moments(x, channels);
    const y = x.map((v, i) => {
      const c = i % channels;
      return ((v - own.mean[c]) / Math.sqrt(own.variance[c] + EPS)) * gamma[c] + beta[c];
    });
    open ??= Array.from(y, (v) => !relu || v > 0);
    return y.map((v, i) => (open![i] ? v : 0));
  };
}

const shapes = [
  [2, 3],
  [3, 1],
  [13, 7],
  [2, 1, 7, 5],
  [4, 3, 5, 17],
  [2, 13, 7, 6],
  [16, 512],
  [5, 9, 9, 64],
  [2, 64, 64, 1],
];

describe.each(shapes.map((shape) => ({ shape })))('$shape', ({ shape }) => {
  const channels = shape[shape.length - 1];
  const seed = count(shape);
  const inputs = [{ shape }, { shape: [channels] }, { shape: [channels] }];
  // Results are up to a few deviations; the sums below them are short (two levels of at most 64), so 1e-5 is some ten roundings. Where only
  // two or three values make a variance, 1 / deviation magnifies the gradient's roundings.
  const tolerance = 1e-5;

  it.each([false, true])('training, relu %s', (relu) =>
    checkOp({
      inputs,
      seed,
      tolerance,
      samples: 12,
      op: ([x, gamma, beta]) => batchNorm(x, gamma, beta, { training: true, relu }),
      reference: referenceOf({ relu }),
    }),
  );

  it.each([false, true])('fixed statistics, relu %s', (relu) => {
    const mean = values(seed + 1, channels);
    const variance = values(seed + 2, channels).map((v) => 0.1 + Math.abs(v));
    const running = { mean: on(mean, [channels]), variance: on(variance, [channels]) };
    return checkOp({
      inputs,
      seed,
      tolerance,
      samples: 12,
      op: ([x, gamma, beta]) => batchNorm(x, gamma, beta, { training: false, running, relu }),
      reference: referenceOf({ relu, mean, variance }),
    });
  });
});

it('differentiates in x alone, in both modes', async () => {
  const shape = [5, 7];
  const running = { mean: on(values(1, 7), [7]), variance: on(new Float32Array(7).fill(2), [7]) };
  for (const training of [true, false])
    await checkOp({
      inputs: [{ shape }, { shape: [7], gradient: false }, { shape: [7], gradient: false }],
      tolerance: 1e-5,
      op: ([x, gamma, beta]) => batchNorm(x, gamma, beta, { training, running: training ? undefined : running }),
      reference: referenceOf(
        training ? { relu: false } : { relu: false, mean: values(1, 7), variance: Array(7).fill(2) },
      ),
    });
});

it('differentiates in beta alone', () =>
  checkOp({
    inputs: [{ shape: [9, 4], gradient: false }, { shape: [4], gradient: false }, { shape: [4] }],
    tolerance: 1e-5,
    op: ([x, gamma, beta]) => batchNorm(x, gamma, beta, { training: true, relu: true }),
    reference: referenceOf({ relu: true }),
  }));

it('adds gradients up when asked to', async () => {
  const x = on(values(1, 24), [6, 4]);
  const gamma = on(values(2, 4), [4]);
  gamma.requiresGrad = true;
  const beta = on(values(3, 4), [4]);
  const step = (): void => {
    const y = batchNorm(x, gamma, beta, { training: true });
    backward(y, { gradient: on(values(4, 24), [6, 4]), accumulate: true });
  };
  step();
  const once = await gamma.grad!.floats();
  step();
  expect(
    relativeError(
      await gamma.grad!.floats(),
      once.map((v) => 2 * v),
    ),
  ).toBeLessThan(1e-6);
});

it('updates running statistics with the unbiased variance', async () => {
  const [n, channels] = [30, 5];
  const data = values(9, n * channels);
  const running = {
    mean: on([1, 2, 3, 4, 5], [5]),
    variance: on([5, 4, 3, 2, 1], [5]),
    momentum: 0.25,
  };
  const one = on(new Float32Array(channels).fill(1), [channels]);
  noGrad(() => batchNorm(on(data, [n, channels]), one, one, { training: true, running }));
  const { mean, variance } = moments(data, channels);
  const expectedMean = mean.map((m, c) => 0.75 * (c + 1) + 0.25 * m);
  const expectedVariance = variance.map((v, c) => 0.75 * (5 - c) + (0.25 * v * n) / (n - 1));
  expect(relativeError(await running.mean.floats(), expectedMean)).toBeLessThan(2e-7);
  expect(relativeError(await running.variance.floats(), expectedVariance)).toBeLessThan(2e-7);
});

describe('accuracy', () => {
  // The mean rounds to f32, which moves every result by up to 3.8e-6 / 0.1; the deviation from sums that lost nothing adds less.
  it.each([4, 5, 16])('mean 100, deviation 0.1, %i channels', async (channels) => {
    const data = values(5, 6000 * channels).map((v) => Math.fround(100 + v * 0.1 * Math.sqrt(3)));
    const x = on(data, [6000, channels]);
    const one = new Float32Array(channels).fill(1);
    const y = noGrad(() =>
      batchNorm(x, on(one, [channels]), on(new Float32Array(channels), [channels]), { training: true }),
    );
    const expected = referenceOf({ relu: false })([
      Float64Array.from(data),
      Float64Array.from(one),
      new Float64Array(channels),
    ]);
    expect(relativeError(await y.floats(), expected)).toBeLessThan(5e-5);
  });

  it('an outlier in the first row does not spoil the variance', async () => {
    const data = values(6, 40_000 * 4).map((v) => Math.fround(50 + v));
    data[0] = -1000;
    const running = { mean: on([0, 0, 0, 0], [4]), variance: on([0, 0, 0, 0], [4]), momentum: 1 };
    const one = on([1, 1, 1, 1], [4]);
    noGrad(() => batchNorm(on(data, [40_000, 4]), one, one, { training: true, running }));
    const { variance } = moments(data, 4);
    const actual = await running.variance.floats();
    // At most 512 values share an origin, so at worst 512 roundings' worth is lost.
    for (let c = 0; c < 4; c++)
      expect(Math.abs(actual[c] - (variance[c] * 40_000) / 39_999) / variance[c]).toBeLessThan(3e-5);
  });

  it('keeps NaN in its channel', async () => {
    const data = values(7, 40);
    data[5] = Number.NaN;
    const one = on([1, 1, 1, 1], [4]);
    const y = await noGrad(() => batchNorm(on(data, [10, 4]), one, one, { training: true, relu: true })).floats();
    for (let i = 0; i < 40; i++) expect(Number.isNaN(y[i])).toBe(i % 4 === 1);
  });
});

it('names what does not fit', () => {
  const x = on(values(1, 6), [2, 3]);
  const three = on([1, 1, 1], [3]);
  expect(() => batchNorm(x, on([1, 2], [2]), three, { training: true })).toThrow(TensorError);
  expect(() => batchNorm(x, three, three, { training: false })).toThrow(/running statistics/);
});
