// Two kinds of nodes that this file alone knows, through everything that reads a graph: a new kind is its file and a line, and touches nothing else.
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findLayer } from '../../../src/explain/maps/layers.ts';
import { GraphBuilder } from '../../../src/models/graph/builder.ts';
import { channelClasses } from '../../../src/models/graph/channels.ts';
import { networkCost } from '../../../src/models/graph/cost.ts';
import type { Graph } from '../../../src/models/graph/graph.ts';
import { layersOf } from '../../../src/models/graph/layers.ts';
import { addNodeKind } from '../../../src/models/kinds/index.ts';
import { Network } from '../../../src/models/network.ts';
import { channelwise, type OneInput } from '../../../src/models/node/channelwise.ts';
import { stateVector } from '../../../src/models/node/compaction.ts';
import { neededInputs, throughConnections } from '../../../src/models/node/connections.ts';
import { type Connections, checkChannels, type NodeKind } from '../../../src/models/node/kind.ts';
import { uniformFan } from '../../../src/nn/init.ts';
import { Conv2d } from '../../../src/nn/layers/conv2d.ts';
import { Module, Parameter, TRAIN } from '../../../src/nn/module.ts';
import { loadStateDict } from '../../../src/nn/state-dict.ts';
import { mul } from '../../../src/ops/arithmetic/binary.ts';
import { sum } from '../../../src/ops/reduce/sum.ts';
import { compact } from '../../../src/prune/compact.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { readNetwork, writeNetwork } from '../../../src/train/files/network-file.ts';
import { gpu, on } from '../../support/gpu.ts';
import { agreesWithItself, expectOutputs, imagesFor, outputsFor, valuesOf } from '../../support/graph.ts';
import { newFolder, removeFolders } from '../../support/jobs.ts';
import { randomState } from '../../support/onnx.ts';
import { values } from '../../support/random.ts';

/** Each channel times a learned number: what LayerScale does. */
interface ScaleByNode extends OneInput {
  op: 'scaleBy';
  channels: number;
}

class Scale extends Module {
  readonly weight: Parameter;

  constructor(channels: number) {
    super();
    this.weight = new Parameter([channels], uniformFan(1));
  }
}

const scaleBy: NodeKind<ScaleByNode> = {
  ...channelwise,
  op: 'scaleBy',
  channels: (node, [given]) => checkChannels(node, node.channels, given),
  layers: ({ name, channels }) => [[name, new Scale(channels)]],
  forward: ({ name }, [x], { layer }) => mul(x, layer<Scale>(name).weight.tensor),

  propagate({ name, channels }, [given], values) {
    const scale = values.vector(`${name}.weight`, channels, 1);
    return {
      constant: given.constant.map((k, c) => (scale[c] === 0 ? 0 : k * scale[c])),
      image: given.image.map((reached, c) => (scale[c] === 0 ? 0 : reached)),
    };
  },
  needs({ name, channels }, own, _, values) {
    const scale = values.vector(`${name}.weight`, channels, 1);
    return [own.map((needs, c) => (scale[c] === 0 ? 0 : needs))];
  },
  rectified: () => false,
  shrink: (node, { inputs: [input], channels }) => ({ ...node, input, channels }),
  write: ({ name }, { part }) => [[`${name}.weight`, stateVector(part(`${name}.weight`))]],

  onnx({ name, channels }, [input], writer) {
    const weight = writer.tensor(`${name}.weight`, [channels]);
    return writer.op('Mul', [input, writer.constant(`${name}.weight`, writer.channelShape(channels), weight)]);
  },
};

/** Every pixel's channels mixed, with a bias. */
interface MixNode extends OneInput {
  op: 'mix';
  inputs: number;
  outputs: number;
}

const connections = ({ name, inputs, outputs }: MixNode): Connections => ({
  layer: name,
  inputs,
  outputs,
  area: 1,
  filter: 'output',
  border: false,
});

const mix: NodeKind<MixNode> = {
  ...channelwise,
  op: 'mix',
  channels(node, [given]) {
    checkChannels(node, node.inputs, given);
    return node.outputs;
  },
  layers: ({ name, inputs, outputs }) => [[name, new Conv2d(inputs, outputs, { kernel: 1, bias: true })]],
  forward: ({ name }, [x], { layer }) => layer<Conv2d>(name).forward(x),
  macs: ({ inputs, outputs }, extent) => extent.reduce((a, b) => a * b, inputs * outputs),

  connections,
  classes: ({ outputs }, _, space) => space.fresh(outputs),

  propagate: (node, [given], values) =>
    throughConnections(connections(node), values.vector(`${node.name}.bias`, node.outputs, 0), given, values),
  needs: (node, own, _, values) => [neededInputs(connections(node), own, values)],
  rectified: () => false,
  shrink: (node, { inputs: [input], given: [inputs], channels }) => ({ ...node, input, inputs, outputs: channels }),
  write: ({ name, inputs, outputs }, { part, weight, before }) => [
    [`${name}.weight`, { shape: [outputs, inputs, 1, 1], data: weight() }],
    [`${name}.bias`, stateVector(part(`${name}.bias`).map((b, r) => b + before[r]))],
  ],

  onnx({ name, inputs, outputs }, [input], writer) {
    const [weight, bias] = [
      [`${name}.weight`, [outputs, inputs, 1, 1]] as const,
      [`${name}.bias`, [outputs]] as const,
    ].map(([tensor, shape]) => writer.constant(tensor, shape, writer.tensor(tensor, shape)));
    return writer.op('Conv', [input, weight, bias]);
  },
};

