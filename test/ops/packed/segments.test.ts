// segmentNorm, segmentMean and segmentAdd against float64: segments of any size and order, pixels of none between them; and permuteScatter, which fills such an image.
import { describe, expect, it } from 'vitest';
import { NO_INDEX, permuteScatter } from '../../../src/ops/packed/permute-scatter.ts';
import { segmentAdd } from '../../../src/ops/packed/segment-add.ts';
import { segmentMean } from '../../../src/ops/packed/segment-mean.ts';
import { segmentNorm } from '../../../src/ops/packed/segment-norm.ts';
import { Segments } from '../../../src/ops/packed/segments.ts';
import { concat } from '../../../src/ops/shape/concat.ts';
import { slice } from '../../../src/ops/shape/slice.ts';
import { noGrad } from '../../../src/tensor/autograd.ts';
import { type Tensor, TensorError } from '../../../src/tensor/tensor.ts';
import { checkOp } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { generator, values } from '../../support/random.ts';

const EPS = 1e-5;

/** Segments of these sizes among `pixels`, their pixels in random places. */
function scattered(pixels: number, sizes: number[], seed: number): number[][] {
  const next = generator(seed);
  const all = Array.from({ length: pixels }, (_, i) => i)
    .map((pixel) => ({ pixel, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ pixel }) => pixel);
  return sizes.map((size) => all.splice(0, size));
}

function reference(
  x: Float64Array,
  channels: number,
  lists: number[][],
  { gamma, beta, relu, eps = EPS }: { gamma?: Float64Array; beta?: Float64Array; relu?: boolean; eps?: number },
): Float64Array {
  const y = new Float64Array(x.length);
  for (const list of lists)
    for (let c = 0; c < channels; c++) {
      const column = list.map((pixel) => x[pixel * channels + c]);
      const mean = column.reduce((sum, v) => sum + v, 0) / list.length;
      const variance = column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / list.length;
      for (const [i, pixel] of list.entries()) {
        const v = ((column[i] - mean) / Math.sqrt(variance + eps)) * (gamma?.[c] ?? 1) + (beta?.[c] ?? 0);
        y[pixel * channels + c] = relu ? Math.max(v, 0) : v;
      }
    }
  return y;
}

describe.each([
  { channels: 1, pixels: 300, sizes: [7, 64, 200] },
  { channels: 4, pixels: 97, sizes: [2, 90] },
  { channels: 16, pixels: 1300, sizes: [1000, 3, 129] },
  { channels: 64, pixels: 40, sizes: [40] },
  { channels: 128, pixels: 60, sizes: [13, 5, 17] },
])('$pixels pixels of $channels channels in segments of $sizes', ({ channels, pixels, sizes }) => {
  const lists = scattered(pixels, sizes, channels);
  const segments = new Segments(gpu, pixels, lists, 'segments');
  const shape = [1, pixels, channels];

  it('normalized', () =>
    checkOp({
      inputs: [{ shape }],
      tolerance: 5e-6, // a segment of two may have a deviation far below 1, which magnifies the rounding of its values
      op: ([x]) => segmentNorm(x, segments, { eps: EPS }),
      reference: ([x]) => reference(x, channels, lists, {}),
      samples: 8,
    }));

  it('averaged', () =>
    checkOp({
      inputs: [{ shape }],
      op: ([x]) => segmentMean(x, segments),
      reference: ([x]) =>
        Float64Array.from({ length: lists.length * channels }, (_, i) => {
          const list = lists[Math.floor(i / channels)];
          return list.reduce((sum, pixel) => sum + x[pixel * channels + (i % channels)], 0) / list.length;
        }),
    }));

  it('given a row for each', () =>
    checkOp({
      inputs: [{ shape }, { shape: [lists.length, channels] }],
      op: ([x, rows]) => segmentAdd(x, rows, segments),
      reference: ([x, rows]) => {
        const y = Float64Array.from(x);
        for (const [s, list] of lists.entries())
          for (const pixel of list)
            for (let c = 0; c < channels; c++) y[pixel * channels + c] += rows[s * channels + c];
        return y;
      },
    }));

  it.each([false, true])('with scale and shift, rectified %s', (relu) =>
    checkOp({
      inputs: [{ shape }, { shape: [channels] }, { shape: [channels] }],
      tolerance: 5e-6,
      op: ([x, gamma, beta]) => segmentNorm(x, segments, { affine: { gamma, beta }, eps: EPS, relu }),
      reference: ([x, gamma, beta]) => reference(x, channels, lists, { gamma, beta, relu }),
      samples: 8,
      seed: 5, // no value lies so near the ReLU's corner that a central difference straddles it
    }),
  );
});

