// Graphs in float64, node by node and loop by loop, and random state dicts for them.
import { type Graph, outputsOf, readsOf } from '../../src/models/graph/graph.ts';
import type { AttentionNode } from '../../src/models/kinds/attention.ts';
import { type GraphNode, kindOf } from '../../src/models/kinds/index.ts';
import { headsOf } from '../../src/models/node/heads.ts';
import type { StateTensor } from '../../src/nn/state-dict.ts';
import { normal } from './erf.ts';
import { generator } from './random.ts';

type Dict = ReadonlyMap<string, StateTensor>;

interface Value {
  side: number;
  channels: number;
  /** H×W×C of one image. */
  data: Float64Array;
}

/** Shapes of everything that a graph's state dict holds, in torch layout. */
export function shapesOf({ nodes }: Graph): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  const norm = (name: string | undefined, channels: number): void => {
    if (name !== undefined)
      for (const part of ['weight', 'bias', 'running_mean', 'running_var']) shapes.set(`${name}.${part}`, [channels]);
  };
  for (const node of nodes) {
    if (node.op === 'conv') {
      shapes.set(`${node.conv}.weight`, [node.outputs, node.inputs, node.kernel, node.kernel]);
      if (node.bias) shapes.set(`${node.conv}.bias`, [node.outputs]);
      norm(node.norm, node.outputs);
    } else if (node.op === 'linear') {
      shapes.set(`${node.linear}.weight`, [node.outputs, node.inputs]);
      shapes.set(`${node.linear}.bias`, [node.outputs]);
    } else if (node.op === 'norm') norm(node.norm, node.channels);
    else if (node.op === 'shift') shapes.set(`${node.shift}.bias`, [node.channels]);
    else if (node.op === 'layerNorm')
      for (const part of ['weight', 'bias']) shapes.set(`${node.norm}.${part}`, [node.channels]);
    else if (node.op === 'tokens')
      for (const [name, rows] of kindOf(node).offsets!(node)) shapes.set(name, [1, rows, node.channels]);
  }
  return shapes;
}

/** Values of every kind: weights of He's size, scales of either sign, statistics that are none of the data's. */
export function randomDict(graph: Graph, seed: number): Map<string, StateTensor> {
  const next = generator(seed);
  const between = (low: number, high: number) => () => low + (high - low) * next();
  const dict = new Map<string, StateTensor>();
  for (const [name, shape] of shapesOf(graph)) {
    const size = shape.reduce((a, b) => a * b);
    const bound = Math.sqrt((6 * shape[0]) / size);
    const draw = name.endsWith('running_var')
      ? between(0.3, 2)
      : shape.length > 1
        ? between(-bound, bound)
        : between(-1, 1.5);
    dict.set(name, { shape, data: Float32Array.from({ length: size }, draw) });
  }
  return dict;
}

/** Sets each kernel to zero that `survives` has no connection for. */
export function cutWeights(
  graph: Graph,
  dict: Map<string, StateTensor>,
  survives: (layer: string, output: number, input: number) => boolean,
): void {
  for (const node of graph.nodes) {
    if (node.op !== 'conv' && node.op !== 'linear') continue;
    const name = node.op === 'conv' ? node.conv : node.linear;
    const area = node.op === 'conv' ? node.kernel ** 2 : 1;
    const { data } = dict.get(`${name}.weight`)!;
    for (let o = 0; o < node.outputs; o++)
      for (let i = 0; i < node.inputs; i++)
        if (!survives(name, o, i)) data.fill(0, (o * node.inputs + i) * area, (o * node.inputs + i + 1) * area);
  }
}

/** An image H×W×C, or for a graph with several sources that of each by its name. */
type Images = ArrayLike<number> | Record<string, ArrayLike<number>>;

/** Logits of one image, H×W×C. */
export const evaluate = (graph: Graph, dict: Dict, image: ArrayLike<number>): Float64Array =>
  evaluateOutputs(graph, dict, image)[outputsOf(graph)[0]];

