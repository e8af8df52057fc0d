// Graphs of modules that are programs: their values are the module's, compaction and ONNX take them, and what no graph can be made of is named.
import { describe, expect, it } from 'vitest';
import { networkCost } from '../../../src/models/graph/cost.ts';
import { type Graph, outputsOf } from '../../../src/models/graph/graph.ts';
import { addNodeKind } from '../../../src/models/kinds/index.ts';
import { Network } from '../../../src/models/network.ts';
import { channelwise, type OneInput } from '../../../src/models/node/channelwise.ts';
import { GraphError } from '../../../src/models/node/kind.ts';
import { graphOf } from '../../../src/models/trace/graph-of.ts';
import { moduleCost } from '../../../src/models/trace/module-cost.ts';
import { constant } from '../../../src/nn/init.ts';
import { BatchNorm2d } from '../../../src/nn/layers/batch-norm2d.ts';
import { convNorm } from '../../../src/nn/layers/conv-norm.ts';
import { Conv2d } from '../../../src/nn/layers/conv2d.ts';
import { Flatten } from '../../../src/nn/layers/flatten.ts';
import { Linear } from '../../../src/nn/layers/linear.ts';
import { Sequential } from '../../../src/nn/layers/sequential.ts';
import { EVAL, Module, Parameter, TRAIN } from '../../../src/nn/module.ts';
import { loadStateDict, stateDict } from '../../../src/nn/state-dict.ts';
import { add, mul } from '../../../src/ops/arithmetic/binary.ts';
import { conv2d } from '../../../src/ops/conv/conv2d.ts';
import { relu, sigmoid } from '../../../src/ops/elementwise/activations.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { avgPool2d } from '../../../src/ops/pool/avg-pool.ts';
import { globalAvgPool } from '../../../src/ops/pool/global-pool.ts';
import { concat } from '../../../src/ops/shape/concat.ts';
import { reshape } from '../../../src/ops/shape/reshape.ts';
import { noGrad } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { attachAstrocyte } from '../../../src/train/attached/attached-astrocyte.ts';
import { gpu, on } from '../../support/gpu.ts';
import { agreesWithItself, expectOutputs, outputsFor } from '../../support/graph.ts';
import { HandMade, Perceptron, patternBatches, SIDE } from '../../support/own-modules.ts';
import { values } from '../../support/random.ts';

type Values = Readonly<Record<string, Tensor>>;

/** Concatenations, a shift, a norm in front of its convolution, convNorm, and two outputs of which one is read on. */
class Mixed extends Module {
  readonly left = new Conv2d(2, 3, { bias: true });
  readonly right = new Conv2d(2, 5, { kernel: 1 });
  readonly first = new BatchNorm2d(8);
  readonly mix = new Conv2d(8, 6);
  readonly second = new BatchNorm2d(6);
  readonly moved = new Moved(6);
  readonly fc = new Linear(6, 3);

  forward(x: Tensor): { map: Tensor; logits: Tensor } {
    const both = concat([this.left.forward(x), this.right.forward(x)], -1);
    const y = this.first.forward(both, EVAL, { relu: true });
    const map = convNorm(this.mix, this.second, y, EVAL, { relu: true });
    const moved = relu(add(this.moved.bias.tensor, avgPool2d(map, { kernel: 3, stride: 1, padding: 1 })));
    return { map, logits: this.fc.forward(globalAvgPool(add(moved, map))) };
  }
}

class Moved extends Module {
  readonly bias: Parameter;

  constructor(channels: number) {
    super();
    this.bias = new Parameter([channels], constant(0.25));
  }
}

const image = () => on(values(2, 2 * SIDE * SIDE * 2), [2, SIDE, SIDE, 2]);

/** Lets running statistics be those of some data, and other values than the first ones. */
function unlike<M extends Module & { forward(x: Tensor, pass: typeof TRAIN): unknown }>(module: M): M {
  noGrad(() => scope(() => module.forward(image(), { ...TRAIN, momentum: 1 })));
  return module;
}

async function read(made: Tensor | Values): Promise<Record<string, Float32Array>> {
  const entries = Object.entries('shape' in made ? { out: made as Tensor } : (made as Values));
  const found: [string, Float32Array][] = [];
  for (const [name, tensor] of entries) found.push([name, await tensor.floats()]);
  return Object.fromEntries(found);
}

