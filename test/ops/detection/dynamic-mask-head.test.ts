// The dynamic mask head against AdelaiDet's values and against float64, forward and backward, with the launches of software adapters and of GPUs; what is no instance; f16; bits.
import { describe, expect, it } from 'vitest';
import { dynamicMaskHead } from '../../../src/ops/detection/dynamic-mask-head.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { alignedBilinear } from '../../../src/ops/resize/aligned-bilinear.ts';
import { reshape } from '../../../src/ops/shape/reshape.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { loadBoxInst, type Packed, unpacked } from '../../golden/boxinst.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { type Head, maskHeadOf } from '../../support/masks.ts';
import { halfValues, values } from '../../support/random.ts';
import { toNchw, toNhwc } from '../../support/torch.ts';

/** With threads of a GPU's kernels, or of this adapter's. */
async function as(kind: string, run: () => Promise<void>): Promise<void> {
  const { detection } = gpu.machine as unknown as { detection: { maskHead: object } };
  const before = detection.maskHead;
  if (kind === 'a GPU') detection.maskHead = { group: 64, holds: false, forward: 64, features: 64 };
  if (kind === 'one without subgroups of 8') detection.maskHead = { ...before, group: 4 };
  try {
    await run();
  } finally {
    detection.maskHead = before;
  }
}

/** What reads each parameter where it is wanted takes a software adapter minutes to compile: there under ASTROGPU_FULL=1 only. */
const KINDS =
  gpu.adapter.software && !process.env.ASTROGPU_FULL
    ? ['a software adapter']
    : ['a software adapter', 'one without subgroups of 8', 'a GPU'];

/** Some place in the image, and sizes of interest. */
const headOf = (n: number, k: number, h: number, w: number, stride = 8): Head => ({
  ...{ n, k, h, w, stride },
  centers: values(11, n * k * 2).map((v, i) => (v + 1) * stride * (i % 2 ? h : w) * 0.5),
  sizes: values(12, n * k).map((v) => 64 * 2 ** Math.floor((v + 1) * 2.5)),
});
const constants = ({ n, k, centers, sizes }: Head): [Tensor, Tensor] => [on(centers, [n, k, 2]), on(sizes, [n, k])];

describe.each(KINDS)('as on %s', (kind) => {
  it("is AdelaiDet's, with its gradients", () =>
    as(kind, async () => {
      const golden = loadBoxInst('dynamic-head');
      const [n, , h, w] = golden.features.shape;
      // Instances lie in the slots of their image.
      const k = 3;
      const slots = golden.images.map(
        (image, i) => image * k + golden.images.slice(0, i).filter((v) => v === image).length,
      );
      const placed = (packed: Packed, length: number): Float32Array => {
        const given = unpacked(packed);
        const out = new Float32Array(n * k * length);
        for (const [i, slot] of slots.entries()) out.set(given.subarray(i * length, (i + 1) * length), slot * length);
        return out;
      };
      const sizes = new Float32Array(n * k);
      for (const [i, slot] of slots.entries()) sizes[slot] = 64 * 2 ** golden.levels[i];
      const features = on(toNhwc(unpacked(golden.features), golden.features.shape), [n, h, w, 16]);
      const parameters = on(placed(golden.parameters, 233), [n, k, 233]);
      features.requiresGrad = true;
      parameters.requiresGrad = true;
      const coarse = dynamicMaskHead(
        features,
        parameters,
        on(placed(golden.locations, 2), [n, k, 2]),
        on(sizes, [n, k]),
      );
      const fine = reshape(alignedBilinear(reshape(coarse, [n * k, h, w, 1]), 2), [n, k, 2 * h, 2 * w]);
      const expected = placed(golden.logits, 4 * h * w);
      expect(relativeError(await fine.floats(), expected)).toBeLessThan(1e-6);
      backward(fine, { gradient: on(placed(golden.weight, 4 * h * w), fine.shape) });
      const gradient = toNchw(await features.grad!.floats(), features.shape);
      expect(relativeError(gradient, unpacked(golden.gradFeatures), 1e-3)).toBeLessThan(3e-6);
      expect(relativeError(await parameters.grad!.floats(), placed(golden.gradParameters, 233), 1e-3)).toBeLessThan(
        3e-6,
      );
    }));

  it.each([
    [2, 3, 5, 7, 8],
    [1, 1, 1, 1, 4],
    [1, 2, 19, 13, 7],
    [1, 1, 23, 29, 8],
  ])('%i images, %i instances, %i×%i, stride %i', (n, k, h, w, stride) =>
    as(kind, () => {
      const head = headOf(n, k, h, w, stride);
      const [centers, sizes] = constants(head);
      return checkOp({
        inputs: [{ shape: [n, h, w, 16] }, { shape: [n, k, 233] }],
        op: ([features, parameters]) => dynamicMaskHead(features, parameters, centers, sizes, { stride }),
        reference: ([features, parameters]) => maskHeadOf(features, parameters, head),
        samples: 12,
      });
    }),
  );

  // f16 rounds the result and, of its own, each gradient.
  it.skipIf(!gpu.capabilities.f16)('in f16', () =>
    as(kind, () => {
      const head = headOf(2, 2, 5, 6);
      const [centers, sizes] = constants(head);
      return checkOp({
        inputs: [{ shape: [2, 5, 6, 16] }, { shape: [2, 2, 233] }],
        op: (inputs) => {
          const [features, parameters] = inputs.map((x) => cast(x, 'f16'));
          return cast(dynamicMaskHead(features, parameters, centers, sizes), 'f32');
        },
        reference: ([features, parameters]) => maskHeadOf(features, parameters, head),
        tolerance: 2 ** -11 + 2e-6,
        gradientTolerance: 2 ** -10,
        half: true,
        samples: 12,
      });
    }),
  );
});

