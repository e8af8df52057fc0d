// The outer layers of a network, found by where they stand: of every model of the registry, and of graphs whose sums are written in other ways.
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../src/models/graph/builder.ts';
import type { Graph } from '../../../src/models/graph/graph.ts';
import { layersOf } from '../../../src/models/graph/layers.ts';
import { outerLayers } from '../../../src/models/graph/outer-layers.ts';
import type { GraphNode } from '../../../src/models/kinds/index.ts';
import { describeModel, modelNames } from '../../../src/models/zoo/registry.ts';

const shortcuts = (...stages: number[]): string[] => stages.map((stage) => `layer${stage}.0.downsample.0`);
const RESNET = ['conv1', ...shortcuts(2, 3, 4), 'fc'];
const DENSENET = ['features.conv0', 'classifier'];
const VIT = ['patch_embed.proj', 'head'];

const OUTER: Record<string, string[]> = {
  resnet18: RESNET,
  resnet34: RESNET,
  'densenet-bc-100-12': DENSENET,
  vgg16: ['features.0', 'classifier'],
  'resnet18-imagenet': RESNET,
  'resnet34-imagenet': RESNET,
  'resnet50-imagenet': ['conv1', ...shortcuts(1, 2, 3, 4), 'fc'],
  'resnet-small': ['conv1', ...shortcuts(2, 3), 'fc'],
  'vit-b-16': VIT,
  'vit-s-16': VIT,
  'vit-t-16': VIT,
  'vit-tiny-cifar': VIT,
  'densenet-small': DENSENET,
};

describe('the outer layers', () => {
  it.each(modelNames)('of %s', (model) => {
    expect(outerLayers(describeModel(model))).toEqual(OUTER[model]);
  });

  it('are the same of a narrower network, where a block may do without a shortcut', () => {
    expect(outerLayers(describeModel('resnet18', { width: 0.01 }))).toEqual(RESNET);
  });
});

/** Behind a stem of 8 channels `body` adds to a graph; a head behind its value. */
function around(body: (b: GraphBuilder, stem: string) => string): Graph {
  const b = new GraphBuilder();
  b.linear(b.globalPool(body(b, b.conv(b.norm(b.image(), 'pixels'), 'stem', 8, { relu: true }))), 'head', 3);
  return b.graph('of a test', 8);
}

describe('a shortcut', () => {
  const inner = (graph: Graph): string[] => {
    const outer = outerLayers(graph);
    expect(outer).toEqual(expect.arrayContaining(['stem', 'head']));
    return layersOf(graph).flatMap(({ layer }) => (outer.includes(layer) ? [] : [layer]));
  };

  it('may take the sum over, and have its normalization by itself', () => {
    const side = (b: GraphBuilder, x: string): string => b.conv(b.conv(x, 'a', 8, { relu: true }), 'b', 8);
    const taking = around((b, x) => b.conv(x, 'around', 8, { kernel: 1, residual: side(b, x) }));
    const open = around((b, x) => b.sum('sum', b.norm(b.conv(x, 'around', 8, { kernel: 1 }), 'norm'), side(b, x)));
    for (const graph of [taking, open]) expect(inner(graph)).toEqual(['a', 'b']);
  });

  it('is none where it is a branch, ends a bottleneck, sees neighbors or is read by others', () => {
    const wide = { kernel: 1, relu: true };
    const branch = around((b, x) => b.sum('sum', x, b.conv(x, 'a', 8, { kernel: 1 })));
    expect(inner(branch)).toEqual(['a']);
    const bottleneck = around((b, x) => {
      const last = b.conv(b.conv(b.conv(x, 'a', 4, wide), 'b', 4, { relu: true }), 'c', 8, { kernel: 1 });
      return b.conv(x, 'around', 8, { kernel: 3, residual: last });
    });
    expect(inner(bottleneck)).toEqual(['a', 'b', 'c', 'around']);
    const read = around((b, x) => {
      const y = b.conv(x, 'around', 8, { kernel: 1 });
      return b.concat('both', b.conv(x, 'a', 8, { residual: y }), y);
    });
    expect(inner(read)).toEqual(['around', 'a']);
  });

  it('is none where its value is an output, and there is no classifier without logits', () => {
    const b = new GraphBuilder();
    const stem = b.conv(b.image(), 'stem', 8);
    const y = b.conv(stem, 'around', 8, { kernel: 1 });
    const end = b.conv(stem, 'a', 8, { residual: y });
    const graph: Graph = { ...b.graph('of a test', 8), outputs: [y, end] };
    expect(outerLayers(graph)).toEqual(['stem']);
    expect(outerLayers({ ...graph, outputs: [end] })).toEqual(['stem', 'around']);
  });

  it('of vectors is a linear layer', () => {
    const side = (node: string, input: string, inputs: number): GraphNode =>
      ({ op: 'linear', name: node, input, linear: node, inputs, outputs: 4 }) as GraphNode;
    const nodes = [
      { op: 'vector', name: 'x', channels: 5 },
      side('stem', 'x', 5),
      side('a', 'stem', 4),
      side('b', 'a', 4),
      side('around', 'stem', 4),
      { op: 'add', name: 'sum', inputs: ['around', 'b'], relu: false },
      side('head', 'sum', 4),
    ] as GraphNode[];
    expect(outerLayers({ model: 'of a test', size: 1, nodes })).toEqual(['stem', 'around', 'head']);
  });
});
