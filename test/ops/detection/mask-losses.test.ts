// BoxInst's losses of masks against AdelaiDet's values and against float64, forward and backward; what counts nowhere; large logits; added gradients; f16; a factor in a capture.
import { describe, expect, it } from 'vitest';
import { add } from '../../../src/ops/arithmetic/binary.ts';
import { pairwiseLoss } from '../../../src/ops/detection/pairwise-loss.ts';
import { projectionLoss } from '../../../src/ops/detection/projection-loss.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { NO_INDEX } from '../../../src/ops/packed/permute-scatter.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { loadBoxInst, unpacked } from '../../golden/boxinst.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { boxMasksIn64, type Maps, pairwiseOf, projectionOf } from '../../support/masks.ts';
import { generator, values } from '../../support/random.ts';
import { toNhwc } from '../../support/torch.ts';

interface Case {
  maps: Maps;
  objects: Uint32Array;
  corners: Float32Array;
  similarity: Float32Array;
}

/** Boxes anywhere, also beyond the image or between two positions; every fourth instance is none. */
function caseOf(maps: Maps, seed = 1): Case {
  const { n, k, h, w, boxes, stride } = maps;
  const next = generator(seed);
  const objects = Uint32Array.from({ length: n * k }, (_, i) => (i % 4 === 3 ? NO_INDEX : Math.floor(next() * boxes)));
  const corners = new Float32Array(n * boxes * 4);
  for (let i = 0; i < n * boxes; i++) {
    const [x, y] = [next() * (w + 1) - 1, next() * (h + 1) - 1].map((v) => v * stride);
    corners.set([x, y, x + next() * w * stride, y + next() * h * stride], i * 4);
  }
  return { maps, objects, corners, similarity: values(seed + 1, n * h * w * 8).map((v) => (v + 1) / 2) };
}

const placed = ({ maps: { n, k, boxes }, objects, corners }: Case): [Tensor, Tensor] => [
  on(objects, [n, k], 'u32'),
  on(corners, [n, boxes, 4]),
];
const CASES: Maps[] = [
  { n: 2, k: 3, h: 7, w: 9, boxes: 2, stride: 4 },
  { n: 1, k: 1, h: 1, w: 1, boxes: 1, stride: 4 },
  { n: 1, k: 5, h: 13, w: 5, boxes: 3, stride: 3 },
  { n: 3, k: 2, h: 2, w: 40, boxes: 1, stride: 1 },
  { n: 1, k: 2, h: 33, w: 34, boxes: 2, stride: 4 },
];

/** With threads of a GPU's kernels, or of this adapter's. */
async function as(kind: string, run: () => Promise<void>): Promise<void> {
  const { detection } = gpu.machine as unknown as { detection: { pairs: object } };
  const before = detection.pairs;
  if (kind === 'a GPU') detection.pairs = { group: 64, most: 512, share: 256 };
  try {
    await run();
  } finally {
    detection.pairs = before;
  }
}

it("are AdelaiDet's, with their gradients", async () => {
  const { boxes, similarity, logits, projection, gradProjection, pairwise, gradPairwise } = loadBoxInst('losses');
  const [k, , h, w] = logits.shape;
  const x = on(unpacked(logits), [1, k, h, w]);
  x.requiresGrad = true;
  const [objects, corners] = [on([0, 1, 2], [1, 3], 'u32'), on(boxes.flat(), [1, 3, 4])];
  const alike = on(toNhwc(unpacked(similarity), [1, ...similarity.shape]), [1, h, w, 8]);
  const first = projectionLoss(x, objects, corners);
  expect(await first.item()).toBeCloseTo(projection, 6);
  backward(first);
  expect(relativeError(await x.grad!.floats(), unpacked(gradProjection), 1e-4)).toBeLessThan(3e-6);
  const second = pairwiseLoss(x, objects, corners, alike);
  expect(await second.item()).toBeCloseTo(pairwise, 6);
  backward(second);
  expect(relativeError(await x.grad!.floats(), unpacked(gradPairwise), 1e-4)).toBeLessThan(3e-6);
});

