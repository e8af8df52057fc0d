// Graphs of transformers written by hand: each way to write attention becomes the same kinds of nodes, with the module's values and names.
import { describe, expect, it } from 'vitest';
import { GateCut } from '../../../src/astro/gate-cut.ts';
import { networkCost } from '../../../src/models/graph/cost.ts';
import { Network } from '../../../src/models/network.ts';
import { graphOf } from '../../../src/models/trace/graph-of.ts';
import { moduleCost } from '../../../src/models/trace/module-cost.ts';
import { normal } from '../../../src/nn/init.ts';
import { Conv2d } from '../../../src/nn/layers/conv2d.ts';
import { LayerNorm } from '../../../src/nn/layers/layer-norm.ts';
import { Linear } from '../../../src/nn/layers/linear.ts';
import { MultiHeadAttention } from '../../../src/nn/layers/multi-head-attention.ts';
import { EVAL, Module, Parameter } from '../../../src/nn/module.ts';
import { loadStateDict, stateDict } from '../../../src/nn/state-dict.ts';
import { add } from '../../../src/ops/arithmetic/binary.ts';
import { scaledDotProductAttention } from '../../../src/ops/attention/scaled-dot-product-attention.ts';
import { selfAttention } from '../../../src/ops/attention/self-attention.ts';
import { gelu } from '../../../src/ops/elementwise/activations.ts';
import { concat } from '../../../src/ops/shape/concat.ts';
import { expand } from '../../../src/ops/shape/expand.ts';
import { reshape, squeeze } from '../../../src/ops/shape/reshape.ts';
import { slice } from '../../../src/ops/shape/slice.ts';
import { split } from '../../../src/ops/shape/split.ts';
import { noGrad } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { attachAstrocyte } from '../../../src/train/attached/attached-astrocyte.ts';
import { relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { agreesWithItself, expectOutputs, outputsFor } from '../../support/graph.ts';
import { values } from '../../support/random.ts';

const [SIDE, WIDTH, HEADS] = [8, 8, 2];

/** Attention's ways: from tokens to what heads give. */
type Attend = (block: Block, x: Tensor) => Tensor;

class Block extends Module {
  norm1 = new LayerNorm(WIDTH);
  qkv = new Linear(WIDTH, 3 * WIDTH);
  q = new Linear(WIDTH, WIDTH, { bias: false });
  k = new Linear(WIDTH, WIDTH);
  v = new Linear(WIDTH, WIDTH);
  mha = new MultiHeadAttention(WIDTH, HEADS);
  proj = new Linear(WIDTH, WIDTH);
  norm2 = new LayerNorm(WIDTH, { eps: 1e-6 });
  fc1 = new Linear(WIDTH, 9);
  fc2 = new Linear(9, WIDTH);
  readonly attend: Attend;
  constructor(attend: Attend) {
    super();
    this.attend = attend;
  }

  forward(x: Tensor): Tensor {
    const seen = add(x, this.proj.forward(this.attend(this, this.norm1.forward(x))));
    return add(this.fc2.forward(gelu(this.fc1.forward(this.norm2.forward(seen)), { approximate: 'tanh' })), seen);
  }
}

class Vit extends Module {
  patches = new Conv2d(2, WIDTH, { kernel: 4, stride: 4, padding: 0, bias: true });
  first = new Parameter([1, 1, WIDTH], normal(0.5));
  places = new Parameter([1, 5, WIDTH], normal(0.5));
  block: Block;
  head = new Linear(WIDTH, 3);
  constructor(attend: Attend) {
    super();
    this.block = new Block(attend);
  }

  forward(x: Tensor): Tensor {
    const list = reshape(this.patches.forward(x), [x.shape[0], 4, WIDTH]);
    const tokens = concat([expand(this.first.tensor, [x.shape[0], 1, WIDTH]), list], 1);
    const y = this.block.forward(add(this.places.tensor, tokens));
    return this.head.forward(squeeze(slice(y, [0, 0, 0], [x.shape[0], 1, WIDTH]), 1));
  }
}

const heads = (x: Tensor): Tensor => reshape(x, [x.shape[0], x.shape[1], HEADS, WIDTH / HEADS]);
const merged = (x: Tensor): Tensor => reshape(x, [x.shape[0], x.shape[1], WIDTH]);
const WAYS: [string, Attend, string[]][] = [
  ['selfAttention', ({ qkv }, x) => selfAttention(qkv.forward(x), { heads: HEADS }), ['linear', 'attention']],
  [
    'parts of one layer',
    ({ qkv }, x) => {
      const [q, k, v] = split(qkv.forward(x), 3, -1).map(heads);
      return merged(scaledDotProductAttention(q, k, v, { headsLast: true, scale: 0.4 }));
    },
    ['linear', 'attention'],
  ],
  [
    'three layers',
    ({ q, k, v }, x) => {
      const [a, b, c] = [q, k, v].map((layer) => heads(layer.forward(x)));
      return merged(scaledDotProductAttention(a, b, c, { headsLast: true }));
    },
    ['linear', 'linear', 'linear', 'concat', 'attention'],
  ],
  ['MultiHeadAttention', ({ mha }, x) => mha.forward(x), ['linear', 'attention', 'linear']],
];

const images = (count = 2): Tensor => on(values(3, count * SIDE * SIDE * 2), [count, SIDE, SIDE, 2]);

describe.each(WAYS)('%s', (_, attend, ops) => {
  const module = new Vit(attend).to(gpu, 1);
  const graph = graphOf(module, images(), (x) => module.forward(x));

  it('becomes kinds of nodes, with its values and its cost', async () => {
    expect(graph.nodes.map(({ op }) => op)).toEqual([
      ...['image', 'conv', 'tokens', 'layerNorm', ...ops, 'linear', 'add'],
      ...['layerNorm', 'linear', 'gelu', 'linear', 'add', 'token', 'linear'],
    ]);
    const network = new Network(graph).to(gpu, 2);
    const dict = await stateDict(module);
    const own = new Set(network.namedParameters().map(([name]) => name));
    loadStateDict(network, new Map([...dict].filter(([name]) => own.has(name.replace('in_proj_', 'in_proj.')))));
    const x = images();
    const [expected, actual] = [module.forward(x), noGrad(() => scope(() => network.forward(x, EVAL)))];
    expect(relativeError(await actual.floats(), await expected.floats())).toBeLessThan(1e-5);
    const { macs } = moduleCost(module, () => module.forward(images(1)));
    expect(networkCost(graph).macs).toBe(macs);
    network.release();
  });

  agreesWithItself(graph);
});

it('MultiHeadAttention is compacted under its astrocyte', async () => {
  const module = new Vit(({ mha }, x) => mha.forward(x)).to(gpu, 1);
  const graph = graphOf(module, images(), (x) => module.forward(x));
  const include = ['patches', 'head', '*mha*', '*.proj', '*.fc*'];
  const astro = attachAstrocyte(module, { network: 'fcn', T: 1, gates: 'connection', graph, include });
  astro.regulate();
  const cut = new GateCut(astro.regulator);
  cut.keep(0.3);
  cut.apply();
  cut.release();
  const x = images();
  const expected = await noGrad(() => scope(() => astro.gated(() => module.forward(x)))).floats();
  const { graph: smaller, dict, removed } = await astro.compact();
  expect(removed.parameters).toBeGreaterThan(0);
  expect([...dict.keys()]).toContain('block.mha.in_proj.weight');
  const made = await outputsFor(smaller, dict, { image: { values: await x.floats(), shape: x.shape } });
  expectOutputs(made, { head: expected }, 1e-5);
  for (const part of [astro, module]) part.release();
});

it('what stands in the way is named where it stands', () => {
  const module = new Vit(({ qkv }, x) => {
    const [q, k, v] = split(qkv.forward(x), 3, -1).map(heads);
    return merged(scaledDotProductAttention(q, k, v, { headsLast: true, causal: true }));
  }).to(gpu, 1);
  expect(() => graphOf(module, images(), (x) => module.forward(x))).toThrow(
    'Vit: split [2×5×8] of matmul [2×5×24] is of no kind of node in this form',
  );
  expect(() => graphOf(module, images(), (x) => reshape(module.patches.forward(x), [2, 4, WIDTH]))).toThrow(
    'Vit: reshape [2×4×8] of conv2d [2×2×2×8] is of no kind of node in this form',
  );
});
