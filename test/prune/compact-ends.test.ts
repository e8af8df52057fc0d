// Compaction of networks with other ends than one image and logits: what is given and what is asked for keeps its name, its channels and its values.
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/models/graph/builder.ts';
import { networkParameters } from '../../src/models/graph/cost.ts';
import { channelsOf, type Graph } from '../../src/models/graph/graph.ts';
import { Network } from '../../src/models/network.ts';
import type { StateTensor } from '../../src/nn/state-dict.ts';
import { compact } from '../../src/prune/compact.ts';
import { countParameters, survivalOf } from '../../src/prune/count.ts';
import { CompactError } from '../../src/prune/error.ts';
import { cutWeights, evaluateOutputs, randomDict, shapesOf } from '../support/evaluate.ts';
import { values } from '../support/random.ts';

const SIDE = 6;

/** Cuts, compacts, and compares each output in float64. */
function compacted(
  graph: Graph,
  survives: (layer: string, output: number, input: number) => boolean,
  change: (dict: Map<string, StateTensor>) => void = () => {},
): ReturnType<typeof compact> {
  const dict = randomDict(graph, 5);
  cutWeights(graph, dict, survives);
  change(dict);
  const made = compact(graph, dict, { multiple: 1 });
  const images = Object.fromEntries(
    graph.nodes.flatMap((node) =>
      node.op === 'image' ? [[node.name, values(3 + node.channels, SIDE * SIDE * node.channels)]] : [],
    ),
  );
  const expected = evaluateOutputs(graph, dict, images);
  const actual = evaluateOutputs(made.graph, made.dict, images);
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) {
    expect(actual[name].length).toBe(value.length);
    const largest = Math.max(...value.map(Math.abs));
    for (let i = 0; i < value.length; i++)
      expect(Math.abs(actual[name][i] - value[i])).toBeLessThanOrEqual(1e-5 * largest);
  }
  expect(new Map([...made.dict].map(([name, { shape }]) => [name, shape]))).toEqual(shapesOf(made.graph));
  return made;
}

const without =
  (...layers: string[]) =>
  (layer: string): boolean =>
    !layers.includes(layer);
const names = ({ nodes }: Graph): string[] => nodes.map(({ name }) => name);

describe('a map', () => {
  const b = new GraphBuilder();
  const inner = b.conv(b.conv(b.image(), 'stem', 6, { norm: 'norm', relu: true }), 'inner', 6, { relu: true });
  b.conv(inner, 'score', 5, { kernel: 1, bias: true });
  const graph = b.graph('map', SIDE);

  it('keeps its channels, those that nothing feeds too', () => {
    const { graph: smaller } = compacted(graph, (layer, o) => layer === 'stem' || (o !== 1 && o !== 4));
    expect(channelsOf(smaller).get('score')).toBe(5);
    expect(channelsOf(smaller).get('inner')).toBe(4);
  });

  it('that no image reaches is an error, and counts its channels alone', () => {
    const cut = without('inner');
    expect(() => compacted(graph, cut)).toThrow(CompactError);
    expect(() => compacted(graph, cut)).toThrow(
      'map: the image gets no further than stem, and score would be the same for all: keep more connections',
    );
    const network = new Network(graph);
    const gates = new Map([['inner', new Float32Array(6)]]);
    const [entry] = network.gatedLayers().filter(({ name }) => name === 'inner');
    const layout = { entries: [{ ...entry, applies: 'filter' as const, rows: 1, columns: 6, length: 6, at: 0 }] };
    expect(survivalOf(layout, gates)('inner')(0, 0)).toBe(false);
    expect(countParameters(network, layout, gates).structural).toBe(5);
  });
});

