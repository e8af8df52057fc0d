// What leads from one arrangement of images to the other, against float64: two images that lie differently from size to size.
import { describe, expect, it } from 'vitest';
import { NO_INDEX } from '../../../src/ops/packed/permute-scatter.ts';
import { type Downsampling, packedMaxPool2, packedSkipConcat } from '../../../src/ops/packed/pool2.ts';
import { packedStride2 } from '../../../src/ops/packed/stride2.ts';
import { packedMask, packedUpsampleAdd } from '../../../src/ops/packed/upsample-add.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { checkOp } from '../../support/check.ts';
import { on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

// Fine: 4×6 at (0, 0) and 2×4 at (1, 7) of 5×11. Coarse: 2×3 at (2, 1) and 1×2 at (0, 0) of 4×5.
const fine = { height: 5, width: 11 };
const coarse = { height: 4, width: 5 };
const images = [
  { height: 2, width: 3, fine: [0, 0], coarse: [2, 1] },
  { height: 1, width: 2, fine: [1, 7], coarse: [0, 0] },
];
const corners = new Uint32Array(20).fill(NO_INDEX);
const quarters = new Uint32Array(55).fill(NO_INDEX);
const sources = new Uint32Array(55).fill(NO_INDEX);
const targets = new Uint32Array(80).fill(NO_INDEX);
for (const image of images)
  for (let y = 0; y < image.height; y++)
    for (let x = 0; x < image.width; x++) {
      const pixel = (image.coarse[0] + y) * 5 + image.coarse[1] + x;
      corners[pixel] = (image.fine[0] + 2 * y) * 11 + image.fine[1] + 2 * x;
      for (let k = 0; k < 4; k++) {
        const own = corners[pixel] + (k >> 1) * 11 + (k & 1);
        const doubled = (2 * (image.coarse[0] + y) + (k >> 1)) * 10 + 2 * (image.coarse[1] + x) + (k & 1);
        quarters[own] = 4 * pixel + k;
        sources[own] = doubled;
        targets[doubled] = own;
      }
    }
const downsampling: Downsampling = {
  fine,
  coarse,
  childIndex: on(corners, [20], 'u32'),
  parentIndex: on(quarters, [55], 'u32'),
  upsampleIndex: { sources: on(sources, [55], 'u32'), targets: on(targets, [80], 'u32') },
};

describe.each([4, 12])('%i channels', (channels) => {
  it('packedMaxPool2 takes the largest of four, and nothing between the images', () =>
    checkOp({
      inputs: [{ shape: [1, 5, 11, channels] }],
      tolerance: 0,
      op: ([x]) => packedMaxPool2(x, downsampling),
      reference: ([x]) =>
        Float64Array.from({ length: 20 * channels }, (_, i) => {
          const corner = corners[Math.floor(i / channels)];
          if (corner === NO_INDEX) return 0;
          return Math.max(...[0, 1, 11, 12].map((step) => x[(corner + step) * channels + (i % channels)]));
        }),
    }));

  it('packedStride2 takes the first of four, and nothing between the images', () =>
    checkOp({
      inputs: [{ shape: [1, 5, 11, channels] }],
      tolerance: 0,
      samples: 60, // of 220 or 660, a quarter of them corners
      op: ([x]) => packedStride2(x, downsampling),
      reference: ([x]) =>
        Float64Array.from({ length: 20 * channels }, (_, i) => {
          const corner = corners[Math.floor(i / channels)];
          return corner === NO_INDEX ? 0 : x[corner * channels + (i % channels)];
        }),
    }));

  it('packedSkipConcat puts what comes from below where it belongs, with its bias', () =>
    checkOp({
      inputs: [{ shape: [1, 5, 11, channels] }, { shape: [1, 8, 10, channels] }, { shape: [channels] }],
      op: ([skip, up, bias]) => packedSkipConcat(skip, up, bias, downsampling),
      reference: ([skip, up, bias]) =>
        Float64Array.from({ length: 110 * channels }, (_, i) => {
          const pixel = Math.floor(i / (2 * channels));
          const c = i % (2 * channels);
          if (c < channels) return skip[pixel * channels + c];
          if (sources[pixel] === NO_INDEX) return 0;
          return up[sources[pixel] * channels + c - channels] + bias[c - channels];
        }),
    }));
});

it('packedMask leaves nothing between the images', () =>
  checkOp({
    inputs: [{ shape: [1, 4, 5, 1] }],
    tolerance: 0,
    op: ([x]) => packedMask(x, downsampling.childIndex),
    reference: ([x]) => x.map((v, i) => (corners[i] === NO_INDEX ? 0 : v)),
  }));

it('packedUpsampleAdd adds what comes from below, and leaves nothing between the images', () =>
  checkOp({
    inputs: [{ shape: [1, 5, 11, 1] }, { shape: [1, 8, 10, 1] }],
    samples: 80,
    op: ([x, up]) => packedUpsampleAdd(x, up, downsampling.upsampleIndex),
    reference: ([x, up]) => x.map((v, i) => (sources[i] === NO_INDEX ? 0 : v + up[sources[i]])),
  }));

it('the first of equals gets the gradient', async () => {
  const x = on(new Float32Array(220).fill(1), [1, 5, 11, 4]);
  x.requiresGrad = true;
  backward(packedMaxPool2(x, downsampling), { gradient: on(new Float32Array(80).fill(1), [1, 4, 5, 4]) });
  const found = [...(await x.grad!.floats())].flatMap((v, i) => (v === 1 && i % 4 === 0 ? [i / 4] : []));
  expect(found).toEqual([...corners].filter((corner) => corner !== NO_INDEX).sort((a, b) => a - b));
});

it('shapes that do not fit are refused by name', () => {
  const x = on(values(1, 5 * 11 * 4), [1, 5, 11, 4]);
  expect(() => packedMaxPool2(on(values(1, 110), [1, 5, 11, 2]), downsampling)).toThrow(
    'packedMaxPool2: input [1×5×11×2] must be [1×5×11×C]',
  );
  expect(() => packedSkipConcat(x, x, on([1, 2, 3, 4], [4]), downsampling)).toThrow(
    'packedSkipConcat: input [1×5×11×4] must be [1×8×10×C]',
  );
  expect(() => packedMaxPool2(on(new Uint32Array(220), [1, 5, 11, 4], 'u32'), downsampling)).toThrow(
    'is u32, it must be f32',
  );
  expect(() => packedStride2(on(values(1, 110), [1, 5, 11, 2]), downsampling)).toThrow(
    'packedStride2: input [1×5×11×2] must be [1×5×11×C]',
  );
  expect(() => packedMask(x, downsampling.childIndex)).toThrow(
    'packedMask: input [1×5×11×4] has 220 scores, its index 20 entries',
  );
  expect(() => packedUpsampleAdd(on(values(1, 55), [1, 5, 11, 1]), x, downsampling.upsampleIndex)).toThrow(
    'packedUpsampleAdd: input [1×5×11×4] has 220 scores, its index 80 entries',
  );
  const up = on(values(1, 320), [1, 8, 10, 4]);
  expect(() => packedSkipConcat(x, up, on([1], [1]), downsampling)).toThrow('packedSkipConcat: input [1] must be [4]');
  expect(() => packedSkipConcat(x, on(values(1, 640), [1, 8, 10, 8]), on([1], [1]), downsampling)).toThrow(
    'has 8 channels, input 4',
  );
});
