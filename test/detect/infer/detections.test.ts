// From a detector's outputs to detections of each image, against every step of it in float64: decoding, suppression, mask heads, pasting.
import { describe, expect, it } from 'vitest';
import { bytesOfRuns } from '../../../src/data/coco/runs.ts';
import { candidatesOf } from '../../../src/detect/infer/candidates.ts';
import { detections } from '../../../src/detect/infer/detections.ts';
import { type ImageExtent, masksOf } from '../../../src/detect/infer/masks.ts';
import { INFERENCE } from '../../../src/detect/infer/options.ts';
import { suppressed } from '../../../src/detect/infer/suppress.ts';
import type { BoxInstOutputs } from '../../../src/detect/model/box-inst.ts';
import { featureLevels } from '../../../src/detect/model/levels.ts';
import { tensor } from '../../../src/tensor/index.ts';
import { gpu } from '../../support/gpu.ts';
import { alignedBilinear, pasted, plane } from '../../support/pasting.ts';
import { generator } from '../../support/random.ts';

const CLASSES = 3;
const FEATURES = 16;
/** Of mask heads: 18 numbers to 8, to 8, to 1. */
const PARAMETERS = 233;
/** Images of 64×96 pixels. */
const LEVELS = featureLevels([
  [8, 12],
  [4, 6],
  [2, 3],
  [1, 2],
  [1, 1],
]);
const COUNT = LEVELS.reduce((sum, { height, width }) => sum + height * width, 0);
const EXTENTS: ImageExtent[] = [
  { height: 60, width: 96, own: { height: 45, width: 72 } },
  { height: 64, width: 50, own: { height: 70, width: 55 } },
];

/** Outputs of a batch of two as numbers, and on the GPU. */
function drawn(seed: number, bias = -3) {
  const next = generator(seed);
  const numbers = (length: number, low: number, high: number): Float32Array =>
    Float32Array.from({ length }, () => low + next() * (high - low));
  const values = {
    logits: numbers(2 * COUNT * CLASSES, bias - 2, bias + 2),
    regression: numbers(2 * COUNT * 4, 0.2, 4),
    centerness: numbers(2 * COUNT, -1, 3),
    controllers: numbers(2 * COUNT * PARAMETERS, -0.7, 0.7),
    maskFeatures: numbers(2 * 8 * 12 * FEATURES, -1, 1),
  };
  const outputs: BoxInstOutputs = {
    logits: tensor(gpu, values.logits, [2, COUNT, CLASSES]),
    regression: tensor(gpu, values.regression, [2, COUNT, 4]),
    centerness: tensor(gpu, values.centerness, [2, COUNT]),
    controllers: tensor(gpu, values.controllers, [2, COUNT, PARAMETERS]),
    maskFeatures: tensor(gpu, values.maskFeatures, [2, 8, 12, FEATURES]),
    levels: LEVELS,
  };
  return { values, outputs };
}

/** A mask head of CondInst: weights of all layers first, out × in, then biases; ReLU between layers. */
function headLogits(
  features: Float32Array,
  parameters: Float32Array,
  [x, y]: readonly number[],
  size: number,
): Float64Array {
  const widths = [FEATURES + 2, 8, 8, 1];
  const logits = new Float64Array(8 * 12);
  for (let p = 0; p < logits.length; p++) {
    const [row, column] = [Math.floor(p / 12), p % 12];
    let now = [
      (x - (column * 8 + 4)) / size,
      (y - (row * 8 + 4)) / size,
      ...features.subarray(p * FEATURES, (p + 1) * FEATURES),
    ];
    let weight = 0;
    let bias = 18 * 8 + 8 * 8 + 8;
    for (const [layer, width] of widths.slice(1).entries()) {
      now = Array.from({ length: width }, (_, out) => {
        let sum = parameters[bias + out];
        for (const [i, value] of now.entries()) sum += parameters[weight + out * widths[layer] + i] * value;
        return layer < 2 ? Math.max(0, sum) : sum;
      });
      weight += widths[layer] * width;
      bias += width;
    }
    logits[p] = now[0];
  }
  return logits;
}

