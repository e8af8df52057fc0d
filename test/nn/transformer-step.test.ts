// A whole training step of a small transformer as people write one, with batches, attention, dropout, clipping and weight decay by groups: captured, it is one submit
// and nothing else, and two runs from one seed end in the same bits.
import { expect, it } from 'vitest';
import { ArrayBatches, DeviceArrays } from '../../src/data/index.ts';
import {
  AdamW,
  Dropout,
  Embedding,
  GELU,
  LayerNorm,
  Linear,
  Module,
  MultiHeadAttention,
  NO_DECAY,
  Sequential,
  TRAIN,
} from '../../src/nn/index.ts';
import { add, crossEntropy } from '../../src/ops/index.ts';
import { backward, type Tensor } from '../../src/tensor/index.ts';
import { calls, only } from '../support/calls.ts';
import { gpu } from '../support/gpu.ts';

class Transformer extends Module {
  tokens = new Embedding(6, 16);
  norm = new LayerNorm(16);
  attention = new MultiHeadAttention(16, 2);
  drop = new Dropout(0.1);
  mlp = new Sequential(new LayerNorm(16), new Linear(16, 32), new GELU(), new Linear(32, 16));
  head = new Linear(16, 6);

  forward(x: Tensor): Tensor {
    const h = this.tokens.forward(x);
    const seen = add(h, this.drop.forward(this.attention.forward(this.norm.forward(h), { causal: true }), TRAIN));
    return this.head.forward(add(seen, this.mlp.forward(seen)));
  }
}

const data = {
  x: { data: Uint32Array.from({ length: 40 * 5 }, (_, i) => (i * 7 + (i >> 2)) % 6), shape: [5] },
  y: { data: Uint32Array.from({ length: 40 * 5 }, (_, i) => (i * 5 + 3) % 6), shape: [5] },
};

async function train(steps: number) {
  const batches = new ArrayBatches(new DeviceArrays(gpu, data), { batch: 8, seed: 1 });
  const model = new Transformer().to(gpu, 1);
  const optimizer = new AdamW(model.arena, { lr: 0.01, weightDecay: 0.01, groups: [NO_DECAY], clipNorm: 1 });
  let loss!: Tensor;
  const program = gpu.capture('step', () => {
    batches.next();
    loss = crossEntropy(model.forward(batches.batch.x), batches.batch.y);
    backward(loss);
    optimizer.step();
  });
  const first = await loss.item();
  const before = gpu.memory.stats().current;
  const made = await calls(async () => {
    for (let i = 0; i < steps; i++) program.replay();
  });
  expect(made).toEqual(only(steps));
  expect(gpu.memory.stats().current).toBe(before);
  const weights = [...(await model.arena.values.floats())];
  const last = await loss.item();
  program.dispose();
  for (const part of [optimizer, model, batches]) part.release();
  return { first, last, weights };
}

it('is one submit, learns, and is the same twice', async () => {
  const [one, two] = [await train(40), await train(40)];
  expect(one.last).toBeLessThan(one.first);
  expect(two).toEqual(one);
});