/** The value of each output for one image, or one a source. */
export function evaluateOutputs(graph: Graph, dict: Dict, images: Images): Record<string, Float64Array> {
  const values = new Map<string, Value>();
  for (const node of graph.nodes) {
    const inputs = readsOf(node).map((name) => values.get(name)!);
    const value = node.op === 'image' ? given(node, images) : compute(node, inputs, dict);
    if ('relu' in node && node.relu) value.data = value.data.map((x) => Math.max(0, x));
    values.set(node.name, value);
  }
  return Object.fromEntries(outputsOf(graph).map((name) => [name, values.get(name)!.data]));
}

function given({ name, channels }: { name: string; channels: number }, images: Images): Value {
  const image = 'length' in images ? (images as ArrayLike<number>) : images[name];
  return { side: Math.sqrt(image.length / channels), channels, data: Float64Array.from(image) };
}

function compute(node: GraphNode, [x, residual, ...rest]: Value[], dict: Dict): Value {
  const get = (name: string): Float32Array => dict.get(name)!.data;
  switch (node.op) {
    case 'conv': {
      const y = convolved(x, node, get(`${node.conv}.weight`));
      if (node.bias) each(y, (value, c) => value + get(`${node.conv}.bias`)[c]);
      if (node.norm) normalize(y, node.norm, get);
      if (residual) y.data = y.data.map((value, at) => value + residual.data[at]);
      return y;
    }
    case 'norm': {
      const y = { ...x, data: x.data.slice() };
      normalize(y, node.norm, get);
      return y;
    }
    case 'shift': {
      const y = { ...x, data: x.data.slice() };
      each(y, (value, c) => value + get(`${node.shift}.bias`)[c]);
      return y;
    }
    case 'linear': {
      const weight = get(`${node.linear}.weight`);
      const bias = get(`${node.linear}.bias`);
      const data = rowsOf(x).flatMap((row) =>
        Array.from(bias, (b, o) => row.reduce((sum, value, i) => sum + value * weight[o * node.inputs + i], b)),
      );
      return { side: 1, channels: node.outputs, data: Float64Array.from(data) };
    }
    case 'add':
      return { ...x, data: x.data.map((value, at) => value + residual.data[at]) };
    case 'tokens': {
      const [first, places] = kindOf(node).offsets!(node).map(([name]) => get(name));
      return { ...x, data: Float64Array.from([...first, ...x.data], (value, at) => value + places[at]) };
    }
    case 'layerNorm': {
      const [gamma, beta] = ['weight', 'bias'].map((part) => get(`${node.norm}.${part}`));
      const { width = node.channels } = node;
      const data = rowsOf(x).flatMap((row) => {
        const mean = row.reduce((sum, value) => sum + value, 0) / width;
        const squares = row.reduce((sum, value) => sum + (value - mean) ** 2, (width - node.channels) * mean ** 2);
        const deviation = Math.sqrt(squares / width + node.eps);
        return [...row].map((value, c) => ((value - mean) / deviation) * gamma[c] + beta[c]);
      });
      return { ...x, data: Float64Array.from(data) };
    }
    case 'gelu':
      return { ...x, data: x.data.map((value) => value * normal(value)) };
    case 'token':
      return { ...x, data: x.data.slice(node.at * x.channels, (node.at + 1) * x.channels) };
    case 'attention':
      return attended(x, node);
    case 'concat': {
      const parts = [x, residual, ...rest].filter((part) => part !== undefined);
      const pixels = x.side ** 2;
      const data = Array.from({ length: pixels }, (_, p) =>
        parts.flatMap((part) => [...part.data.subarray(p * part.channels, (p + 1) * part.channels)]),
      );
      return {
        side: x.side,
        channels: parts.reduce((sum, part) => sum + part.channels, 0),
        data: Float64Array.from(data.flat()),
      };
    }
    case 'globalPool': {
      const data = new Float64Array(x.channels);
      for (const [at, value] of x.data.entries()) data[at % x.channels] += value / x.side ** 2;
      return { side: 1, channels: x.channels, data };
    }
    case 'avgPool':
    case 'maxPool': {
      const max = node.op === 'maxPool';
      const y = result(x, node, x.channels);
      if (max) y.data.fill(-Infinity);
      visit(x, y, node, (from, to) => {
        for (let c = 0; c < x.channels; c++) {
          const [value, at] = [x.data[from * x.channels + c], to * x.channels + c];
          y.data[at] = max ? Math.max(y.data[at], value) : y.data[at] + value / node.kernel ** 2;
        }
      });
      return y;
    }
    default:
      throw new Error(node.op);
  }
}