it.skipIf(!gpu.capabilities.f16)('is f16 where either is', () => {
  const head = headOf(1, 2, 3, 3);
  const [centers, sizes] = constants(head);
  const [features, parameters] = [on(halfValues(1, 144), [1, 3, 3, 16]), on(halfValues(2, 466), [1, 2, 233])];
  expect(dynamicMaskHead(cast(features, 'f16'), parameters, centers, sizes).dtype).toBe('f16');
  expect(dynamicMaskHead(features, cast(parameters, 'f16'), centers, sizes).dtype).toBe('f16');
  expect(dynamicMaskHead(features, parameters, centers, sizes).dtype).toBe('f32');
});

it('what is no instance has logits and gradients of zero, whatever its parameters are', async () => {
  const none = [0, Number.NaN, -64, Number.POSITIVE_INFINITY];
  const features = on(values(1, 3 * 5 * 16), [1, 3, 5, 16]);
  const data = values(2, 5 * 233);
  data.fill(Number.NaN, 233);
  const parameters = on(data, [1, 5, 233]);
  const alone = on(data.subarray(0, 233), [1, 1, 233]);
  const centers = on([9, 7, ...new Array(8).fill(Number.NaN)], [1, 5, 2]);
  for (const x of [features, parameters, alone]) x.requiresGrad = true;
  const y = dynamicMaskHead(features, parameters, centers, on([64, ...none], [1, 5]));
  const dy = values(3, 75);
  const expected = dynamicMaskHead(features, alone, on([9, 7], [1, 1, 2]), on([64], [1, 1]));
  expect([...(await y.floats())]).toEqual([...(await expected.floats()), ...new Array(60).fill(0)]);
  backward(y, { gradient: on(dy, y.shape) });
  const [forFeatures, forParameters] = [await features.grad!.floats(), await parameters.grad!.floats()];
  backward(expected, { gradient: on(dy.subarray(0, 15), expected.shape) });
  expect([...forFeatures]).toEqual([...(await features.grad!.floats())]);
  expect([...forParameters]).toEqual([...(await alone.grad!.floats()), ...new Array(4 * 233).fill(0)]);
});

it('gives the same bits again', async () => {
  const head = headOf(1, 3, 21, 17);
  const [centers, sizes] = constants(head);
  const inputs = [on(values(1, 21 * 17 * 16), [1, 21, 17, 16]), on(values(2, 3 * 233), [1, 3, 233])];
  for (const x of inputs) x.requiresGrad = true;
  const dy = on(values(3, 3 * 21 * 17), [1, 3, 21, 17]);
  const runs: number[][] = [];
  for (let i = 0; i < 2; i++) {
    scope(() => backward(dynamicMaskHead(inputs[0], inputs[1], centers, sizes), { gradient: dy }));
    runs.push((await Promise.all(inputs.map((x) => x.grad!.floats()))).flatMap((v) => [...v]));
  }
  expect(runs[0]).toEqual(runs[1]);
});

it('refuses shapes and dtypes by name', () => {
  const [features, parameters] = [on(new Float32Array(32), [1, 1, 2, 16]), on(new Float32Array(466), [1, 2, 233])];
  const [centers, sizes] = [on([1, 2, 3, 4], [1, 2, 2]), on([64, 64], [1, 2])];
  const zero = on([0], [1]);
  expect(() => dynamicMaskHead(zero, parameters, centers, sizes)).toThrow(
    'dynamicMaskHead: input [1] must be [N×h×w×16]',
  );
  expect(() => dynamicMaskHead(features, zero, centers, sizes)).toThrow('input [1] must be [1×K×233]');
  expect(() => dynamicMaskHead(features, parameters, zero, sizes)).toThrow('input [1] must be [1×2×2]');
  expect(() => dynamicMaskHead(features, parameters, centers, zero)).toThrow('input [1] must be [1×2]');
  expect(() => dynamicMaskHead(features, parameters, centers, on([1, 1], [1, 2], 'u32'))).toThrow(
    'is u32, it must be f32',
  );
  expect(() => dynamicMaskHead(features, parameters, centers, sizes, { stride: 0 })).toThrow('stride is 0');
});
