// Which gates go together: channels that a sum makes one in all layers that make them, side by side, with heads apart; and what nothing could take out stays out.
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/models/graph/builder.ts';
import type { Graph } from '../../src/models/graph/graph.ts';
import { layersOf } from '../../src/models/graph/layers.ts';
import { createModel } from '../../src/models/zoo/registry.ts';
import { resnet } from '../../src/models/zoo/resnet.ts';
import { vit } from '../../src/models/zoo/vit.ts';
import { channelGroups } from '../../src/prune/channel-groups.ts';
import { compactedGraph } from '../../src/prune/compact.ts';
import { type GateKind, gateShape } from '../../src/prune/gates.ts';

const applied = (graph: Graph, kind: GateKind, except: readonly string[] = []) =>
  new Map(
    layersOf(graph)
      .filter(({ layer }) => !except.includes(layer))
      .map((layer) => [layer.layer, gateShape(layer, kind).applies]),
  );

const groupsOf = (graph: Graph, size: number, except?: readonly string[], kind: GateKind = 'filter') =>
  channelGroups(graph, applied(graph, kind, except), size);

const numbers = (list: Uint32Array | undefined): number[] => [...(list ?? [])];

/** Two blocks with a sum: the channels of stem, b and the sum are one. */
function residual() {
  const b = new GraphBuilder();
  const stem = b.conv(b.image(), 'stem', 8, { norm: 'stem.bn', relu: true });
  const inner = b.conv(stem, 'a', 6, { norm: 'a.bn', relu: true });
  const sum = b.conv(inner, 'b', 8, { norm: 'b.bn', residual: stem, relu: true });
  b.linear(b.globalPool(sum), 'fc', 3);
  return b.graph('residual', 8);
}

describe('channelGroups', () => {
  it('makes one of channels that a sum makes one, of what reads them by gates of inputs, and of neighbors', () => {
    const groups = groupsOf(residual(), 4);
    expect([...groups.keys()]).toEqual(['stem', 'a', 'b', 'fc']);
    const sum = [0, 0, 0, 0, 1, 1, 1, 1];
    for (const layer of ['stem', 'b', 'fc']) expect(numbers(groups.get(layer))).toEqual(sum);
    // What is left over is a smaller group.
    expect(numbers(groups.get('a'))).toEqual([2, 2, 2, 2, 3, 3]);
  });

  it('leaves out what could not go: channels that a layer without gates makes, too', () => {
    const groups = groupsOf(residual(), 1, ['stem']);
    expect([...groups.keys()]).toEqual(['a']);
    expect(numbers(groups.get('a'))).toEqual([0, 1, 2, 3, 4, 5]);
    // And from there on: b is left out for stem, and c for b.
    const b = new GraphBuilder();
    const stem = b.conv(b.image(), 'stem', 4);
    const joined = b.concat('joined', b.conv(stem, 'a', 4), b.conv(stem, 'b', 4));
    const wide = b.conv(joined, 'c', 8, { residual: b.concat('beside', stem, b.conv(stem, 'd', 4)) });
    b.linear(b.globalPool(b.conv(wide, 'e', 4)), 'fc', 3);
    expect([...groupsOf(b.graph('chain', 8), 2, ['stem']).keys()]).toEqual(['a', 'b', 'e', 'fc']);
    expect([...groupsOf(residual(), 2, ['stem', 'a']).keys()]).toEqual([]);
  });

  it('takes the parts of a concatenation one by one', () => {
    const { graph } = createModel('densenet-small');
    const groups = groupsOf(graph, 4);
    expect([...groups.keys()]).toEqual([...applied(graph, 'filter').keys()]);
    const makers = new Map<number, Set<string>>();
    for (const [layer, list] of groups)
      if (layer !== 'classifier' && layer !== 'fc')
        for (const group of list) makers.set(group, (makers.get(group) ?? new Set()).add(layer));
    for (const layers of makers.values()) expect(layers.size).toBe(1);
  });

  it('takes dimensions of queries with those of keys, of one head alone, and the residual width as one', () => {
    const graph = vit({ model: 'vit', size: 8, patch: 4, width: 12, blocks: 2, heads: 3, ratio: 2, classes: 3 });
    const groups = groupsOf(graph, 3);
    const layers = [...groups.keys()];
    const qkv = numbers(groups.get(layers.find((name) => name.includes('qkv'))!));
    const [queries, keys, values] = [0, 12, 24].map((at) => qkv.slice(at, at + 12));
    expect(queries).toEqual(keys);
    // Heads of four: three together and one left over.
    const heads = (list: number[]): number[] => list.map((group) => group - list[0]);
    expect(heads(queries)).toEqual([0, 0, 0, 1, 2, 2, 2, 3, 4, 4, 4, 5]);
    expect(heads(values)).toEqual(heads(queries));
    const width = layers.filter((name) => /proj|fc2|head/.test(name));
    expect(width.length).toBeGreaterThan(4);
    for (const name of width) expect(numbers(groups.get(name))).toEqual(numbers(groups.get(width[0])));
  });

  it.each([
    ['filter', resnet({ model: 'r', blocks: [1, 1], widths: [8, 16], classes: 3, stem: 'cifar' })],
    ['channel', createModel('densenet-small').graph],
  ] as const)('what is cut can be taken out, as a whole: %s gates', (kind, graph) => {
    const groups = groupsOf(graph, 4, [], kind);
    const shapes = new Map(layersOf(graph).map((layer) => [layer.layer, gateShape(layer, kind)]));
    // Every third group.
    const stays = (layer: string, at: number): boolean => groups.get(layer)![at] % 3 !== 1;
    const left = compactedGraph(
      graph,
      (layer) => (o, i) => stays(layer, shapes.get(layer)!.applies === 'input' ? i : o),
    )!;
    for (const { layer, filter, inputs, outputs } of layersOf(left)) {
      const count = [...groups.get(layer)!].filter((_, at) => stays(layer, at)).length;
      expect([layer, filter === 'input' ? inputs : outputs]).toEqual([layer, count]);
    }
  });
});
