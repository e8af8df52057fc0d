// Compaction of transformers: random and extreme gates with biases, places and normalizations of any value leave the outputs as they were, in float64.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkParameters } from '../../src/models/graph/cost.ts';
import type { Graph } from '../../src/models/graph/graph.ts';
import { vit } from '../../src/models/zoo/vit.ts';
import type { StateTensor } from '../../src/nn/state-dict.ts';
import { compact } from '../../src/prune/compact.ts';
import { CompactError } from '../../src/prune/error.ts';
import { evaluate, randomDict, shapesOf } from '../support/evaluate.ts';
import { generator, values } from '../support/random.ts';
import { gateRows, silenceResidual } from '../support/vit-gates.ts';

/** Values in float64 of parameters in f32. */
const TOLERANCE = 1e-5;
const WIDTH = 12;

const small = (blocks = 2, heads = 3): Graph =>
  vit({ model: 'small vit', size: 8, patch: 4, width: WIDTH, blocks, heads, ratio: 2, classes: 3 });

/** Compacts and compares; returns undefined where nothing of the image reaches the logits. */
function compacted(
  graph: Graph,
  dict: Map<string, StateTensor>,
  multiple: number,
): ReturnType<typeof compact> | undefined {
  const images = [4, 5].map((seed) => values(seed, 8 * 8 * 3));
  const expected = images.map((image) => evaluate(graph, dict, image));
  let made: ReturnType<typeof compact>;
  try {
    made = compact(graph, dict, { multiple });
  } catch (error) {
    expect(error).toBeInstanceOf(CompactError);
    expect(expected[0]).toEqual(expected[1]);
    return undefined;
  }
  const largest = Math.max(...expected.flatMap((logits) => [...logits].map(Math.abs)));
  for (const [i, image] of images.entries())
    for (const [c, value] of evaluate(made.graph, made.dict, image).entries())
      expect(Math.abs(value - expected[i][c])).toBeLessThanOrEqual(TOLERANCE * largest);
  expect(new Map([...made.dict].map(([name, { shape }]) => [name, shape]))).toEqual(shapesOf(made.graph));
  expect(networkParameters(graph) - networkParameters(made.graph)).toBe(made.removed.parameters);
  return made;
}

it('random gates', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 31 }),
      fc.constantFrom(0.95, 0.7, 0.4, 0.1),
      fc.constantFrom('biases', 'some', 'none'),
      fc.boolean(),
      fc.constantFrom(1, 2, 4),
      (seed, density, offsets, dead, multiple) => {
        const next = generator(seed);
        const graph = small();
        const dict = randomDict(graph, seed + 1);
        gateRows(graph, dict, () => next() < density);
        // Channels of the residual that are silent everywhere.
        if (dead) silenceResidual(graph, dict, WIDTH, (c) => c % 3 === seed % 3);
        // Scales of exactly 0, and biases.
        for (const [name, { data, shape }] of dict)
          if (shape.length === 1)
            for (const c of data.keys())
              if ((next() < 0.1 && offsets !== 'biases') || (offsets === 'none' && name.endsWith('bias'))) data[c] = 0;
        const made = compacted(graph, dict, multiple);
        if (!made) return;
        const again = compact(made.graph, made.dict, { multiple });
        expect(again).toEqual({ ...made, removed: { parameters: 0, layers: [] } });
      },
    ),
    { numRuns: 50, seed: 1 },
  );
});

