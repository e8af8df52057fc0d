// A small vision transformer in training: f16 against f32, and a captured step, which is one submit and allocates nothing.
import { expect, it } from 'vitest';
import { Network } from '../../../src/models/network.ts';
import { vit } from '../../../src/models/zoo/vit.ts';
import type { Precision } from '../../../src/nn/arena.ts';
import { TRAIN } from '../../../src/nn/module.ts';
import { AdamW } from '../../../src/nn/optim/adam.ts';
import { NO_DECAY } from '../../../src/nn/optim/parameter-groups.ts';
import { crossEntropy } from '../../../src/ops/loss/cross-entropy.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { keep, scope } from '../../../src/tensor/scope.ts';
import { full, type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { calls, only } from '../../support/calls.ts';
import { distance } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';
import { fillByFormula } from '../../support/torch.ts';

const [BATCH, SIDE] = [3, 16];
const graph = vit({ model: 'small vit', size: SIDE, patch: 4, width: 32, blocks: 2, heads: 2, classes: 5 });
/** Small enough that no gradient overflows. */
const SCALE = 1024;
const PRECISIONS: Precision[] = gpu.capabilities.f16 ? ['f32', 'f16'] : ['f32'];

/** Network, images and labels. */
async function made(precision: Precision) {
  const network = new Network(graph).to(gpu, 1, { precision });
  await fillByFormula(network);
  const x = on(values(5, BATCH * SIDE * SIDE * 3), [BATCH, SIDE, SIDE, 3]);
  return { network, x, y: tensor(gpu, [3, 0, 4], [BATCH], 'labels', 'u32') };
}

async function pass(precision: Precision) {
  const { network, x, y } = await made(precision);
  const scale = precision === 'f16' ? SCALE : 1;
  const { logits, loss } = scope(() => {
    const logits = network.forward(x, TRAIN);
    const kept = keep(logits.alias());
    const loss = crossEntropy(logits, y);
    backward(loss, { gradient: full(gpu, [1], scale) });
    return { logits: kept, loss };
  });
  const gradients = new Map<string, Float32Array>();
  for (const [name, { grad }] of network.arena.tensors)
    gradients.set(
      name,
      (await grad!.floats()).map((v) => v / scale),
    );
  const result = { logits: await logits.floats(), loss: await loss.item(), gradients };
  for (const one of [logits, loss, x, y, network]) one.release();
  return result;
}

// On the longest way through the network each of two blocks rounds 14 times (the weights and results of four layers, two norms, attention, GELU, two sums), and seven more roundings
// are those of images, patches, places, the last norm and the head, of 2⁻¹¹ each; independent errors add up to a fraction of the sum. Backward it is as much again.
const FORWARD = 35 * 2 ** -11;

it.skipIf(PRECISIONS.length < 2)('agrees in f16 with f32, with the gradient of every parameter', async () => {
  const [wide, half] = [await pass('f32'), await pass('f16')];
  expect(half.logits).not.toEqual(wide.logits);
  expect(distance(half.logits, wide.logits)).toBeLessThan(FORWARD);
  expect(Math.abs(half.loss - wide.loss)).toBeLessThan(FORWARD * wide.loss);
  for (const [name, gradient] of wide.gradients)
    expect(distance(half.gradients.get(name)!, gradient), name).toBeLessThan(2 * FORWARD);
});

it.each(PRECISIONS)('a step in %s is one submit, allocates nothing, and learns', async (precision) => {
  const { network, x, y } = await made(precision);
  const optimizer = new AdamW(network.arena, { lr: 0.002, weightDecay: 0.05, groups: [NO_DECAY] });
  let loss!: Tensor;
  const program = gpu.capture('step', () => {
    loss = crossEntropy(network.forward(x, TRAIN), y);
    backward(loss);
    optimizer.step();
  });
  const first = await loss.item();
  const before = gpu.memory.stats().current;
  const seen = await calls(async () => {
    for (let i = 0; i < 8; i++) program.replay();
  });
  expect(seen).toEqual(only(8));
  expect(gpu.memory.stats().current).toBe(before);
  expect(await loss.item()).toBeLessThan(first / 4);
  program.dispose();
  for (const one of [optimizer, network, x, y]) one.release();
});
