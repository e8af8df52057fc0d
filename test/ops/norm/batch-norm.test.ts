// batchNorm against float64: all shapes of walk (four at a time or not, channels that are no multiple of four, few and many rows), both
// modes, the fused residual and ReLU, running statistics as torch updates them, data whose mean is far larger than its spread, and
// the form for GPUs.
import { describe, expect, it } from 'vitest';
import { batchNorm } from '../../../src/ops/norm/batch-norm.ts';
import { backward, noGrad } from '../../../src/tensor/autograd.ts';
import { count, TensorError } from '../../../src/tensor/tensor.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { on } from '../../support/gpu.ts';
import { asOnGpu, fusions, moments, referenceOf } from '../../support/norm.ts';
import { values } from '../../support/random.ts';

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

function checkShape(shape: number[], { fixed = true } = {}): void {
  const channels = shape[shape.length - 1];
  const seed = count(shape);
  const inputsWith = (residual: boolean) => [
    { shape },
    { shape: [channels] },
    { shape: [channels] },
    ...(residual ? [{ shape }] : []),
  ];
  // Results are up to a few deviations; the sums below them are short (a few levels), so 1e-5 is some ten roundings. Where only
  // two or three values make a variance, 1 / deviation magnifies the gradient's roundings.
  const tolerance = 1e-5;

  it.each(fusions)('training, relu $relu, residual $residual', ({ relu, residual }) =>
    checkOp({
      inputs: inputsWith(residual),
      seed,
      tolerance,
      samples: 12,
      op: ([x, gamma, beta, other]) => batchNorm(x, gamma, beta, { training: true, relu, residual: other }),
      reference: referenceOf({ relu }),
    }),
  );

  if (!fixed) return;
  it.each(fusions)('fixed statistics, relu $relu, residual $residual', ({ relu, residual }) => {
    const mean = values(seed + 1, channels);
    const variance = values(seed + 2, channels).map((v) => 0.1 + Math.abs(v));
    const running = { mean: on(mean, [channels]), variance: on(variance, [channels]) };
    return checkOp({
      inputs: inputsWith(residual),
      seed,
      tolerance,
      samples: 12,
      op: ([x, gamma, beta, other]) => batchNorm(x, gamma, beta, { training: false, running, relu, residual: other }),
      reference: referenceOf({ relu, mean, variance }),
    });
  });
}

describe.each(shapes.map((shape) => ({ shape })))('$shape', ({ shape }) => checkShape(shape));

describe('as on a GPU', () => {
  asOnGpu();
  // Periods that fit once, several times and not at all into a workgroup of 256.
  describe.each(
    [
      [13, 7],
      [4, 3, 5, 17],
      [5, 9, 9, 64],
      [9, 600],
      [3, 257],
      [2, 1028],
    ].map((shape) => ({ shape })),
  )('$shape', ({ shape }) => checkShape(shape, { fixed: false }));

  // Enough for 64 lanes on one channel; each sum is a tree over 212,993 values, its error a few roundings of its terms' magnitudes.
  it('sums of a million values', async () => {
    const [n, channels] = [212_993, 5];
    const data = values(11, n * channels).map((v) => Math.fround(v + 3));
    const upstream = values(12, n * channels);
    const [gamma, beta] = [1, 0].map((v) => on(new Float32Array(channels).fill(v), [channels]));
    for (const parameter of [gamma, beta]) parameter.requiresGrad = true;
    const y = batchNorm(on(data, [n, channels]), gamma, beta, { training: true });
    const expected = referenceOf({ relu: false })([
      Float64Array.from(data),
      new Float64Array(channels).fill(1),
      new Float64Array(channels),
    ]);
    expect(relativeError(await y.floats(), expected)).toBeLessThan(2e-6);
    backward(y, { gradient: on(upstream, [n, channels]) });
    const [dGamma, dBeta] = [new Float64Array(channels), new Float64Array(channels)];
    upstream.forEach((g, i) => {
      dGamma[i % channels] += g * expected[i];
      dBeta[i % channels] += g;
    });
    expect(relativeError(await gamma.grad!.floats(), dGamma)).toBeLessThan(1e-5);
    expect(relativeError(await beta.grad!.floats(), dBeta)).toBeLessThan(1e-5);
  });
});

it('differentiates in the residual alone, and where it is x itself', async () => {
  const shape = [6, 5];
  const fixed = { shape: [5], gradient: false };
  for (const relu of [false, true]) {
    await checkOp({
      inputs: [{ shape, gradient: false }, fixed, fixed, { shape }],
      tolerance: 1e-5,
      op: ([x, gamma, beta, residual]) => batchNorm(x, gamma, beta, { training: true, relu, residual }),
      reference: referenceOf({ relu }),
    });
    const reference = referenceOf({ relu });
    await checkOp({
      inputs: [{ shape }, fixed, fixed],
      tolerance: 1e-5,
      op: ([x, gamma, beta]) => batchNorm(x, gamma, beta, { training: true, relu, residual: x }),
      reference: ([x, gamma, beta]) => reference([x, gamma, beta, x]),
    });
  }
});

it('leaves out the gradient of a residual that needs none', () =>
  checkOp({
    inputs: [{ shape: [7, 6] }, { shape: [6] }, { shape: [6] }, { shape: [7, 6], gradient: false }],
    tolerance: 1e-5,
    op: ([x, gamma, beta, residual]) => batchNorm(x, gamma, beta, { training: true, relu: true, residual }),
    reference: referenceOf({ relu: true }),
  }));

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
    // The outlier is the origin of 16 values only: the sum of their squares, 16 times the variance's, rounds 16 times: 256 · 6e-8 at worst.
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
  expect(() => batchNorm(x, three, three, { training: true, residual: three })).toThrow(
    'batchNorm: the residual input [3] f32 must be as the result, [2×3] f32',
  );
  expect(() => batchNorm(on([1, 2], [2], 'u32'), three, three, { training: true })).toThrow('it must be f32 or f16');
});