/** Holds that a network of the graph with the module's values gives the module's outputs. */
async function expectSame(
  module: Module,
  graph: Graph,
  x: Tensor,
  forward: (x: Tensor) => Tensor | Values,
): Promise<void> {
  const network = new Network(graph).to(gpu, 9);
  loadStateDict(network, await stateDict(module));
  const expected = await read(noGrad(() => scope(() => forward(x))));
  const actual = noGrad(() => scope(() => network.outputs(x, EVAL)));
  const names = Object.keys(expected);
  expectOutputs(await read(names[0] === 'out' ? { out: Object.values(actual)[0] } : actual), expected, 1e-5);
  network.release();
}

describe('a residual network written by hand', () => {
  const module = unlike(new HandMade().to(gpu, 1));
  const forward = (x: Tensor): Tensor => module.forward(x, EVAL);
  const graph = graphOf(module, image(), forward, { model: 'by hand' });

  it('becomes the nodes that the registry would have', async () => {
    expect(graph.nodes.map(({ op, name }) => `${op} ${name}`)).toEqual([
      'image image',
      'conv stem',
      'maxPool maxPool',
      'conv blocks.0.conv1',
      'conv blocks.0.conv2',
      'conv blocks.1.conv1',
      'conv blocks.1.around',
      'conv blocks.1.conv2',
      'globalPool globalPool',
      'linear head',
    ]);
    expect(graph.nodes[4]).toMatchObject({ norm: 'blocks.0.norm2', residual: 'maxPool', relu: true });
    expect(graph.nodes[7]).toMatchObject({ norm: 'blocks.1.norm2', residual: 'blocks.1.around', relu: true });
    expect({ model: graph.model, size: graph.size, outputs: graph.outputs }).toEqual({
      model: 'by hand',
      size: SIDE,
      outputs: undefined,
    });
    await expectSame(module, graph, image(), forward);
  });

  it('costs what the module costs', () => {
    const { parameters, macs } = moduleCost(module, () => forward(on(values(1, 2 * SIDE * SIDE), [1, SIDE, SIDE, 2])));
    expect(networkCost(graph)).toMatchObject({ parameters, macs });
  });

  it('is compacted under its astrocyte, and gives what the module gives that has finished', async () => {
    const { train, release } = patternBatches(6, [24, 6]);
    const astro = attachAstrocyte(module, { network: 'fcn', T: 1, gates: 'channel', graph, exclude: ['head'] });
    astro.regulate();
    await expect(astro.compact()).resolves.toMatchObject({ removed: { parameters: 0 } });
    const { structural, kept } = await astro.finish({
      keep: 0.5,
      train,
      loss: ({ x }) => module.forward(x, TRAIN),
    });
    const made = await astro.compact();
    expect(structural).toBeLessThan(kept);
    expect(networkCost(made.graph).parameters).toBeLessThan(networkCost(graph).parameters);
    const x = image();
    const expected = await read(noGrad(() => scope(() => forward(x))));
    const images = { image: { values: await x.floats(), shape: x.shape } };
    expectOutputs(await outputsFor(made.graph, made.dict, images), { head: expected.out }, 1e-5);
    astro.release();
    release();
  });

  agreesWithItself(graph);
});

it('a perceptron on images laid flat becomes one on a map, and one on vectors has a vector as its source', async () => {
  const module = new Perceptron().to(gpu, 1);
  const forward = (x: Tensor): Tensor => module.forward(x);
  const graph = graphOf(module, image(), forward);
  expect(graph.nodes.map(({ op }) => op)).toEqual(['image', 'flatten', 'linear', 'relu', 'linear', 'relu', 'linear']);
  await expectSame(module, graph, image(), forward);
  const flat = on(values(4, 3 * 128), [3, 128]);
  const vectors = graphOf(module, flat, forward);
  expect(vectors.nodes.map(({ op }) => op)).toEqual(['vector', 'linear', 'relu', 'linear', 'relu', 'linear']);
  await expectSame(module, vectors, flat, forward);
  module.release();
});

