// What each channel of a network still carries when connections are gone (docs/method.md §7): something that varies, or one number, whatever the image; and who
// needs it. A channel that nothing feeds is not zero but what biases and normalizations make of zero.
import { type ConvNode, channelsOf, type Graph, type GraphNode, type LinearNode, readsOf } from '../models/index.ts';

/** Which (output, input) pairs of a layer, by the name of its parameters, survive. */
export type Survives = (layer: string) => (output: number, input: number) => boolean;

/** What has to be known of a network's values. */
export interface Values {
  /** The connections that carry something. */
  survives: Survives;
  /** The sum over one connection's kernel. */
  sum(layer: string, output: number, input: number): number;
  /** A layer's bias, or a shift's. */
  bias(name: string, channel: number): number;
  /** A normalization in evaluation is scale·x + offset. */
  scale(norm: string, channel: number): number;
  offset(norm: string, channel: number): number;
}

export interface Flow {
  /** For each channel of each node: the number that it is, or NaN where it varies, by the image or towards the border. */
  constant: ReadonlyMap<string, Float64Array>;
  /** The same for a convolution with its normalization, before residual and ReLU. */
  branch: ReadonlyMap<string, Float64Array>;
  /** 1 where a value depends on the image. */
  image: ReadonlyMap<string, Uint8Array>;
  /** 1 where surviving connections lead on to the logits. */
  needed: ReadonlyMap<string, Uint8Array>;
}

export type Layer = ConvNode | LinearNode;

/** The layers of a graph that have connections. */
export const layersOf = ({ nodes }: Graph): Layer[] =>
  nodes.filter((node) => node.op === 'conv' || node.op === 'linear');

/** The name of a layer's parameters. */
export const parametersOf = (node: Layer): string => (node.op === 'conv' ? node.conv : node.linear);

/** A zero border makes two values of one constant. */
export const padded = (node: Layer): boolean => node.op === 'conv' && node.padding > 0;

/** Both directions through the graph: from the image what varies, from the logits what is needed. */
export function analyzeGraph(graph: Graph, values: Values): Flow {
  const flow = { constant: new Map(), branch: new Map(), image: new Map(), needed: neededOf(graph, values) };
  for (const node of graph.nodes) {
    const { k, image } = propagate(node, values, flow);
    flow.constant.set(node.name, 'relu' in node && node.relu ? k.map((value) => Math.max(0, value)) : k);
    flow.image.set(node.name, image);
  }
  return flow;
}

/** Channels of one value: constants, and whether the image reaches them. */
interface Carried {
  k: Float64Array;
  image: Uint8Array;
}

/** A node's value before its ReLU; notes the branch of a convolution. */
function propagate(
  node: GraphNode,
  values: Values,
  flow: Omit<Flow, 'branch'> & { branch: Map<string, Float64Array> },
): Carried {
  const [given, residual] = readsOf(node).map((name) => ({
    k: flow.constant.get(name)!,
    image: flow.image.get(name)!,
  }));
  switch (node.op) {
    case 'image':
      return { k: new Float64Array(node.channels).fill(Number.NaN), image: new Uint8Array(node.channels).fill(1) };
    case 'concat':
      return {
        k: Float64Array.from(node.inputs.flatMap((name) => [...flow.constant.get(name)!])),
        image: Uint8Array.from(node.inputs.flatMap((name) => [...flow.image.get(name)!])),
      };
    case 'norm':
      return {
        k: given.k.map((k, c) => normalized(values, node.norm, c, k)),
        image: given.image.map((reached, c) => (values.scale(node.norm, c) === 0 ? 0 : reached)),
      };
    case 'shift':
      return { k: given.k.map((k, c) => k + values.bias(node.shift, c)), image: given.image };
    case 'conv':
    case 'linear': {
      const own = produced(node, values, given);
      if (node.op === 'conv') flow.branch.set(node.name, own.k);
      if (!residual) return own;
      return {
        k: own.k.map((k, c) => k + residual.k[c]),
        image: own.image.map((reached, c) => reached | residual.image[c]),
      };
    }
    case 'avgPool':
      // Zeros of a border count.
      return node.padding > 0 ? { ...given, k: given.k.map((k) => (k === 0 ? 0 : Number.NaN)) } : given;
    default:
      return given;
  }
}

/** A layer's own outputs, with the normalization of its node. */
function produced(node: Layer, values: Values, given: Carried): Carried {
  const layer = parametersOf(node);
  const survives = values.survives(layer);
  const norm = node.op === 'conv' ? node.norm : undefined;
  const hasBias = node.op === 'linear' || node.bias;
  const border = padded(node);
  const image = new Uint8Array(node.outputs);
  const k = Float64Array.from(image, (_, o) => {
    let sum = hasBias ? values.bias(layer, o) : 0;
    for (let i = 0; i < node.inputs; i++) {
      if (given.k[i] === 0 || !survives(o, i)) continue;
      image[o] |= given.image[i];
      sum += border ? Number.NaN : given.k[i] * values.sum(layer, o, i);
    }
    return norm === undefined ? sum : normalized(values, norm, o, sum);
  });
  return { k, image };
}

function normalized(values: Values, norm: string, channel: number, x: number): number {
  const scale = values.scale(norm, channel);
  return (scale === 0 ? 0 : x * scale) + values.offset(norm, channel);
}

function neededOf(graph: Graph, values: Values): Map<string, Uint8Array> {
  const needed = new Map([...channelsOf(graph)].map(([name, channels]) => [name, new Uint8Array(channels)]));
  needed.get(graph.nodes.at(-1)!.name)!.fill(1);
  for (const node of [...graph.nodes].reverse()) {
    const own = needed.get(node.name)!;
    let at = 0;
    for (const [r, name] of readsOf(node).entries()) {
      const read = needed.get(name)!;
      if ((node.op === 'conv' || node.op === 'linear') && r === 0) {
        const survives = values.survives(parametersOf(node));
        for (const [o, needs] of own.entries())
          if (needs) for (let i = 0; i < read.length; i++) if (survives(o, i)) read[i] = 1;
        continue;
      }
      for (let c = 0; c < read.length; c++)
        if (node.op !== 'norm' || values.scale(node.norm, c) !== 0) read[c] |= own[at + c];
      if (node.op === 'concat') at += read.length;
    }
  }
  return needed;
}
