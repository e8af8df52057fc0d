// What the analysis of a network asks of its values: from a state dict, or from gates alone.
import type { Graph } from '../models/index.ts';
import type { StateTensor } from '../nn/index.ts';
import { layersOf, parametersOf, type Survives, type Values } from './analysis.ts';
import { CompactError } from './error.ts';

export type StateDict = ReadonlyMap<string, StateTensor>;

/** As batchNorm has it. */
const EPSILON = 1e-5;

/** Values of a network in which nothing gives a constant but zero: structure alone (docs/method.md §7). */
export const zeroConstants = (survives: Survives): Values => ({
  survives,
  sum: () => 0,
  bias: () => 0,
  scale: () => 1,
  offset: () => 0,
});

/** A tensor by name. Throws CompactError where it is missing or of another size. */
export function tensorOf(graph: Graph, dict: StateDict, name: string, size: number): Float32Array {
  const found = dict.get(name);
  if (!found) throw new CompactError(`${graph.model}: the state dict has no tensor ${name}`);
  if (found.data.length !== size)
    throw new CompactError(`${graph.model}: tensor ${name} has ${found.data.length} values, not ${size}`);
  return found.data;
}

/** Values of a state dict. A connection whose kernel is zero is cut, and so are all of an output that its normalization multiplies by zero. */
export function valuesOf(graph: Graph, dict: StateDict): Values {
  const get = (name: string, size: number): Float32Array => tensorOf(graph, dict, name, size);
  const norms = new Map<string, { scale: Float64Array; offset: Float64Array }>();
  const biases = new Map<string, Float32Array>();
  const connections = new Map<string, { survive: Uint8Array; sums: Float64Array; inputs: number }>();
  for (const node of graph.nodes) {
    const channels = node.op === 'conv' ? node.outputs : node.op === 'norm' ? node.channels : 0;
    if ((node.op === 'conv' || node.op === 'norm') && node.norm !== undefined) {
      const [gamma, beta, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
        get(`${node.norm}.${part}`, channels),
      );
      const scale = Float64Array.from(gamma, (g, c) => g / Math.sqrt(variance[c] + EPSILON));
      norms.set(node.norm, { scale, offset: scale.map((factor, c) => beta[c] - mean[c] * factor) });
    }
    if (node.op === 'shift') biases.set(node.shift, get(`${node.shift}.bias`, node.channels));
  }
  for (const node of layersOf(graph)) {
    const name = parametersOf(node);
    const { inputs, outputs } = node;
    const area = node.op === 'conv' ? node.kernel ** 2 : 1;
    const weight = get(`${name}.weight`, outputs * inputs * area);
    const scale = node.op === 'conv' && node.norm ? norms.get(node.norm)!.scale : undefined;
    const survive = new Uint8Array(outputs * inputs);
    const sums = new Float64Array(outputs * inputs);
    for (let at = 0; at < sums.length; at++)
      for (let k = at * area; k < (at + 1) * area; k++) {
        sums[at] += weight[k];
        if (weight[k] !== 0 && scale?.[Math.floor(at / inputs)] !== 0) survive[at] = 1;
      }
    connections.set(name, { survive, sums, inputs });
    if (node.op === 'linear' || node.bias) biases.set(name, get(`${name}.bias`, outputs));
  }
  return {
    survives: (layer) => {
      const { survive, inputs } = connections.get(layer)!;
      return (o, i) => survive[o * inputs + i] !== 0;
    },
    sum: (layer, o, i) => {
      const { sums, inputs } = connections.get(layer)!;
      return sums[o * inputs + i];
    },
    bias: (name, c) => biases.get(name)![c],
    scale: (norm, c) => norms.get(norm)!.scale[c],
    offset: (norm, c) => norms.get(norm)!.offset[c],
  };
}
