// The ops of a detector one after the other, as a step of BoxInst has them: from what locations are to find to the losses of their masks. Choices that are left over, and padding,
// must not reach a loss or a gradient anywhere on the way.
import { expect, it } from 'vitest';
import {
  alignedBilinear,
  concat,
  dynamicMaskHead,
  fcosLosses,
  fcosTargets,
  instancePlaces,
  instanceRows,
  pairwiseLoss,
  projectionLoss,
  reshape,
  selectInstances,
  sum,
} from '../../../src/ops/index.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { checkGradients } from '../../../src/tensor/check-gradients.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { fcosLevels, NONE, placesOf } from '../../support/fcos.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

const [HEIGHT, WIDTH, CLASSES] = [64, 96, 3];
const LEVELS = fcosLevels([
  [HEIGHT / 8, WIDTH / 8],
  [HEIGHT / 16, WIDTH / 16],
]);
const LOCATIONS = placesOf(LEVELS).length;
/** Two objects, and one in an image of 40 × 50 that is padded; the third has none. */
const BOXES = on([4, 6, 60, 40, 30, 20, 90, 62, 3, 4, 36, 33, ...new Array(12).fill(0)], [3, 2, 4]);
const LABELS = on([0, 2, 1, NONE, NONE, NONE], [3, 2], 'u32');
const EXTENTS = on([HEIGHT, WIDTH, 40, 50, HEIGHT, WIDTH], [3, 2], 'u32');
const ALIKE = on(
  values(5, 3 * (HEIGHT / 4) * (WIDTH / 4) * 8).map((v) => Math.abs(v)),
  [3, HEIGHT / 4, WIDTH / 4, 8],
);

/** Sides lie between those of boxes, which are whole sixteenths of strides, so that no step crosses from one side of these to the other. */
const drawn = (seed: number): Tensor[] =>
  [
    [3, LOCATIONS, CLASSES],
    [3, LOCATIONS, 4],
    [3, LOCATIONS],
    [3, LOCATIONS, 233],
    [3, HEIGHT / 8, WIDTH / 8, 16],
  ].map((shape, i) => {
    const size = shape.reduce((a, b) => a * b);
    const made = on(
      values(seed + i, size).map((v) => (i === 1 ? 2 + Math.round(24 * v) / 16 + 1 / 32 : 0.5 * v)),
      shape,
    );
    made.requiresGrad = true;
    return made;
  });

/** Each loss by itself, so that what is lost in rounding of one is not looked for in the differences of another. */
function losses(...[logits, regression, centerness, controllers, features]: Tensor[]): Tensor {
  const targets = fcosTargets(BOXES, LABELS, { levels: LEVELS, classCount: CLASSES, extents: EXTENTS });
  const found = fcosLosses({ logits, regression, centerness }, targets);
  const { locations, objects } = selectInstances(targets, logits, centerness, { perImage: 16 });
  const { centers, sizes } = instancePlaces(locations, LEVELS);
  const coarse = dynamicMaskHead(features, instanceRows(controllers, locations), centers, sizes);
  const [n, k, h, w] = coarse.shape;
  const masks = reshape(alignedBilinear(reshape(coarse, [n * k, h, w, 1]), 2), [n, k, 2 * h, 2 * w]);
  const ofMasks = [projectionLoss(masks, objects, BOXES), pairwiseLoss(masks, objects, BOXES, ALIKE)];
  return concat([found.classification, found.location, found.centerness, ...ofMasks], 0);
}

it('gradients of all losses are what differences say', async () => {
  // Steps are small, as heads of masks have kinks. Losses around 1 are rounded to 1e-7, so differences over 8e-3 are off by up to 3e-5, where the largest gradient by features is
  // 2e-3; each op is held to less by its own test.
  const { error } = await checkGradients(losses, drawn(3), { eps: 4e-3, samples: 16, tolerance: 3e-2 });
  expect(error).toBeLessThanOrEqual(3e-2);
});

it('only chosen locations have gradients of masks, and padding and images without objects have none of them', async () => {
  const inputs = drawn(4);
  scope(() => backward(sum(losses(...inputs))));
  const [logits, regression, , controllers, features] = await Promise.all(inputs.map((x) => x.grad!.floats()));
  for (const list of [logits, regression, controllers, features]) expect(list.every(Number.isFinite)).toBe(true);
  const places = placesOf(LEVELS);
  const rowsWith = (list: Float32Array, width: number, image: number): number =>
    places.filter((_, l) =>
      list.subarray((image * LOCATIONS + l) * width, (image * LOCATIONS + l + 1) * width).some((v) => v !== 0),
    ).length;
  expect([0, 1, 2].map((n) => rowsWith(controllers, 233, n) > 0)).toEqual([true, true, false]);
  expect(rowsWith(controllers, 233, 0)).toBeLessThanOrEqual(16);
  expect([0, 1, 2].map((n) => rowsWith(logits, CLASSES, n))).toEqual([
    LOCATIONS,
    places.filter(({ x, y }) => x < 50 && y < 40).length,
    LOCATIONS,
  ]);
  expect(features.subarray((features.length / 3) * 2).every((v) => v === 0)).toBe(true);
});

it('captured, as nothing is that reads back, a step has the same bits at every replay', async () => {
  const inputs = drawn(5);
  const bits = async (): Promise<number[]> =>
    (await Promise.all(inputs.map((x) => x.grad!.floats()))).flatMap((list) => [...list]);
  scope(() => backward(sum(losses(...inputs))));
  const expected = await bits();
  const program = gpu.capture('losses', () => scope(() => backward(sum(losses(...inputs)))));
  for (let i = 0; i < 2; i++) {
    program.replay();
    expect(await bits()).toEqual(expected);
  }
  program.dispose();
});
