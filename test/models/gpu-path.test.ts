// The kernels that a GPU would get, run on whatever adapter there is: whole training steps and an evaluation come out as they do with its own kernels.
import { afterEach, describe, expect, it } from 'vitest';
import { createModel } from '../../src/models/zoo/registry.ts';
import type { Precision } from '../../src/nn/arena.ts';
import { EVAL, TRAIN } from '../../src/nn/module.ts';
import { Sgd } from '../../src/nn/optim/sgd.ts';
import { crossEntropy } from '../../src/ops/loss/cross-entropy.ts';
import { backward, noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { distance } from '../support/check.ts';
import { gpu, on } from '../support/gpu.ts';
import { values } from '../support/random.ts';

const { software } = gpu.adapter;
afterEach(() => {
  gpu.adapter.software = software;
});

const BATCH = 4;
const SIDE = 16;

/** The losses of three steps, and logits after them. */
async function train(asSoftware: boolean, precision: Precision): Promise<{ losses: number[]; logits: Float32Array }> {
  gpu.adapter.software = asSoftware;
  const network = createModel('resnet-small').to(gpu, 1, { precision });
  const optimizer = new Sgd(network.arena, { lr: 0.1, momentum: 0.9 });
  const x = on(values(1, BATCH * SIDE * SIDE * 3), [BATCH, SIDE, SIDE, 3]);
  const y = on([0, 1, 2, 3], [BATCH], 'u32');
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) {
    const loss = scope(() => {
      const loss = crossEntropy(network.forward(x, TRAIN), y);
      backward(loss, { gradient: optimizer.lossScale });
      optimizer.step();
      return loss;
    });
    losses.push(await loss.item());
    loss.release();
  }
  const evaluated = noGrad(() => scope(() => network.forward(x, EVAL)));
  const logits = await evaluated.floats();
  for (const made of [evaluated, x, y, optimizer, network]) made.release();
  return { losses, logits };
}

describe.skipIf(!software)('as on a GPU', () => {
  // f32: rounding in another order, 1e-6 a step, and what three steps make of it. f16: activations rounded by 2⁻¹¹ in 22 places, as in mixed-precision.test.ts.
  it.each<[Precision, number]>([
    ['f32', 1e-5],
    ...(gpu.capabilities.f16 ? [['f16', 22 * 2 ** -11] as [Precision, number]] : []),
  ])('three steps in %s', { timeout: 240_000 }, async (precision, tolerance) => {
    const [own, other] = [await train(true, precision), await train(false, precision)];
    expect(distance(other.losses, own.losses)).toBeLessThan(tolerance);
    expect(distance(other.logits, own.logits)).toBeLessThan(tolerance);
    expect(other.losses[2]).toBeLessThan(other.losses[0]);
  });
});
