// What a network's forward pass holds where nothing is recorded, and blocks of channels that are no DenseNet's.
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/models/graph/builder.ts';
import { Network } from '../../src/models/network.ts';
import { createModel } from '../../src/models/zoo/registry.ts';
import type { Precision } from '../../src/nn/arena.ts';
import { EVAL, TRAIN } from '../../src/nn/module.ts';
import { sum } from '../../src/ops/reduce/sum.ts';
import { backward, frozen, noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { gpu, on } from '../support/gpu.ts';
import { values } from '../support/random.ts';

const SIDE = 8;
const input = () => on(values(1, SIDE * SIDE * 3), [1, SIDE, SIDE, 3]);

describe('without a tape, nothing but the logits is held', () => {
  it.each<[string, Precision]>([
    ['resnet-small', 'f32'],
    ['densenet-small', 'f32'],
    ...(gpu.capabilities.f16 ? [['densenet-small', 'f16'] as [string, Precision]] : []),
  ])('%s in %s', async (name, precision) => {
    const network = createModel(name, { width: 0.25 }).to(gpu, 1, { precision });
    const x = input();
    const { current } = gpu.memory.stats();
    const logits = noGrad(() => network.forward(x, EVAL));
    expect(x.released).toBe(false);
    expect((await logits.floats()).every(Number.isFinite)).toBe(true);
    logits.release();
    expect(gpu.memory.stats().current).toBe(current);
    for (const made of [x, network]) made.release();
  });
});

it('a constant that a gradient needs outlives a last reader that is a constant, too', async () => {
  const network = createModel('resnet-small', { width: 0.25 }).to(gpu, 1);
  const x = input();
  const constants = [...network.arena.tensors].filter(([name]) => /^(conv1|bn1|layer1)\b|downsample/.test(name));
  const weight = network.arena.tensors.get('layer2.0.conv1.weight')!;
  frozen(
    constants.map(([, tensor]) => tensor),
    () => scope(() => backward(sum(network.forward(x, TRAIN)))),
  );
  const gradient = await weight.grad!.floats();
  expect(gradient.every(Number.isFinite) && gradient.some((g) => g !== 0)).toBe(true);
  for (const made of [x, network]) made.release();
});

it("the image is the caller's, whatever its node is called", () => {
  const graph = new GraphBuilder();
  graph.linear(graph.globalPool(graph.conv(graph.image(), 'conv', 4)), 'fc', 2);
  const made = graph.graph('renamed', SIDE);
  const nodes = made.nodes.map((node) =>
    node.op === 'image' ? { ...node, name: 'pixels' } : node.op === 'conv' ? { ...node, input: 'pixels' } : node,
  );
  const network = new Network({ ...made, nodes }).to(gpu, 1);
  const x = input();
  scope(() => noGrad(() => network.forward(x, EVAL)));
  expect(x.released).toBe(false);
  for (const made of [x, network]) made.release();
});

it('a concatenation of a value with itself is none that grows in place', async () => {
  const graph = new GraphBuilder();
  const stem = graph.conv(graph.image(), 'stem', 4);
  const once = graph.concat('once', stem, graph.conv(stem, 'more', 4));
  graph.linear(graph.globalPool(graph.concat('twice', once, once)), 'fc', 2);
  const network = new Network(graph.graph('twice', SIDE)).to(gpu, 1);
  const x = input();
  const [made, before] = noGrad(() => scope(() => network.values(x, EVAL, ['twice', 'once'])));
  const [twice, plain] = [await made.floats(), await before.floats()];
  expect(twice).toEqual(Float32Array.from(twice, (_, i) => plain[Math.floor(i / 16) * 8 + (i % 8)]));
  const logits = noGrad(() => scope(() => network.forward(x, EVAL)));
  expect((await logits.floats()).every(Number.isFinite)).toBe(true);
  for (const tensor of [made, before, logits, x, network]) tensor.release();
});