it('make masks of boxes as AdelaiDet does', () => {
  const { boxes, boxMasks } = loadBoxInst('losses');
  const [k, h, w] = boxMasks.shape;
  const maps = { n: 1, k, h, w, boxes: 3, stride: 4 };
  expect(boxMasksIn64(maps, [0, 1, 2], boxes.flat()).flat()).toEqual([...unpacked(boxMasks)]);
});

describe.each(CASES)('$n images, $k instances, $h×$w, stride $stride', (maps) => {
  const { n, k, h, w, stride } = maps;
  const one = caseOf(maps);
  const masks = boxMasksIn64(maps, one.objects, one.corners);
  const [objects, corners] = placed(one);

  it('projection', () =>
    checkOp({
      inputs: [{ shape: [n, k, h, w] }],
      op: ([x]) => projectionLoss(x, objects, corners, { stride }),
      reference: ([x]) => Float64Array.of(projectionOf(x, masks, maps)),
    }));

  it.each(['a software adapter', 'a GPU'])('pairs, as on %s', (kind) =>
    as(kind, () =>
      checkOp({
        inputs: [{ shape: [n, k, h, w] }],
        op: ([x]) => pairwiseLoss(x, objects, corners, on(one.similarity, [n, h, w, 8]), { stride, threshold: 0.4 }),
        reference: ([x]) => Float64Array.of(pairwiseOf(x, masks, maps, one.similarity, 0.4)),
      }),
    ),
  );
});

const small = caseOf(CASES[0]);
const { n, k, h, w } = small.maps;
const shape = [n, k, h, w];
const data = values(7, n * k * h * w).map((v) => 4 * v);
const similarity = (dtype: 'f32' | 'f16' = 'f32'): Tensor => cast(on(small.similarity, [n, h, w, 8]), dtype);

it('a gradient is added to what another op gave', async () => {
  const [objects, corners] = placed(small);
  const gradientOf = async (losses: (x: Tensor) => Tensor): Promise<Float32Array> => {
    const x = on(data, shape);
    x.requiresGrad = true;
    scope(() => backward(losses(x)));
    return x.grad!.floats();
  };
  const projection = (x: Tensor): Tensor => projectionLoss(x, objects, corners);
  const pairwise = (x: Tensor): Tensor => pairwiseLoss(x, objects, corners, similarity());
  const [first, second] = [await gradientOf(projection), await gradientOf(pairwise)];
  const both = first.map((v, i) => v + second[i]);
  expect(relativeError(await gradientOf((x) => add(projection(x), pairwise(x))), both, 1e-4)).toBeLessThan(1e-6);
  expect(relativeError(await gradientOf((x) => add(pairwise(x), projection(x))), both, 1e-4)).toBeLessThan(1e-6);
});

it('what is no instance counts nowhere, and nothing is no loss', async () => {
  const corners = on([0, 0, 20, 20], [1, 1, 4]);
  const logits = on([...data.subarray(0, 63), ...new Array(63).fill(Number.NaN)], [1, 2, h, w]);
  const alone = on(data.subarray(0, 63), [1, 1, h, w]);
  for (const x of [logits, alone]) x.requiresGrad = true;
  const alike = on(small.similarity.subarray(0, 63 * 8), [1, h, w, 8]);
  for (const loss of [projectionLoss, pairwiseLoss]) {
    const both = loss(logits, on([0, NO_INDEX], [1, 2], 'u32'), corners, alike as never);
    const one = loss(alone, on([0], [1, 1], 'u32'), corners, alike as never);
    expect(await both.item()).toBe(await one.item());
    backward(both);
    backward(one);
    expect([...(await logits.grad!.floats())]).toEqual([...(await alone.grad!.floats()), ...new Array(63).fill(0)]);
    const none = loss(logits, on([1, NO_INDEX], [1, 2], 'u32'), corners, alike as never);
    expect(await none.item()).toBe(0);
    backward(none);
    expect((await logits.grad!.floats()).every((v) => v === 0)).toBe(true);
  }
});

