// Compaction where a layer, a block or almost everything is cut: the graphs that are left can be said by hand.
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../src/models/graph/graph.ts';
import type { GraphNode } from '../../src/models/kinds/index.ts';
import { describeModel } from '../../src/models/zoo/registry.ts';
import type { StateTensor } from '../../src/nn/state-dict.ts';
import { compact } from '../../src/prune/compact.ts';
import { CompactError } from '../../src/prune/error.ts';
import { cutWeights, evaluate, randomDict, shapesOf } from '../support/evaluate.ts';
import { values } from '../support/random.ts';

const SIDE = 16;

type Survives = (layer: string, output: number, input: number) => boolean;

/** A thin model with random values, cut; `silent` norms have no β, so that what nothing feeds is zero. */
function cut(name: string, survives: Survives, silent: readonly string[] = []): [Graph, Map<string, StateTensor>] {
  const graph = describeModel(name, { width: 0.5 });
  const dict = randomDict(graph, 1);
  cutWeights(graph, dict, survives);
  for (const norm of silent) for (const part of ['weight', 'bias']) dict.get(`${norm}.${part}`)!.data.fill(0);
  return [graph, dict];
}

/** Compacts and compares in float64. */
function compacted(graph: Graph, dict: Map<string, StateTensor>): ReturnType<typeof compact> {
  const made = compact(graph, dict, { multiple: 1 });
  const image = values(3, SIDE * SIDE * 3);
  const expected = evaluate(graph, dict, image);
  const largest = Math.max(...expected.map(Math.abs));
  for (const [c, value] of evaluate(made.graph, made.dict, image).entries())
    expect(Math.abs(value - expected[c])).toBeLessThan(1e-5 * largest);
  expect(new Map([...made.dict].map(([name, { shape }]) => [name, shape]))).toEqual(shapesOf(made.graph));
  return made;
}

const nodeOf = (graph: Graph, name: string): GraphNode | undefined => graph.nodes.find((node) => node.name === name);
const without =
  (...layers: string[]): Survives =>
  (layer) =>
    !layers.includes(layer);

describe('a block that loses everything', () => {
  it('becomes its shortcut', () => {
    const { graph, removed } = compacted(...cut('resnet-small', without('layer1.0.conv2'), ['layer1.0.bn2']));
    expect(removed.layers).toEqual(['layer1.0.conv1', 'layer1.0.conv2']);
    expect(nodeOf(graph, 'layer1.0')).toBeUndefined();
    expect(nodeOf(graph, 'layer2.0.conv1')).toMatchObject({ input: 'conv1' });
  });

  it('becomes its shortcut and a constant where it leaves one', () => {
    const { graph, dict } = compacted(...cut('resnet-small', without('layer1.0.conv2')));
    expect(nodeOf(graph, 'layer1.0')).toEqual({
      op: 'shift',
      name: 'layer1.0',
      input: 'conv1',
      shift: 'layer1.0.bn2',
      channels: 8,
      relu: true,
    });
    expect(dict.get('layer1.0.bn2.bias')!.data.some((b) => b !== 0)).toBe(true);
  });

  it('and where only its first convolution is cut, whose constants meet a border, it keeps one channel of these', () => {
    const { graph } = compacted(...cut('resnet-small', without('layer1.0.conv1')));
    expect(nodeOf(graph, 'layer1.0.conv1')).toMatchObject({ inputs: 8, outputs: 1 });
    expect(nodeOf(graph, 'layer1.0')).toMatchObject({ op: 'conv', inputs: 1, outputs: 8 });
  });

  it('with a convolution in its shortcut, that takes the constant', () => {
    const { graph, removed } = compacted(...cut('resnet-small', without('layer2.0.conv2')));
    expect(removed.layers).toEqual(['layer2.0.conv1', 'layer2.0.conv2']);
    expect(nodeOf(graph, 'layer2.0')).toMatchObject({ op: 'conv', conv: 'layer2.0.downsample.0', relu: true });
    expect(nodeOf(graph, 'layer2.0.downsample.0')).toBeUndefined();
  });

  it('in its shortcut, the rest takes the constant', () => {
    const { graph, removed } = compacted(...cut('resnet-small', without('layer2.0.downsample.0')));
    expect(removed.layers).toEqual(['layer2.0.downsample.0']);
    expect(nodeOf(graph, 'layer2.0')).toMatchObject({ conv: 'layer2.0.conv2', residual: undefined });
  });

  it('all blocks of a bottleneck network: only shortcuts are left', () => {
    const [graph, dict] = cut('resnet50-imagenet', (layer) => !/conv[123]$/.test(layer) || layer === 'conv1');
    const { removed } = compacted(graph, dict);
    expect(removed.layers).toHaveLength(16 * 3);
  });

  it('a layer of a DenseNet leaves the concatenation', () => {
    const layer = 'features.denseblock1.denselayer2';
    const [whole, dict] = cut('densenet-small', without(`${layer}.conv2`));
    const { graph, removed } = compacted(whole, dict);
    expect(removed.layers).toEqual([`${layer}.conv1`, `${layer}.conv2`]);
    expect(nodeOf(graph, layer)).toBeUndefined();
    expect(nodeOf(graph, 'features.denseblock1.denselayer3')).toMatchObject({
      inputs: ['features.denseblock1.denselayer1', 'features.denseblock1.denselayer3.conv2'],
    });
  });

  it('its constants become the bias of a transition that has no normalization', () => {
    const { graph } = compacted(...cut('densenet-small', without('features.denseblock1.denselayer2.conv2')));
    expect(nodeOf(graph, 'features.transition1.conv')).toMatchObject({ bias: true });
  });
});