it('modules in a row have the places of their parts as names', async () => {
  const pool = (x: Tensor): Tensor => avgPool2d(x, { kernel: 2 });
  const row = new Sequential(new Conv2d(2, 4), relu, pool, new Flatten(), new Linear(64, 3, { bias: false })).to(
    gpu,
    1,
  );
  const forward = (x: Tensor): Tensor => row.forward(x, EVAL);
  const graph = graphOf(row, image(), forward);
  expect(graph.nodes.map(({ op, name }) => `${op} ${name}`)).toEqual([
    'image image',
    'conv 0',
    'avgPool avgPool',
    'flatten flatten',
    'linear 4',
  ]);
  await expectSame(row, graph, image(), forward);
  row.release();
});

it('several outputs go by their names, and shifts, concatenations and norms in front stay what they are', async () => {
  const module = new Mixed().to(gpu, 3);
  const graph = graphOf(module, image(), (x) => module.forward(x));
  expect(outputsOf(graph)).toEqual(['map', 'logits']);
  expect(graph.nodes.map(({ op }) => op)).toEqual([
    'image',
    'conv',
    'conv',
    'concat',
    'norm',
    'conv',
    'avgPool',
    'shift',
    'add',
    'globalPool',
    'linear',
  ]);
  await expectSame(module, graph, image(), (x) => module.forward(x));
  module.release();
});

it('several samples are several sources', () => {
  class Two extends Module {
    readonly color = new Conv2d(2, 4);
    readonly depth = new Conv2d(1, 4);
  }
  const module = new Two().to(gpu, 1);
  const sample = { near: image(), far: on(values(5, 2 * SIDE * SIDE), [2, SIDE, SIDE, 1]) };
  const graph = graphOf(module, sample, ({ near, far }) => add(module.color.forward(near), module.depth.forward(far)));
  expect(graph.nodes.map(({ op, name }) => `${op} ${name}`)).toEqual([
    'image near',
    'image far',
    'conv depth',
    'conv color',
  ]);
  module.release();
});

describe('what no graph can be made of is named:', () => {
  const module = new HandMade().to(gpu, 1);
  const { stem, head, norm } = module;
  const x = image();
  it.each<[string, (x: Tensor) => Tensor | Values, string]>([
    [
      'an op',
      () => sigmoid(stem.forward(x)),
      'HandMade: sigmoid [2×8×8×8] of conv2d [2×8×8×8] is of no kind of node in this form',
    ],
    ['the first of them', () => sigmoid(mul(stem.forward(x), stem.forward(x))), 'the layer stem runs twice (conv2d)'],
    ['a form', () => conv2d(x, stem.weight.tensor, { dilation: 2 }), 'in this form (dilation 2)'],
    ['an axis', () => concat([stem.forward(x), stem.forward(x)], 1), 'the layer stem runs twice'],
    ['an ε', () => norm.forward(mul(stem.forward(x), stem.forward(x)), EVAL), 'stem runs twice'],
    [
      'a constant',
      () => add(stem.forward(x), on(values(1, 8), [8])),
      'reads input [8], which is neither made of the sample nor a parameter',
    ],
    ['another shape', () => reshape(stem.forward(x), [2, 16, 4, 8]), 'reshape [2×16×4×8] of conv2d'],
    ['a weight alone', () => cast(head.weight.tensor, 'f32'), 'is made of no op on the sample'],
    ['one value twice', () => ({ a: x, b: x }), 'one value under two names'],
  ])('%s', (_, forward, message) => {
    expect(() => graphOf(module, x, forward)).toThrow(GraphError);
    expect(() => graphOf(module, x, forward)).toThrow(message);
  });

  it('a sample that is not square', () => {
    const wide = on(values(1, 2 * 4 * 8 * 2), [2, 4, 8, 2]);
    expect(() => graphOf(module, wide, (x) => stem.forward(x))).toThrow('a graph takes square images');
  });
});

it('a kind of one’s own says what ops it is made of', () => {
  interface Squash extends OneInput {
    op: 'squash';
  }
  addNodeKind<Squash>({
    ...channelwise,
    op: 'squash',
    forward: (_, [x]) => sigmoid(x),
    traced: {
      sigmoid: ({ inputs: [x], fresh }) =>
        x.node === undefined ? undefined : { op: 'squash', name: fresh('squash'), input: x.node },
    },
    onnx: (_, inputs, writer) => writer.op('Sigmoid', inputs),
  });
  const module = new HandMade().to(gpu, 1);
  const graph = graphOf(module, image(), (x) => sigmoid(module.stem.forward(x)));
  expect(graph.nodes.map(({ op }) => op as string)).toEqual(['image', 'conv', 'squash']);
  module.release();
});
