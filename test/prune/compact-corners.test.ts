// Compaction on graphs made for one rule each.
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/models/graph/builder.ts';
import type { Graph } from '../../src/models/graph/graph.ts';
import { Network } from '../../src/models/network.ts';
import { EVAL } from '../../src/nn/module.ts';
import { loadStateDict, type StateTensor } from '../../src/nn/state-dict.ts';
import { compact } from '../../src/prune/compact.ts';
import { noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { cutWeights, evaluate, randomDict } from '../support/evaluate.ts';
import { gpu, on } from '../support/gpu.ts';
import { values } from '../support/random.ts';

const SIDE = 6;
const image = values(3, SIDE * SIDE * 3);

type Dict = Map<string, StateTensor>;

function expectSame(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  const largest = Math.max(...Array.from(expected, Math.abs));
  for (let c = 0; c < expected.length; c++) expect(Math.abs(actual[c] - expected[c])).toBeLessThan(tolerance * largest);
}

/** Finishes a graph, cuts whole layers, compacts, and compares in float64. */
function compacted(b: GraphBuilder, last: string, cutLayers: readonly string[]): ReturnType<typeof compact> {
  b.linear(b.globalPool(last), 'fc', 3);
  const graph = b.graph('corner', SIDE);
  const dict = randomDict(graph, 5);
  cutWeights(graph, dict, (layer) => !cutLayers.includes(layer));
  const made = compact(graph, dict, { multiple: 1 });
  expectSame(evaluate(made.graph, made.dict, image), evaluate(graph, dict, image), 1e-5);
  return made;
}

describe('without normalization, constants are biases', () => {
  const sum = (cutLayer: string): ReturnType<typeof compact> => {
    const b = new GraphBuilder();
    const stem = b.conv(b.image(), 'stem', 4, { relu: true, norm: 'norm' });
    const side = b.conv(stem, 'side', 4, { kernel: 1, bias: true });
    return compacted(b, b.conv(stem, 'main', 4, { name: 'sum', bias: true, residual: side, relu: true }), [cutLayer]);
  };

  it('those of a residual that is gone', () => {
    expect(sum('side').graph.nodes[2]).toMatchObject({ name: 'sum', conv: 'main', residual: undefined, bias: true });
  });

  it('those of a branch that is gone', () => {
    expect(sum('main').graph.nodes[2]).toMatchObject({ name: 'sum', conv: 'side', relu: true, bias: true });
  });

  it('those of an input that is gone', () => {
    const b = new GraphBuilder();
    const stem = b.conv(b.image(), 'stem', 4);
    const dead = b.conv(stem, 'dead', 2, { norm: 'norm' });
    const { graph } = compacted(b, b.conv(b.concat('both', dead, stem), 'mix', 4, { kernel: 1 }), ['dead']);
    expect(graph.nodes[2]).toMatchObject({ name: 'mix', inputs: 4, bias: true });
  });
});

it('an average with a border of zeros makes no constant of a constant', () => {
  const b = new GraphBuilder();
  const stem = b.conv(b.image(), 'stem', 2, { norm: 'norm' });
  const dead = b.conv(stem, 'dead', 2, { norm: 'constant' });
  const { graph } = compacted(b, b.pool('avgPool', 'pool', b.concat('both', dead, stem), 3, 2, 1), ['dead']);
  expect(graph.nodes.find(({ name }) => name === 'dead')).toMatchObject({ outputs: 2 });
});

it('a layer that hears nothing and gives a constant that a border changes keeps one input', () => {
  const b = new GraphBuilder();
  const stem = b.conv(b.image(), 'stem', 4, { norm: 'norm' });
  const deep = b.conv(b.conv(stem, 'a', 5, { norm: 'a.norm' }), 'b', 6, { norm: 'b.norm' });
  const { graph } = compacted(b, b.conv(deep, 'c', 4, { residual: stem }), ['a', 'b']);
  expect(graph.nodes.find(({ name }) => name === 'b')).toMatchObject({ inputs: 1, outputs: 1 });
});

it('a residual that is gone ties no channels together', () => {
  const b = new GraphBuilder();
  const stem = b.conv(b.image(), 'stem', 4, { norm: 'norm' });
  const dead = b.conv(stem, 'dead', 4, { norm: 'constant' });
  const live = b.conv(stem, 'live', 4, { norm: 'live.norm', residual: dead });
  const { graph } = compacted(b, b.conv(b.concat('both', dead, live), 'mix', 2, { kernel: 1 }), ['dead']);
  expect(graph.nodes.map(({ name }) => name)).toEqual(['image', 'stem', 'live', 'mix', 'avgpool', 'fc']);
});

it('a channel that is fed only after it was last read goes', () => {
  const b = new GraphBuilder();
  const stem = b.conv(b.image(), 'stem', 2, { norm: 'norm', relu: true });
  const inner = b.conv(stem, 'inner', 2, { norm: 'inner.norm', relu: true });
  const sum = b.conv(inner, 'outer', 2, { name: 'sum', norm: 'outer.norm', residual: stem, relu: true });
  b.linear(b.globalPool(sum), 'fc', 3);
  const graph = b.graph('corner', SIDE);
  const dict = randomDict(graph, 5);
  // The stem gives nothing to channel 1, which the inner convolution reads and the outer one feeds; the classifier reads channel 0 alone.
  cutWeights(graph, dict, (layer, o, i) => (layer === 'stem' ? o === 0 : layer === 'fc' ? i === 0 : true));
  for (const part of ['weight', 'bias']) dict.get(`norm.${part}`)!.data[1] = 0;
  const made = compact(graph, dict, { multiple: 1 });
  expectSame(evaluate(made.graph, made.dict, image), evaluate(graph, dict, image), 1e-5);
  expect(made.graph.nodes[1]).toMatchObject({ name: 'stem', outputs: 1 });
});

it('what stands for other constants is large enough to be exact in f32', async () => {
  const b = new GraphBuilder();
  const stem = b.conv(b.image(), 'stem', 3, { norm: 'norm', relu: true });
  const inner = b.conv(stem, 'inner', 2, { norm: 'inner.norm', relu: true });
  const sum = b.conv(inner, 'outer', 3, { name: 'sum', norm: 'outer.norm', residual: stem, relu: true });
  b.linear(b.globalPool(sum), 'fc', 3);
  const graph = b.graph('corner', SIDE);
  const dict = randomDict(graph, 5);
  // Channel 0 of the stem is a difference of numbers near 1, and lives later; channel 1 is 1 and goes.
  cutWeights(graph, dict, (layer, o, i) =>
    layer === 'stem' ? o === 2 : layer === 'outer' ? o !== 1 : layer === 'fc' ? i !== 1 : true,
  );
  const set = (part: string, ...data: number[]): void => dict.get(`norm.${part}`)!.data.set(data);
  set('weight', 0.7, 1, 1);
  set('bias', 0.9, 1, 0.5);
  set('running_mean', (0.9 - 3e-7) / 0.7, 0, 0);
  set('running_var', 1, 1, 1);
  const made = compact(graph, dict, { multiple: 1 });
  expect(made.graph.nodes[1]).toMatchObject({ name: 'stem', outputs: 3 });
  expectSame(await onGpu(made.graph, made.dict), evaluate(graph, dict, image), 1e-4);
});

async function onGpu(graph: Graph, dict: Dict): Promise<Float32Array> {
  const network = new Network(graph).to(gpu, 1);
  loadStateDict(network, dict);
  const x = on(image, [1, SIDE, SIDE, 3]);
  const y = noGrad(() => scope(() => network.forward(x, EVAL)));
  const logits = await y.floats();
  for (const made of [x, y, network]) made.release();
  return logits;
}