const rowsOf = ({ data, channels }: Value): Float64Array[] =>
  Array.from({ length: data.length / channels }, (_, row) => data.subarray(row * channels, (row + 1) * channels));

function attended(x: Value, node: AttentionNode): Value {
  const heads = headsOf(node);
  const channels = heads.reduce((sum, { valueDepth }) => sum + valueDepth, 0);
  const tokens = rowsOf(x);
  const data = new Float64Array(tokens.length * channels);
  for (const { depth, valueDepth, query, key, value, result } of heads)
    for (const [t, row] of tokens.entries()) {
      const scores = tokens.map((other) => {
        let product = 0;
        for (let i = 0; i < depth; i++) product += row[query + i] * other[key + i];
        return product * node.scale;
      });
      const most = Math.max(...scores);
      const powers = scores.map((score) => Math.exp(score - most));
      const sum = powers.reduce((a, b) => a + b);
      for (const [s, power] of powers.entries())
        for (let i = 0; i < valueDepth; i++) data[t * channels + result + i] += (power / sum) * tokens[s][value + i];
    }
  return { ...x, channels, data };
}

type Window = { kernel: number; stride: number; padding: number };

/** Zeros where a window's results go. */
function result(x: Value, { kernel, stride, padding }: Window, channels: number): Value {
  const side = Math.floor((x.side + 2 * padding - kernel) / stride) + 1;
  return { side, channels, data: new Float64Array(side ** 2 * channels) };
}

/** Calls `pair` with each pixel of x and of y that meet, and the place in the window. */
function visit(
  x: Value,
  y: Value,
  { kernel, stride, padding }: Window,
  pair: (from: number, to: number, k: number) => void,
): void {
  for (let to = 0; to < y.side ** 2; to++)
    for (let k = 0; k < kernel ** 2; k++) {
      const row = Math.floor(to / y.side) * stride - padding + Math.floor(k / kernel);
      const column = (to % y.side) * stride - padding + (k % kernel);
      if (row >= 0 && column >= 0 && row < x.side && column < x.side) pair(row * x.side + column, to, k);
    }
}

/** A convolution with an OIHW weight. */
function convolved(x: Value, node: Window & { outputs: number }, weight: Float32Array): Value {
  const { outputs, kernel } = node;
  const area = kernel ** 2;
  const y = result(x, node, outputs);
  visit(x, y, node, (from, to, k) => {
    for (let o = 0, w = k; o < outputs; o++) {
      let sum = 0;
      for (let i = 0; i < x.channels; i++, w += area) sum += weight[w] * x.data[from * x.channels + i];
      y.data[to * outputs + o] += sum;
    }
  });
  return y;
}

function each(value: Value, f: (x: number, channel: number) => number): void {
  value.data = value.data.map((x, at) => f(x, at % value.channels));
}

function normalize(value: Value, norm: string, get: (name: string) => Float32Array): void {
  const [gamma, beta, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((p) =>
    get(`${norm}.${p}`),
  );
  each(value, (x, c) => ((x - mean[c]) / Math.sqrt(variance[c] + 1e-5)) * gamma[c] + beta[c]);
}
