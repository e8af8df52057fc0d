// Where networks can be cut, and that a network whose blocks run twice gives the bits of one that stores them, in less memory; and stochastic depth along its branches.
import { describe, expect, it } from 'vitest';
import { GateLayout } from '../../../src/astro/gate-layout.ts';
import { blockEnds, cutPoints } from '../../../src/models/graph/cuts.ts';
import type { Graph } from '../../../src/models/graph/graph.ts';
import { Network, type NetworkOptions } from '../../../src/models/network.ts';
import { densenet } from '../../../src/models/zoo/densenet.ts';
import { describeModel } from '../../../src/models/zoo/registry.ts';
import { resnet } from '../../../src/models/zoo/resnet.ts';
import { vit } from '../../../src/models/zoo/vit.ts';
import { BATCH_STATS, EVAL, type Pass, TRAIN } from '../../../src/nn/module.ts';
import { crossEntropy } from '../../../src/ops/loss/cross-entropy.ts';
import { backward, frozen, noGrad } from '../../../src/tensor/autograd.ts';
import { keep, scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

const VIT = vit({ model: 'tiny ViT', size: 16, patch: 4, width: 8, blocks: 3, heads: 2, classes: 5 });
const RESNET = resnet({ model: 'tiny ResNet', blocks: [2, 1], widths: [4, 8], classes: 5, stem: 'cifar' });

describe('cuts', () => {
  it('are at the ends of blocks', () => {
    expect(blockEnds(VIT)).toEqual([
      'blocks.0.sum',
      'blocks.0',
      'blocks.1.sum',
      'blocks.1',
      'blocks.2.sum',
      'blocks.2',
    ]);
    expect(blockEnds(describeModel('resnet50-imagenet'))).toHaveLength(16);
    expect(blockEnds(describeModel('vgg16')).length).toBeGreaterThan(12);
  });

  it('are not inside of a block that grows in place', () => {
    const graph = densenet({ model: 'tiny', layers: [2, 2], growth: 4, stem: 8, classes: 5 });
    for (const name of cutPoints(graph)) expect(() => new Network(graph, { recompute: [name] })).not.toThrow();
    expect(() => new Network(VIT, { recompute: ['blocks.0.mlp.fc1'] })).toThrow(
      'tiny ViT cannot be computed again from blocks.0.mlp.fc1 on',
    );
  });
});

const batch = (size: number): { x: Tensor; y: Tensor } => ({
  x: on(values(1, 4 * size * size * 3), [4, size, size, 3]),
  y: on([0, 1, 2, 3], [4], 'u32'),
});

/** Loss, gradients, running statistics and draws of two steps under gates, and the bytes that a step takes beside what was there. */
async function trained(graph: Graph, options: NetworkOptions, { captured = false, gated = true } = {}) {
  const network = new Network(graph, options).to(gpu, 3);
  const layout = new GateLayout(network, 'filter');
  const gates = keep(
    on(
      values(4, layout.total).map((v) => 0.6 + v / 4),
      [layout.total],
    ),
  );
  gates.requiresGrad = true;
  const { x, y } = batch(16);
  const pass = (): Tensor => crossEntropy(network.forward(x, TRAIN), y);
  let loss: Tensor | undefined;
  const step = (): void =>
    scope(() => {
      const made = gated ? layout.gated(gates, pass) : pass();
      backward(made);
      loss?.release();
      loss = keep(made.alias());
    });
  step();
  const before = gpu.memory.stats().current;
  gpu.memory.resetPeak();
  if (captured) gpu.capture('step', step).dispose();
  else step();
  const { peak } = gpu.memory.stats();
  const read = {
    loss: await loss!.item(),
    gates: gated ? await gates.grad!.floats() : undefined,
    gradients: await Promise.all([...network.arena.tensors.values()].map(({ grad }) => grad!.floats())),
    statistics: await network.bufferArena?.values.floats(),
    draws: await network.draws?.data(),
  };
  for (const made of [loss!, gates, ...(gates.grad ? [gates.grad] : []), x, y, network]) made.release();
  return { read, bytes: peak - before };
}

describe.each<[string, Graph, NetworkOptions]>([
  ['a ViT with stochastic depth', VIT, { dropPath: 0.5 }],
  ['a ResNet', RESNET, {}],
])('%s', (_, graph, options) => {
  it('has the bits of what is stored', async () => {
    const stored = await trained(graph, options);
    expect((await trained(graph, { ...options, recompute: true })).read).toEqual(stored.read);
    expect((await trained(graph, { ...options, recompute: true }, { captured: true })).read).toEqual(stored.read);
  });
});

it('takes less memory: of a ViT of eight blocks less than half', async () => {
  const graph = vit({ model: 'deep', size: 16, patch: 2, width: 32, blocks: 8, heads: 2, classes: 5 });
  const stored = (await trained(graph, {}, { gated: false })).bytes;
  const twice = (await trained(graph, { recompute: true }, { gated: false })).bytes;
  expect(twice / stored).toBeLessThan(0.5);
});

it('leaves frozen weights alone, and a pass without gradients as it is', async () => {
  const network = new Network(VIT, { recompute: true }).to(gpu, 3);
  const layout = new GateLayout(network, 'filter');
  const gates = on(values(4, layout.total), [layout.total]);
  gates.requiresGrad = true;
  const { x, y } = batch(16);
  for (const { grad } of network.arena.tensors.values()) gpu.fill(grad!.slice, 0);
  scope(() =>
    backward(
      frozen(network.arena.tensors.values(), () =>
        layout.gated(gates, () => crossEntropy(network.forward(x, BATCH_STATS), y)),
      ),
    ),
  );
  for (const { grad } of network.arena.tensors.values())
    expect((await grad!.floats()).every((v) => v === 0)).toBe(true);
  expect((await gates.grad!.floats()).some((v) => v !== 0)).toBe(true);
  for (const made of [gates.grad!, gates, x, y, network]) made.release();
});

describe('stochastic depth', () => {
  it('leaves out the last branch most, in training alone', async () => {
    const [plain, dropping] = [0, 1].map((dropPath) => new Network(VIT, { dropPath }).to(gpu, 3));
    expect([...dropping.arena.tensors.keys()]).toEqual([...plain.arena.tensors.keys()]);
    const { x, y } = batch(16);
    const run = async (network: Network, pass: Pass, node: string): Promise<Float32Array> => {
      const [value] = scope(() => noGrad(() => network.values(x, pass, [node])));
      const read = await value.floats();
      value.release();
      return read;
    };
    expect(await run(dropping, EVAL, 'blocks.2')).toEqual(await run(plain, EVAL, 'blocks.2'));
    expect(await run(dropping, BATCH_STATS, 'blocks.2')).toEqual(await run(plain, BATCH_STATS, 'blocks.2'));
    expect(await run(dropping, TRAIN, 'blocks.0.sum')).toEqual(await run(plain, TRAIN, 'blocks.0.sum'));
    // At a share of 1 nothing is left of the last branch: what went past it comes out.
    const [past, out] = await Promise.all([run(dropping, TRAIN, 'blocks.2.sum'), run(dropping, TRAIN, 'blocks.2')]);
    expect(past.length).toBe(out.length);
    expect(await run(dropping, TRAIN, 'blocks.2')).not.toEqual(await run(plain, TRAIN, 'blocks.2'));
    for (const made of [plain, dropping, x, y]) made.release();
  });

  it('needs branches', () => {
    expect(() => new Network(RESNET, { dropPath: 0.1 })).toThrow(
      'tiny ResNet has no sums of branches of their own, so stochastic depth has nothing to leave out',
    );
  });
});