describe('extremes', () => {
  /** A dict under gates, and what becomes of it. */
  const cut = (open: (layer: string, gate: number) => boolean, prepare?: (dict: Map<string, StateTensor>) => void) => {
    const graph = small();
    const dict = randomDict(graph, 7);
    gateRows(graph, dict, open);
    prepare?.(dict);
    const made = compacted(graph, dict, 1)!;
    return { ...made, node: (name: string) => made.graph.nodes.find((node) => node.name === name) };
  };
  const zero =
    (...names: string[]) =>
    (dict: Map<string, StateTensor>): void => {
      for (const name of names) dict.get(name)!.data.fill(0);
    };
  const layer = (name: string, gates: (gate: number) => boolean) => (of: string, gate: number) =>
    of !== name || gates(gate);
  const qkv = 'blocks.0.attn.qkv';
  const DEPTH = WIDTH / 3;

  it('nothing cut, it stays as it is', () => {
    const graph = small();
    const dict = randomDict(graph, 7);
    expect(compact(graph, dict)).toEqual({ graph, dict, removed: { parameters: 0, layers: [] } });
  });

  it('hidden units go into the bias behind them', () => {
    const { node, removed } = cut(layer('blocks.1.mlp.fc1', (o) => o % 3 === 0));
    expect(node('blocks.1.mlp.fc1')).toMatchObject({ inputs: WIDTH, outputs: 8 });
    expect(removed.parameters).toBe(16 * (2 * WIDTH + 1));
  });

  it('all keys of a head, it attends to all alike', () => {
    const { node } = cut(layer(qkv, (o) => o < WIDTH + DEPTH || o >= WIDTH + 2 * DEPTH));
    expect(node('blocks.0.attn')).toMatchObject({ heads: 3, depth: [4, 0, 4], valueDepth: 4 });
    expect(node(qkv)).toMatchObject({ outputs: 3 * WIDTH - 2 * DEPTH });
  });

  it('all queries of a head leave one channel, which stands for the keys of all', () => {
    const { node } = cut(layer(qkv, (o) => o >= DEPTH));
    expect(node('blocks.0.attn')).toMatchObject({ heads: 3, depth: [1, 4, 4], valueDepth: 4 });
  });

  it('and none where their biases are 0', () => {
    const { node } = cut(
      layer(qkv, (o) => o >= DEPTH),
      zero(`${qkv}.bias`),
    );
    expect(node('blocks.0.attn')).toMatchObject({ depth: [0, 4, 4] });
  });

  it('all values of a head take it along, and columns of proj', () => {
    const { node } = cut(layer(qkv, (o) => o < 2 * WIDTH || o >= 2 * WIDTH + DEPTH));
    expect(node('blocks.0.attn')).toMatchObject({ heads: 2, depth: 4, valueDepth: 4 });
    expect(node('blocks.0.attn.proj')).toMatchObject({ inputs: 2 * DEPTH });
  });

  it('one query and one value of one head', () => {
    const { node } = cut(
      layer(qkv, (o) => o === 5 || o === WIDTH + 5 || o === 2 * WIDTH + 6),
      zero(`${qkv}.bias`),
    );
    expect(node('blocks.0.attn')).toMatchObject({ heads: 1, depth: 1, valueDepth: 1 });
    expect(node(qkv)).toMatchObject({ outputs: 3 });
  });

  it('a whole MLP leaves a constant, or nothing', () => {
    const open = layer('blocks.0.mlp.fc2', () => false);
    const { node, removed } = cut(open);
    expect(removed.layers).toEqual(['blocks.0.mlp.fc1', 'blocks.0.mlp.fc2']);
    expect(node('blocks.0')).toMatchObject({ op: 'shift', input: 'blocks.0.sum' });
    const silent = cut(open, zero('blocks.0.mlp.fc2.bias'));
    expect(silent.node('blocks.0')).toBeUndefined();
    expect(silent.node('blocks.1.norm1')).toMatchObject({ input: 'blocks.0.sum' });
  });

  it('all blocks', () => {
    const { graph } = cut((name) => !name.startsWith('blocks'));
    expect(graph.nodes.map(({ op }) => op).join(' ')).toBe('image conv tokens shift layerNorm token linear');
  });

  it('residual channels that are silent everywhere leave one, which stands for them in all normalizations', () => {
    const graph = small();
    const dict = randomDict(graph, 7);
    silenceResidual(graph, dict, WIDTH, (c) => c >= 5);
    const made = compacted(graph, dict, 1)!;
    for (const node of made.graph.nodes)
      if (node.op === 'layerNorm') expect(node).toMatchObject({ channels: 6, width: WIDTH });
    expect(made.dict.get('blocks.1.norm2.weight')!.data[5]).toBe(1);
    expect(made.dict.get('pos_embed')!.shape).toEqual([1, 5, 6]);
    expect(compacted(graph, dict, 4)!.dict.get('pos_embed')!.shape).toEqual([1, 5, 8]);
  });

  it('constants that differ from token to token stay', () => {
    const graph = small();
    const dict = randomDict(graph, 7);
    silenceResidual(graph, dict, WIDTH, (c) => c >= 5);
    dict.get('pos_embed')!.data[2 * WIDTH + 8] = 1;
    expect(compacted(graph, dict, 1)!.dict.get('pos_embed')!.shape).toEqual([1, 5, 7]);
  });

  it('inputs of the head', () => {
    const { node } = cut(layer('head', (i) => i === 3));
    expect(node('norm')).toMatchObject({ channels: WIDTH });
    expect(node('head')).toMatchObject({ inputs: WIDTH });
  });

  it('nothing of the image', () => {
    const graph = small();
    const dict = randomDict(graph, 7);
    gateRows(graph, dict, (name) => name !== 'patch_embed.proj');
    expect(() => compact(graph, dict)).toThrow('small vit: the image gets no further than image');
  });
});
