// A block of a vision transformer, forward and with all its gradients: normalization, attention, normalization, MLP, each with its residual sum. Ours is the first
// block of the model in the registry; the peers compose theirs of its parameters, by name.
import type { Gpu, Program } from 'astrogpu/gpu';
import { describeModel, type Graph, kindOf, Network } from 'astrogpu/models';
import { TRAIN } from 'astrogpu/nn';
import { backward, copyInto, count, empty, normalArray, type Shape, scope, tensor } from 'astrogpu/tensor';
import type { BlockTask, Comparison, PreparedTask, Weights } from './comparison.ts';

/** Sums of up to `images` · 197 products in f32, in another order on each side, relative to the largest entry. */
const TOLERANCE = 1e-3;
const BLOCK = 'blocks.0';
/** Deviation of weights and biases. */
const SPREAD = 0.05;

/** The block's nodes behind a source in place of what came before them. */
function blockGraph(model: string, part: number): { graph: Graph; width: number; heads: number; tokens: number } {
  const whole = describeModel(model, { width: part });
  const nodes = whole.nodes.filter(({ name }) => name === BLOCK || name.startsWith(`${BLOCK}.`));
  const [source] = kindOf(nodes[0]).reads(nodes[0]);
  const attention = nodes.find((node) => node.op === 'attention')!;
  const places = whole.nodes.find((node) => node.op === 'tokens')!;
  const [rows, columns] = places.grid;
  const graph: Graph = { ...whole, nodes: [{ op: 'image', name: source, channels: places.channels }, ...nodes] };
  return { graph, width: places.channels, heads: attention.heads, tokens: 1 + rows * columns };
}

/** A smaller one, for tests: fewer tokens than the model has, and its width in parts of the model's own. */
interface Smaller {
  tokens?: number;
  part?: number;
}

/** `images` sequences of tokens. */
export function blockComparison(model: string, images: number, smaller: Smaller = {}): Comparison {
  const { graph, width, heads, tokens: own } = blockGraph(model, smaller.part ?? 1);
  const { tokens = own } = smaller;
  const shape: Shape = [images, tokens, width];
  const weights: Weights = new Map(
    [...new Network(graph).namedParameters()].map(([name, parameter], i) => {
      const norm = /norm\d\.weight$/.test(name);
      const values = normalArray(count(parameter.shape), 6, i).map((value) => (norm ? 1 : 0) + SPREAD * value);
      return [name.slice(BLOCK.length + 1), { shape: parameter.shape, values }];
    }),
  );
  const task: BlockTask = {
    ...{ shape, heads, weights, eps: 1e-6 },
    x: normalArray(count(shape), 6, 100),
    dy: normalArray(count(shape), 6, 101),
  };
  return {
    name: `block of ${model}, forward and backward, ${tokens} tokens, batch ${images}`,
    tolerance: TOLERANCE,
    ours: (gpu) => ourBlock(gpu, task, graph),
    theirs: (peer) => peer.block(task),
  };
}

function ourBlock(gpu: Gpu, { shape, weights, x: values, dy: upstream }: BlockTask, graph: Graph): PreparedTask {
  const network = new Network(graph).to(gpu, 1);
  const { tensors } = network.arena;
  for (const [name, { values }] of weights) tensors.get(`${BLOCK}.${name}`)!.set(values);
  const x = tensor(gpu, values, shape);
  const dy = tensor(gpu, upstream, shape);
  const y = empty(gpu, shape, 'result');
  x.requiresGrad = true;
  let program: Program | undefined;
  return {
    run: () => program!.replay(),
    idle: () => gpu.idle(),
    async results() {
      program = gpu.capture('block', () =>
        scope(() => {
          const made = network.forward(x, TRAIN);
          copyInto(y, made);
          backward(made, { gradient: dy });
        }),
      );
      const results = new Map([
        ['the result', await y.floats()],
        ['the gradient of x', await x.grad!.floats()],
      ]);
      for (const name of weights.keys())
        results.set(`the gradient of ${name}`, await tensors.get(`${BLOCK}.${name}`)!.grad!.floats());
      return results;
    },
    release() {
      program?.dispose();
      network.release();
      for (const made of [x, x.grad, dy, y]) made?.release();
    },
  };
}