describe('one channel', () => {
  it('a layer left with one', () => {
    const [whole, dict] = cut('resnet-small', (layer, o) => layer !== 'layer2.0.conv1' || o === 5);
    for (const part of ['weight', 'bias']) {
      const state = dict.get(`layer2.0.bn1.${part}`)!;
      state.data = state.data.map((value, c) => (c === 5 ? value : 0));
    }
    const { graph } = compacted(whole, dict);
    expect(nodeOf(graph, 'layer2.0.conv1')).toMatchObject({ inputs: 8, outputs: 1 });
    expect(nodeOf(graph, 'layer2.0')).toMatchObject({ inputs: 1, outputs: 16 });
  });

  it('every layer left with one connection', () => {
    const { graph } = compacted(...cut('vgg16', (_, o, i) => o === 0 && i === 0));
    for (const node of graph.nodes)
      if (node.op === 'conv' && node.name !== 'features.0') expect(node.inputs).toBeLessThanOrEqual(2);
  });

  it('a dead row of a sum that lives stays, as zeros', () => {
    const { graph, dict } = compacted(...cut('resnet-small', (layer, o) => layer !== 'layer1.0.conv2' || o !== 3));
    expect(nodeOf(graph, 'layer1.0')).toMatchObject({ inputs: 8, outputs: 8 });
    const { data } = dict.get('layer1.0.conv2.weight')!;
    expect(data.slice(3 * 72, 4 * 72)).toEqual(new Float32Array(72));
  });
});

describe('nothing of the image', () => {
  it.each([
    ['resnet-small', 'conv1', 'image'],
    ['densenet-small', 'classifier', 'avgpool'],
    ['vgg16', 'features.7', 'features.6'],
  ])('%s without %s is an error that says to keep more', (name, layer, last) => {
    const [graph, dict] = cut(name, without(layer));
    expect(() => compact(graph, dict, { multiple: 1 })).toThrow(CompactError);
    expect(() => compact(graph, dict, { multiple: 1 })).toThrow(
      `${name}: the image gets no further than ${last}, and the logits would be the same for all: keep more connections`,
    );
  });

  it('a normalization that multiplies by zero ends it as well', () => {
    const [graph, dict] = cut('vgg16', () => true);
    dict.get('features.1.weight')!.data.fill(0);
    expect(() => compact(graph, dict, { multiple: 1 })).toThrow('gets no further than image');
  });

  it('a state dict of another network names the tensor', () => {
    const [graph, dict] = cut('resnet-small', () => true);
    dict.get('layer3.0.bn1.bias')!.data = new Float32Array(3);
    expect(() => compact(graph, dict, { multiple: 1 })).toThrow('tensor layer3.0.bn1.bias has 3 values, not 32');
    dict.delete('layer3.0.bn1.bias');
    expect(() => compact(graph, dict, { multiple: 1 })).toThrow(
      'resnet-small: the state dict has no tensor layer3.0.bn1.bias',
    );
  });
});
