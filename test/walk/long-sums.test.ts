// Sums of very many values: what f32 loses must not grow with their number. Constants are the hard case, since all roundings of a row of additions go the same way;
// a row of 64 equal values is off by 1e-6 at worst, so that ops which add up in runs stay near that, where one row of all would be off by 1e-3.
import { describe, expect, it } from 'vitest';
import {
  add,
  avgPool2d,
  batchNorm,
  conv2d,
  crossEntropy,
  focalLoss,
  gather,
  globalAvgPool,
  groupNorm,
  layerNorm,
  matmul,
  mean,
  norm,
  rmsNorm,
  softmax,
  sum,
} from '../../src/ops/index.ts';
import { backward, scope, type Tensor, zeros } from '../../src/tensor/index.ts';
import { gpu, on } from '../support/gpu.ts';
import { generator } from '../support/random.ts';

const fills: Record<string, (n: number) => Float32Array> = {
  'random values': (n) => {
    const next = generator(7);
    return Float32Array.from({ length: n }, () => next());
  },
  'equal values': (n) => new Float32Array(n).fill(0.1),
};

/** Largest error relative to its own value, over results that do not cancel. */
const worst = (actual: ArrayLike<number>, expected: ArrayLike<number>): number =>
  Math.max(...Array.from(expected, (v, i) => Math.abs(actual[i] - v) / Math.abs(v)));

/** Σ over rows of x [rows, columns]·weight. */
function columnSums(x: Float32Array, columns: number, of = (v: number, _: number): number => v): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < x.length; i++) sums[i % columns] += of(x[i], i);
  return sums;
}

/** The gradient of `weight` in y = op(…), which gets `dy`. */
async function gradientOf(weight: Tensor, op: () => Tensor, draw: (n: number) => Float32Array) {
  weight.requiresGrad = true;
  let dy: Float32Array = new Float32Array();
  scope(() => {
    const y = op();
    dy = draw(y.size);
    backward(y, { gradient: on(dy, y.shape) });
  });
  return { gradient: await weight.grad!.floats(), dy };
}