describe('detections', () => {
  it('are the best boxes of each class, cut at the picture, with their masks', async () => {
    for (const [seed, options] of [
      [1, { most: 9 }],
      [2, { most: 12, overlap: 0.3, threshold: 0.1, thresholdOn: 'class', maskThreshold: 0.4 }],
    ] as const) {
      const { values, outputs } = drawn(seed);
      const found = await detections(outputs, EXTENTS, options);
      for (const [image, extent] of EXTENTS.entries()) {
        const of = (all: Float32Array): Float32Array =>
          all.slice((image * all.length) / 2, ((image + 1) * all.length) / 2);
        const how = { ...INFERENCE, ...options };
        const numbers = {
          logits: of(values.logits),
          regression: of(values.regression),
          centerness: of(values.centerness),
        };
        const best = suppressed(candidatesOf(numbers, LEVELS, how), how);
        const { own } = extent;
        const [byWidth, byHeight] = [own.width / extent.width, own.height / extent.height];
        const expected = best
          .map(({ box: [x0, y0, x1, y1], ...rest }) => ({
            ...rest,
            box: [
              Math.max(0, x0 * byWidth),
              Math.max(0, y0 * byHeight),
              Math.min(own.width, x1 * byWidth),
              Math.min(own.height, y1 * byHeight),
            ],
          }))
          .filter(({ box: [x0, y0, x1, y1] }) => x1 > x0 && y1 > y0);
        expect(found[image].length).toBeGreaterThan(6);
        expect(found[image].map(({ class: c, score }) => [c, score])).toEqual(
          expected.map(({ class: c, score }) => [c, score]),
        );
        for (const [i, { box, mask }] of found[image].entries()) {
          for (const side of [0, 1, 2, 3]) expect(box[side]).toBeCloseTo(expected[i].box[side], 4);
          const { location, level } = expected[i];
          const index = location - level.first;
          const center = [
            (index % level.width) * level.stride + level.stride / 2,
            Math.floor(index / level.width) * level.stride + level.stride / 2,
          ];
          const parameters = of(values.controllers).subarray(location * PARAMETERS, (location + 1) * PARAMETERS);
          const logits = headLogits(of(values.maskFeatures), parameters, center, Math.min(level.to, 1024));
          const finer = alignedBilinear(plane(logits, 8, 12), 2);
          const chances = plane(
            Float64Array.from({ length: 16 * 24 }, (_, p) => 1 / (1 + Math.exp(-finer.at(Math.floor(p / 24), p % 24)))),
            16,
            24,
          );
          const wanted = pasted(chances, {
            factor: 4,
            extent: [extent.height, extent.width],
            size: [own.height, own.width],
          });
          // f32: the head's sums, the sigmoid and places of pixels.
          const wrong = bytesOfRuns(mask).findIndex((bit, p) => {
            const value = wanted.at(Math.floor(p / own.width), p % own.width) - how.maskThreshold;
            return Math.abs(value) > 2e-4 && bit !== Number(value > 0);
          });
          expect(wrong, `image ${image}, detection ${i}: the first pixel that differs`).toBe(-1);
        }
      }
      for (const output of Object.values(outputs)) if ('release' in output) output.release();
    }
  });

  it('of images on which nothing is seen are none', async () => {
    const { outputs } = drawn(3, -30);
    expect(await detections(outputs, EXTENTS)).toEqual([[], []]);
  });

  it('have their masks a few at a time where they are many or large', async () => {
    const { values, outputs } = drawn(4);
    const of = (all: Float32Array): Float32Array => all.subarray(0, all.length / 2);
    const numbers = { logits: of(values.logits), regression: of(values.regression), centerness: of(values.centerness) };
    const some = candidatesOf(numbers, LEVELS, INFERENCE).slice(0, 7);
    const [all, few, single] = await Promise.all(
      [2 ** 20, 3 * 4 * 72 * 2, 1].map((bytes) => masksOf(outputs, 0, EXTENTS[0], some, 0.5, bytes)),
    );
    expect(all).toHaveLength(7);
    expect(few).toEqual(all);
    expect(single).toEqual(all);
  });
});