describe('two outputs', () => {
  const graph = (outputs: string[]): Graph => {
    const b = new GraphBuilder();
    const trunk = b.conv(b.image(), 'trunk', 6, { norm: 'trunk.norm', relu: true });
    const block = b.conv(b.conv(trunk, 'a', 6, { norm: 'a.norm', relu: true }), 'b', 6, {
      name: 'block',
      norm: 'b.norm',
      residual: trunk,
      relu: true,
    });
    b.linear(b.globalPool(block), 'fc', 3);
    return b.graph('two outputs', SIDE, outputs);
  };

  it('what one of them alone needs goes where only the other is asked for', () => {
    const both = compacted(graph(['trunk', 'fc']), without());
    expect(networkParameters(both.graph)).toBe(networkParameters(graph([])));
    const trunk = compacted(graph(['trunk']), without());
    expect(names(trunk.graph)).toEqual(['image', 'trunk']);
    expect(trunk.removed.layers).toEqual(['a', 'b', 'fc']);
  });

  it('a block that changes nothing stays where its value is asked for, under its name', () => {
    const silent = (dict: Map<string, StateTensor>): void => {
      for (const part of ['weight', 'bias']) dict.get(`b.norm.${part}`)!.data.fill(0);
    };
    expect(names(compacted(graph(['fc']), without('b'), silent).graph)).toEqual(['image', 'trunk', 'avgpool', 'fc']);
    const { graph: left } = compacted(graph(['block', 'fc']), without('b'), silent);
    expect(left.nodes.find(({ name }) => name === 'block')).toMatchObject({ op: 'shift', input: 'trunk' });
  });

  it('constants do not go into a node whose value is asked for without them', () => {
    const b = new GraphBuilder();
    const stem = b.conv(b.image(), 'stem', 4, { norm: 'norm' });
    const block = b.conv(stem, 'block', 4, { norm: 'block.norm', residual: stem });
    b.linear(b.globalPool(block), 'fc', 3);
    const merged = compacted(b.graph('corner', SIDE), without('block'));
    expect(names(merged.graph)).toEqual(['image', 'block', 'avgpool', 'fc']);
    const apart = compacted(b.graph('corner', SIDE, [stem, 'fc']), without('block'));
    expect(names(apart.graph)).toEqual(['image', 'stem', 'block', 'avgpool', 'fc']);
  });

  it('one that no image reaches stays beside one that it does', () => {
    const { graph: left } = compacted(graph(['trunk', 'fc']), without('fc'));
    expect(left.outputs).toEqual(['trunk', 'fc']);
  });

  it('a concatenation of one value stays where it is asked for', () => {
    const b = new GraphBuilder();
    b.concat('alone', b.conv(b.image(), 'stem', 4));
    expect(names(compacted(b.graph('alone', SIDE), without()).graph)).toEqual(['image', 'stem', 'alone']);
  });
});

describe('two sources', () => {
  const b = new GraphBuilder();
  const color = b.conv(b.image(3, 'color'), 'of.color', 6, { norm: 'color.norm' });
  const both = b.conv(b.image(1, 'depth'), 'of.depth', 6, { norm: 'depth.norm', residual: color, relu: true });
  b.linear(b.globalPool(b.conv(both, 'mix', 6, { norm: 'mix.norm', relu: true })), 'fc', 3);
  const graph = b.graph('two sources', SIDE);

  it('a channel of their sum goes when both lost it', () => {
    const one = compacted(graph, (layer, o) => layer !== 'of.color' || o !== 2);
    expect(one.removed.parameters).toBe(0);
    const two = compacted(graph, (layer, o) => !layer.startsWith('of.') || o !== 2);
    // Its constants meet the border of the next layer, so that it goes only where there are none.
    expect(two.removed.parameters).toBe(0);
    const silent = compacted(
      graph,
      (layer, o) => !layer.startsWith('of.') || o !== 2,
      (dict) => {
        for (const norm of ['color.norm', 'depth.norm'])
          for (const part of ['weight', 'bias']) dict.get(`${norm}.${part}`)!.data[2] = 0;
      },
    );
    expect(silent.removed.parameters).toBe(3 * 9 + 2 + 9 + 2 + 6 * 9);
  });

  it('one that is read no more is still given', () => {
    const made = compacted(graph, without('of.color'));
    expect(names(made.graph)).toEqual(['color', 'depth', 'of.depth', 'mix', 'avgpool', 'fc']);
    expect(made.removed.layers).toEqual(['of.color']);
  });
});