// Random values: the roundings of a tree of runs partly cancel, which leaves some ulp. Equal ones: a row of 64 and a few more of at most 64 runs.
describe.each([
  ['random values', 1e-6],
  ['equal values', 1.5e-6],
] as const)('%s', (name, most) => {
  const draw = fills[name];

  it('sum, mean and norm of 10⁷', async () => {
    const data = draw(1e7);
    const x = on(data, [1e7]);
    const [total] = columnSums(data, 1);
    const [squares] = columnSums(data, 1, (v) => v * v);
    expect(worst(await sum(x).floats(), [total])).toBeLessThan(most);
    expect(worst(await mean(x).floats(), [total / 1e7])).toBeLessThan(most);
    expect(worst(await norm(x).floats(), [Math.sqrt(squares)])).toBeLessThan(most);
    x.release();
  });

  it.each([3, 4])('sum of 10⁶ rows of %i', async (columns) => {
    const data = draw(1e6 * columns);
    const x = on(data, [1e6, columns]);
    expect(worst(await sum(x, 0).floats(), columnSums(data, columns))).toBeLessThan(most);
    const bias = zeros(gpu, [columns]);
    const { gradient, dy } = await gradientOf(bias, () => add(x, bias), draw);
    expect(worst(gradient, columnSums(dy, columns))).toBeLessThan(most);
    x.release();
  });

  it.each([1, 2, 4])('pools over 1024² pixels of %i channels', async (channels) => {
    const data = draw(2 ** 20 * channels);
    const x = on(data, [1, 1024, 1024, channels]);
    const expected = columnSums(data, channels).map((v) => v / 2 ** 20);
    expect(worst(await globalAvgPool(x).floats(), expected)).toBeLessThan(most);
    expect(worst(await avgPool2d(x, { kernel: 1024 }).floats(), expected)).toBeLessThan(most);
    x.release();
  });

  it.each([
    ['3×3', 1, 1, 1, 3, 1],
    ['3×3, four channels', 1, 4, 4, 3, 1],
    ['3×3 with stride 2, of an image', 4, 3, 8, 3, 1],
    ['1×1', 1, 4, 4, 1, 1],
    ['depthwise', 1, 4, 4, 3, 4],
  ] as const)('the weight gradient of a convolution over 400,000 positions: %s', async (_, n, ci, co, k, groups) => {
    const side = 634;
    const stride = n === 4 ? 2 : 1;
    const depth = ci / groups;
    const data = draw(n * side * side * ci);
    const x = on(data, [n, side, side, ci]);
    const w = zeros(gpu, [k, k, depth, co]);
    const { gradient, dy } = await gradientOf(w, () => conv2d(x, w, { stride, groups }), draw);
    const out = Math.floor((side - k) / stride) + 1;
    const expected = new Float64Array(w.size);
    for (let at = 0; at < n * out * out; at++) {
      const [image, oy, ox] = [Math.floor(at / (out * out)), Math.floor(at / out) % out, at % out];
      for (let tap = 0; tap < k * k; tap++) {
        const pixel = (image * side + oy * stride + Math.floor(tap / k)) * side + ox * stride + (tap % k);
        for (let i = 0; i < depth; i++)
          for (let o = 0; o < co; o++)
            expected[(tap * depth + i) * co + o] += data[pixel * ci + (groups > 1 ? o : i)] * dy[at * co + o];
      }
    }
    expect(worst(gradient, expected)).toBeLessThan(most);
    x.release();
  });

  it('the weight gradient of a product of 400,000 rows', async () => {
    const rows = 400_000;
    const data = draw(rows * 3);
    const x = on(data, [rows, 3]);
    const w = zeros(gpu, [3, 5]);
    const { gradient, dy } = await gradientOf(w, () => matmul(x, w), draw);
    const expected = new Float64Array(15);
    for (let r = 0; r < rows; r++)
      for (let i = 0; i < 3; i++) for (let j = 0; j < 5; j++) expected[i * 5 + j] += data[r * 3 + i] * dy[r * 5 + j];
    expect(worst(gradient, expected)).toBeLessThan(most);
    x.release();
  });

  // As the gradient above, but with the sum inside one operand or both.
  it.each([
    ['[1×K]·[K×1]', 1, 1, false, false],
    ['[3×K]·[K×5]', 3, 5, false, false],
    ['[K×3]ᵀ·[5×K]ᵀ', 3, 5, true, true],
    ['[3×K]·[5×K]ᵀ', 3, 5, false, true],
  ] as const)('a product over 400,001 terms: %s', async (_, m, n, transposeA, transposeB) => {
    const k = 400_001;
    const [a, b] = [draw(m * k), draw(k * n)];
    const left = on(a, transposeA ? [k, m] : [m, k]);
    const right = on(b, transposeB ? [n, k] : [k, n]);
    const y = await matmul(left, right, { transposeA, transposeB }).floats();
    const expected = Array.from({ length: m * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      let sum = 0;
      for (let t = 0; t < k; t++) sum += a[transposeA ? t * m + i : i * k + t] * b[transposeB ? j * k + t : t * n + j];
      return sum;
    });
    expect(worst(y, expected)).toBeLessThan(most);
    for (const tensor of [left, right]) tensor.release();
  });

  it('the gradient of a row that is gathered 400,000 times', async () => {
    const picks = 400_000;
    const table = on([1, 2], [1, 2]);
    const index = zeros(gpu, [picks], 'index', 'u32');
    const { gradient, dy } = await gradientOf(table, () => gather(table, index), draw);
    expect(worst(gradient, columnSums(dy, 2))).toBeLessThan(most);
    index.release();
  });

  it.each([1, 3, 4])('batch norm over 400,000 values of %i channels', async (channels) => {
    const rows = 400_000;
    const data = draw(rows * channels).map((v, i) => v + (i % 7) * 0.01);
    const x = on(data, [rows, channels]);
    const [gamma, beta] = [on(new Array(channels).fill(1), [channels]), zeros(gpu, [channels])];
    const running = { mean: zeros(gpu, [channels]), variance: zeros(gpu, [channels]), momentum: 1 };
    const { gradient, dy } = await gradientOf(beta, () => batchNorm(x, gamma, beta, { training: true, running }), draw);
    const means = columnSums(data, channels).map((v) => v / rows);
    const variances = columnSums(data, channels, (v, i) => (v - means[i % channels]) ** 2).map((v) => v / (rows - 1));
    expect(worst(await running.mean.floats(), means)).toBeLessThan(most);
    expect(worst(await running.variance.floats(), variances)).toBeLessThan(most);
    expect(worst(gradient, columnSums(dy, channels))).toBeLessThan(most);
    x.release();
  });

  it.each([3, 4])('the bias gradient of layer norm over 400,000 rows of %i', async (columns) => {
    const x = on(draw(400_000 * columns), [400_000, columns]);
    const bias = zeros(gpu, [columns]);
    const { gradient, dy } = await gradientOf(bias, () => layerNorm(x, { bias }), draw);
    expect(worst(gradient, columnSums(dy, columns))).toBeLessThan(most);
    x.release();
  });

  // One unit of the last side, one of all positions.
  it('RMS norm of 10⁶ values, and the mean of group norm', async () => {
    const data = draw(1e6);
    const size = Math.sqrt(data.reduce((sum, v) => sum + v * v, 0) / 1e6 + 1e-6);
    const x = on(data, [1, 1e6]);
    const y = scope(() => rmsNorm(x));
    expect(
      worst(
        (await y.floats()).subarray(0, 9),
        data.subarray(0, 9).map((v) => v / size),
      ),
    ).toBeLessThan(most);
    // A last value far out is all that is not the mean: (v − mean) / √(variance + eps).
    data[1e6 - 1] = 100;
    const mean = data.reduce((sum, v) => sum + v, 0) / 1e6;
    const deviation = Math.sqrt(data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 1e6 + 1e-5);
    const z = scope(() => groupNorm(on(data, [1, 5e5, 2]), { groups: 1 }));
    const last = (await z.floats())[1e6 - 1];
    expect(Math.abs(last / ((100 - mean) / deviation) - 1)).toBeLessThan(most);
    for (const tensor of [x, y, z]) tensor.release();
  });

  it('softmax and cross-entropy of 10⁶ classes', async () => {
    const data = draw(1e6);
    const x = on(data, [1, 1e6]);
    const [total] = columnSums(data, 1, Math.exp);
    const some = Array.from({ length: 1000 }, (_, i) => i * 997);
    const y = await softmax(x).floats();
    expect(
      worst(
        some.map((i) => y[i]),
        some.map((i) => Math.exp(data[i]) / total),
      ),
    ).toBeLessThan(most);
    expect(worst(await crossEntropy(x, on([5], [1], 'u32')).floats(), [Math.log(total) - data[5]])).toBeLessThan(most);
    x.release();
  });

  // One class above 10⁶ others, whose powers are small and alike.
  it('softmax, its gradient and the losses of 10⁶ classes with a peak', async () => {
    const data = draw(1e6);
    data[7] = 6;
    const [total] = columnSums(data, 1, Math.exp);
    const p = (i: number): number => Math.exp(data[i]) / total;
    const x = on(data, [1, 1e6]);
    const label = on([7], [1], 'u32');
    const target = (i: number): number => 0.9 / 1e6 + (i === 7 ? 0.1 : 0);
    const over = (term: (i: number) => number): number => columnSums(data, 1, (_, i) => term(i))[0];
    const labelSmoothing = 0.9;
    expect(await crossEntropy(x, label, { labelSmoothing }).item()).toBeCloseTo(
      over((i) => -target(i) * Math.log(p(i))),
      4,
    );
    expect(await focalLoss(x, label, { labelSmoothing }).item()).toBeCloseTo(
      over((i) => -target(i) * (1 - p(i)) ** 2 * Math.log(p(i))),
      4,
    );
    const dy = Float32Array.from(data, (_, i) => 1 + (i === 9 ? 1 : 0));
    x.requiresGrad = true;
    scope(() => backward(softmax(x), { gradient: on(dy, x.shape) }));
    const mean = over((i) => p(i) * dy[i]);
    expect(worst([(await softmax(x).floats())[7]], [p(7)])).toBeLessThan(4e-6);
    expect(worst([(await x.grad!.floats())[9]], [p(9) * (2 - mean)])).toBeLessThan(4e-6);
    x.release();
  });
});