it.each([30, 200, 1e30])('logits of ±%f have exact losses and finite gradients', async (size) => {
  const [objects, corners] = placed(small);
  const large = data.map((v) => (v < 0 ? -size : size));
  const masks = boxMasksIn64(small.maps, small.objects, small.corners);
  const x = on(large, shape);
  x.requiresGrad = true;
  const loss = pairwiseLoss(x, objects, corners, similarity());
  const expected = pairwiseOf(Float64Array.from(large), masks, small.maps, small.similarity, 0.3);
  expect(Math.abs((await loss.item()) / expected - 1)).toBeLessThan(1e-6);
  scope(() => backward(add(loss, projectionLoss(x, objects, corners))));
  expect((await x.grad!.floats()).every(Number.isFinite)).toBe(true);
});

// f16 rounds the logits, which are exact here, and the gradient.
it.skipIf(!gpu.capabilities.f16)('in f16', async () => {
  const [objects, corners] = placed(small);
  const exact = data.map((v) => Math.round(v * 64) / 64);
  const results: [number, Float32Array][] = [];
  for (const dtype of ['f32', 'f16'] as const) {
    const x = cast(on(exact, shape), dtype);
    x.requiresGrad = true;
    const alike = cast(
      on(
        small.similarity.map((v) => Math.round(v * 64) / 64),
        [n, h, w, 8],
      ),
      dtype,
    );
    const loss = add(projectionLoss(x, objects, corners), pairwiseLoss(x, objects, corners, alike));
    const value = await loss.item();
    backward(loss);
    results.push([value, await x.grad!.floats()]);
  }
  const [[single, gradient], [half, rounded]] = results;
  expect(half).toBeCloseTo(single, 6);
  expect(relativeError(rounded, gradient, 1e-4)).toBeLessThan(2 ** -10);
});

it('a factor may be a tensor, which a captured step reads anew', async () => {
  const [objects, corners] = placed(small);
  const [x, alike, factor] = [on(data, shape), similarity(), on([0.25], [1])];
  const plain = await pairwiseLoss(x, objects, corners, alike).item();
  expect(await pairwiseLoss(x, objects, corners, alike, { factor: 0.5 }).item()).toBeCloseTo(0.5 * plain, 6);
  x.requiresGrad = true;
  let loss: Tensor | undefined;
  const program = gpu.capture('a step', () => {
    loss = pairwiseLoss(x, objects, corners, alike, { factor });
    scope(() => backward(loss!));
  });
  const gradient = await x.grad!.floats();
  expect(await loss!.item()).toBeCloseTo(0.25 * plain, 6);
  factor.set([1]);
  program.replay();
  expect(await loss!.item()).toBeCloseTo(plain, 6);
  const whole = gradient.map((v) => 4 * v);
  expect(relativeError(await x.grad!.floats(), whole, 1e-4)).toBeLessThan(1e-6);
  program.dispose();
});

it('refuse shapes and dtypes by name', () => {
  const [objects, corners] = placed(small);
  const x = on(data, shape);
  const zero = on([0], [1]);
  expect(() => projectionLoss(zero, objects, corners)).toThrow(
    'projectionLoss: input [1] must be [N×K×h×w], with sides from 1',
  );
  expect(() => projectionLoss(x, corners, corners)).toThrow('is f32, it must be u32');
  expect(() => projectionLoss(x, on([0], [1], 'u32'), corners)).toThrow('input [1] must be [2×3]');
  expect(() => projectionLoss(x, objects, zero)).toThrow('input [1] must be [2×M×4]');
  expect(() => projectionLoss(x, objects, corners, { stride: 0.5 })).toThrow('projectionLoss: stride is 0.5');
  expect(() => pairwiseLoss(x, objects, corners, zero)).toThrow('pairwiseLoss: input [1] must be [2×7×9×8]');
  expect(() => pairwiseLoss(x, objects, corners, similarity(), { threshold: -1 })).toThrow('threshold is -1');
});