describe('segmentNorm', () => {
  it('is as exact over 262,144 pixels as over few, and far from zero', async () => {
    const length = 512 * 512;
    const segments = new Segments(gpu, length, [Array.from({ length }, (_, i) => i)], 'one');
    const data = values(3, length).map((v) => Math.fround(v + 10));
    const y = await noGrad(() => segmentNorm(on(data, [length]), segments, { eps: 1e-12 })).floats();
    const expected = reference(Float64Array.from(data), 1, [Array.from({ length }, (_, i) => i)], { eps: 1e-12 });
    // The mean, near 10, rounds at 4.8e-7, which moves all values by that over a deviation of 0.58.
    let worst = 0;
    for (let i = 0; i < length; i++) worst = Math.max(worst, Math.abs(y[i] - expected[i]));
    expect(worst).toBeLessThan(3e-6);
    segments.release();
  });

  it('turns a segment without spread into zeros', async () => {
    const segments = new Segments(gpu, 40, [Array.from({ length: 39 }, (_, i) => i), [39]], 'two');
    const y = await noGrad(() =>
      segmentNorm(on(new Float32Array(40).fill(0.1), [40]), segments, { eps: 1e-12 }),
    ).floats();
    expect(y).toEqual(new Float32Array(40));
    segments.release();
  });

  it('refuses channels that its lanes do not hold', () => {
    const segments = new Segments(gpu, 2, [[0, 1]], 'pair');
    expect(() => segmentNorm(on(values(1, 6), [2, 3]), segments, { eps: EPS })).toThrow(
      'has 3 channels; it takes 1, or',
    );
    expect(() => segmentMean(on(values(1, 6), [2, 3]), segments)).toThrow(
      'segmentMean: input [2×3] over 2 pixels has 3',
    );
    expect(() => segmentAdd(on([1, 2], [2]), on([1, 2], [2]), segments)).toThrow(
      'segmentAdd: input [2] f32 must be [1×1] f32, a row for each segment',
    );
    expect(() => segmentNorm(on([1, 2], [2], 'u32'), segments, { eps: EPS })).toThrow('[2] is u32, it must be f32');
    const [gamma, beta] = [on([1], [1]), on([1, 2], [2])];
    expect(() => segmentNorm(on([1, 2], [2]), segments, { eps: EPS, affine: { gamma, beta } })).toThrow(
      'segmentNorm: input [2] must be [1]',
    );
    segments.release();
  });
});

describe('Segments', () => {
  it.each([
    [[[0], []], 'segment 1 holds no pixels'],
    [[[0, 1], [1]], 'pixel 1 of segment 1 is not there, or another'],
    [[[4]], 'pixel 4 of segment 0'],
  ])('refuse %j', (lists, message) => {
    expect(() => new Segments(gpu, 4, lists, 'bad')).toThrow(TensorError);
    expect(() => new Segments(gpu, 4, lists, 'bad')).toThrow(message);
  });

  it('lie in several tensors, but not with others between', () => {
    const segments = new Segments(
      gpu,
      [3, 2],
      [
        [0, 1],
        [2, 4],
      ],
      'two',
    );
    expect(() => segmentNorm([on([1, 2, 3], [3])], segments, { eps: EPS })).toThrow(
      'segmentNorm: the segments lie in 2 tensors, there are 1',
    );
    expect(() => segmentNorm([on([1, 2, 3], [3]), on(values(1, 8), [2, 4])], segments, { eps: EPS })).toThrow(
      'has 4 channels, input 1; they must be equal',
    );
    segments.release();
    expect(() => new Segments(gpu, [2, 2], [[0, 2], [1]], 'bad')).toThrow('segment 0 lies in several tensors');
  });

  it('in several tensors are normalized and averaged over all of them', () => {
    const lists = [[0, 1, 3], [4, 2 + 5, 6, 9], [8]];
    // Pixels 0 to 4 and 5 to 9, of which 2 and 5 are nobody's.
    const segments = new Segments(gpu, [5, 5], lists, 'two');
    const halves = (x: Tensor): Tensor[] => [0, 1].map((i) => slice(x, [5 * i, 0], [5, 4]));
    return checkOp({
      inputs: [{ shape: [10, 4] }],
      tolerance: 5e-6,
      op: ([x]) => concat([...segmentNorm(halves(x), segments, { eps: EPS }), segmentMean(halves(x), segments)], 0),
      reference: ([x]) =>
        Float64Array.from([
          ...reference(x, 4, lists, {}),
          ...lists.flatMap((list) =>
            [0, 1, 2, 3].map((c) => list.reduce((sum, pixel) => sum + x[pixel * 4 + c], 0) / list.length),
          ),
        ]),
      samples: 8,
    });
  });
});

it('permuteScatter puts values in other places, zeros in the rest', () => {
  const targets = [6, 0, 3, 5, 1];
  const sources = Array.from({ length: 7 }, (_, i) => (targets.includes(i) ? targets.indexOf(i) : NO_INDEX));
  const places = { sources: on(sources, [7], 'u32'), targets: on(targets, [5], 'u32') };
  return checkOp({
    inputs: [{ shape: [5] }],
    op: ([x]) => permuteScatter(x, [7, 1], places),
    reference: ([x]) => Float64Array.from(sources, (source) => (source === NO_INDEX ? 0 : x[source])),
  });
});

it('permuteScatter refuses places for another number of values', () => {
  const places = { sources: on([0, 1, NO_INDEX], [3], 'u32'), targets: on([0, 1], [2], 'u32') };
  expect(() => permuteScatter(on([1, 2], [2]), [4], places)).toThrow(TensorError);
  expect(() => permuteScatter(on([1, 2], [2]), [4], places)).toThrow(
    'takes 4 sources and 2 targets, there are 3 and 2',
  );
  expect(() => permuteScatter(on([1], [1]), [3], places)).toThrow('takes 3 sources and 1 targets, there are 3 and 2');
});