addNodeKind(scaleBy);
addNodeKind(mix);
afterAll(removeFolders);

/** Both kinds, before a normalization, inside a sum and behind a ReLU. */
function graphOf(): Graph {
  const b = new GraphBuilder();
  const stem = b.conv(b.image(), 'stem', 8, { norm: 'stem.norm', relu: true });
  const scaled = b.add<ScaleByNode>({ op: 'scaleBy', name: 'scaled', input: stem, channels: 8 });
  const mixed = b.add<MixNode>({ op: 'mix', name: 'mixed', input: scaled, inputs: 8, outputs: 6 });
  const block = b.conv(b.norm(mixed, 'norm', { relu: true }), 'block', 8, { norm: 'block.norm', residual: scaled });
  b.linear(b.globalPool(block), 'fc', 3);
  return b.graph('own', 8);
}

describe('a kind of your own', () => {
  const graph = graphOf();
  agreesWithItself(graph);

  it('has its shape, cost, classes and gates where everything looks for them', () => {
    const { nodes, parameters } = networkCost(graph);
    const of = (name: string) => nodes.find((node) => node.name === name);
    expect(of('scaled')).toEqual({
      name: 'scaled',
      op: 'scaleBy',
      side: 8,
      channels: 8,
      parameters: 8,
      macs: 0,
      flops: 0,
    });
    expect(of('mixed')).toMatchObject({ side: 8, channels: 6, parameters: 8 * 6 + 6, macs: 8 * 6 * 64 });
    const [stem, norm, block, fc] = [3 * 8 * 9 + 16, 12, 6 * 8 * 9 + 16, 8 * 3 + 3];
    expect(parameters).toBe(stem + 8 + 54 + norm + block + fc);
    const { of: classes } = channelClasses(graph);
    expect(classes.get('scaled')).toEqual(classes.get('stem'));
    expect(classes.get('block')).toEqual(classes.get('stem'));
    expect(layersOf(graph).map(({ layer, norm }) => [layer, norm])).toEqual([
      ['stem', 'stem.norm'],
      ['mixed', 'norm'],
      ['block', 'block.norm'],
      ['fc', undefined],
    ]);
    expect(findLayer(graph, { height: 8, width: 8 }, 'mixed')).toBe('mixed');
  });

  it('computes what it says, with gradients', async () => {
    const network = new Network(graph).to(gpu, 1);
    const { stem, scaled, mixed } = await valuesOf(network, imagesFor(graph, 1), ['stem', 'scaled', 'mixed']);
    const weights = await network.arena.tensors.get('scaled.weight')!.floats();
    expect(scaled.data).toEqual(stem.data.map((value, i) => Math.fround(value * weights[i % 8])));
    const matrix = await network.arena.tensors.get('mixed.weight')!.floats();
    const expected = Array.from({ length: 6 }, (_, o) =>
      scaled.data.subarray(0, 8).reduce((total, value, i) => total + value * matrix[i * 6 + o], 0),
    );
    for (const [o, value] of expected.entries()) expect(mixed.data[o]).toBeCloseTo(value, 5);
    const x = on(values(2, 8 * 8 * 3), [1, 8, 8, 3]);
    scope(() => backward(sum(network.forward(x, TRAIN))));
    for (const name of ['scaled.weight', 'mixed.weight', 'mixed.bias']) {
      const gradient = await network.arena.tensors.get(name)!.grad!.floats();
      expect(gradient.every(Number.isFinite), name).toBe(true);
    }
    const gradient = await network.arena.tensors.get('scaled.weight')!.grad!.floats();
    expect(gradient.some((g) => g !== 0)).toBe(true);
    for (const made of [x, network]) made.release();
  });

  it('a channel that it scales to nothing goes, and constants that it scales and mixes stay', async () => {
    const dict = await randomState(graph, 4);
    const expected = async () => outputsFor(graph, dict, imagesFor(graph, 6));
    // Channel 2 is nothing, and the block does not feed it; channel 3 is the constant that the stem's normalization makes.
    dict.get('scaled.weight')!.data[2] = 0;
    dict.get('stem.weight')!.data.fill(0, 3 * 27, 4 * 27);
    dict.get('stem.norm.bias')!.data[3] = 2;
    dict.get('block.weight')!.data.fill(0, 2 * 54, 4 * 54);
    const { graph: smaller, dict: left } = compact(graph, dict, { multiple: 1 });
    expect(smaller.nodes.find(({ name }) => name === 'scaled')).toMatchObject({ op: 'scaleBy', channels: 6 });
    expect(smaller.nodes.find(({ name }) => name === 'mixed')).toMatchObject({ op: 'mix', inputs: 6, outputs: 6 });
    expectOutputs(await outputsFor(smaller, left, imagesFor(graph, 6)), await expected());
  });

  it('travels in files', async () => {
    const path = join(newFolder(), 'own.safetensors');
    const dict = await randomState(graph, 8);
    const third = [0.3, 0.3, 0.3];
    writeNetwork(path, { graph, dict, classes: ['a', 'b', 'c'], normalization: { mean: third, std: third } });
    const read = readNetwork(path);
    expect(read.graph).toEqual(graph);
    const network = new Network(read.graph).to(gpu, 1);
    loadStateDict(network, read.dict);
    network.release();
  });
});
