// A whole ResNet in f16 against itself in f32: logits, loss, and the gradient of every parameter, within what rounding can do.
import { describe, expect, it } from 'vitest';
import { createModel } from '../../src/models/zoo/registry.ts';
import type { Precision } from '../../src/nn/arena.ts';
import { EVAL, TRAIN } from '../../src/nn/module.ts';
import { crossEntropy } from '../../src/ops/loss/cross-entropy.ts';
import { backward, noGrad } from '../../src/tensor/autograd.ts';
import { keep, scope } from '../../src/tensor/scope.ts';
import { full, tensor } from '../../src/tensor/tensor.ts';
import { distance } from '../support/check.ts';
import { gpu, on } from '../support/gpu.ts';
import { generator, values, whole } from '../support/random.ts';

const [BATCH, SIDE] = [8, 16];
/** Small enough that no gradient overflows. */
const SCALE = 4096;

async function pass(seed: number, precision: Precision) {
  const next = generator(seed);
  const x = on(values(seed, BATCH * SIDE * SIDE * 3), [BATCH, SIDE, SIDE, 3]);
  const labels = Array.from({ length: BATCH }, () => whole(next, 0, 9));
  const y = tensor(gpu, labels, [BATCH], 'labels', 'u32');
  const network = createModel('resnet-small').to(gpu, seed, { precision });
  const scale = precision === 'f16' ? SCALE : 1;
  const { logits, loss } = scope(() => {
    const made = network.forward(x, TRAIN);
    const logits = keep(made.alias());
    const loss = crossEntropy(made, y);
    backward(loss, { gradient: full(gpu, [1], scale) });
    return { logits, loss };
  });
  const gradients = new Map<string, Float32Array>();
  for (const [name, { grad }] of network.arena.tensors) {
    expect(grad!.dtype).toBe('f32');
    gradients.set(
      name,
      (await grad!.floats()).map((v) => v / scale),
    );
  }
  const evaluated = noGrad(() => scope(() => network.forward(x, EVAL)));
  const result = {
    logits: await logits.floats(),
    loss: await loss.item(),
    evaluated: await evaluated.floats(),
    gradients,
  };
  for (const made of [x, y, logits, loss, evaluated, network]) made.release();
  return result;
}

// On the longest way through the network 22 tensors are rounded: the images, and of seven convolutions the weight, the result and what its
// normalization makes of it. Each rounding is off by at most 2⁻¹¹ of a value, hence of a tensor's norm, and neither convolutions nor normalizations
// make a relative error larger on the whole. Independent errors add up to a tenth of this sum.
const FORWARD = 22 * 2 ** -11;
// In a gradient, what counts is the ReLUs that switch: a normalized value with the relative error ε changes its sign with the probability
// E|ε|·φ(0) = 0.32 ε, and then a gradient passes or not as a whole, where half of them do: 0.64 ε of its square. There are seven ReLUs.
const BACKWARD = Math.sqrt(7 * 0.64 * FORWARD);

describe.skipIf(!gpu.capabilities.f16)('resnet-small in f16', () => {
  it.each([1, 2, 3])('agrees with f32, seed %i', async (seed) => {
    const [wide, half] = [await pass(seed, 'f32'), await pass(seed, 'f16')];
    expect(half.logits).not.toEqual(wide.logits);
    expect(distance(half.logits, wide.logits)).toBeLessThan(FORWARD);
    expect(distance(half.evaluated, wide.evaluated)).toBeLessThan(FORWARD);
    expect(Math.abs(half.loss - wide.loss)).toBeLessThan(FORWARD * wide.loss);
    for (const [name, gradient] of wide.gradients)
      expect(distance(half.gradients.get(name)!, gradient), name).toBeLessThan(
        name.startsWith('fc') ? FORWARD : BACKWARD,
      );
  });

  it('takes images in either dtype, and so does one in f32', async () => {
    const images = values(4, 2 * 64 * 3).map((v) => Math.floor(v * 1024) / 1024);
    for (const precision of ['f16', 'f32'] as const) {
      const network = createModel('resnet-small').to(gpu, 1, { precision });
      expect(network.precision).toBe(precision);
      const logits = (['f32', 'f16'] as const).map((dtype) =>
        noGrad(() => scope(() => network.forward(tensor(gpu, images, [2, 8, 8, 3], 'images', dtype), EVAL))),
      );
      expect(await logits[1].floats()).toEqual(await logits[0].floats());
      for (const made of [...logits, network]) made.release();
    }
  });
});
