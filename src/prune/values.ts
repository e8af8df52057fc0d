// What the analysis of a network asks of its values: from a state dict, or from gates alone.
import { type Connections, type ConnectionValues, type Graph, kindOf, type Values } from '../models/index.ts';
import type { StateTensor } from '../nn/index.ts';
import { CompactError } from './error.ts';

/** A network's tensors by torch's names, as stateDict() gives them. */
export type StateDict = ReadonlyMap<string, StateTensor>;

/** Which (output, input) pairs of a layer, by its name, survive. */
export type Survives = (layer: string) => (output: number, input: number) => boolean;

/** Values of a network in which nothing gives a constant but zero: structure alone (docs/method.md §7). */
export const zeroConstants = (survives: Survives): Values => ({
  vector: (_, size, neutral) => new Float64Array(size).fill(neutral),
  connections: (layer) => ({ survives: survives(layer), sum: () => 0 }),
});

/** A tensor by name. Throws CompactError where it is missing or of another size. */
export function tensorOf({ model }: Pick<Graph, 'model'>, dict: StateDict, name: string, size: number): Float32Array {
  const found = dict.get(name);
  if (!found) throw new CompactError(`${model}: the state dict has no tensor ${name}`);
  if (found.data.length !== size)
    throw new CompactError(`${model}: tensor ${name} has ${found.data.length} values, not ${size}`);
  return found.data;
}

/** The weight of a layer, outputs × inputs × area. Throws CompactError where it is missing or of another size. */
export const weightOf = (graph: Graph, dict: StateDict, { layer, inputs, outputs, area }: Connections): Float32Array =>
  tensorOf(graph, dict, `${layer}.weight`, outputs * inputs * area);

/** Values of a state dict. A connection whose kernel is zero is cut, and so are all of an output that its normalization multiplies by zero. */
export function valuesOf(graph: Graph, dict: StateDict): Values {
  const vector = (name: string, size: number): Float32Array => tensorOf(graph, dict, name, size);
  const layers = new Map<string, ConnectionValues>();
  for (const node of graph.nodes) {
    const kind = kindOf(node);
    const connections = kind.connections?.(node);
    if (!connections) continue;
    const norm = kind.norm?.(node);
    const scale = norm === undefined ? undefined : vector(`${norm}.weight`, connections.outputs);
    layers.set(connections.layer, connectionValues(connections, weightOf(graph, dict, connections), scale));
  }
  return { vector, connections: (layer) => layers.get(layer)! };
}

function connectionValues(
  { inputs, outputs, area }: Connections,
  weight: Float32Array,
  scale: Float32Array | undefined,
): ConnectionValues {
  const survive = new Uint8Array(outputs * inputs);
  const sums = new Float64Array(outputs * inputs);
  for (let at = 0; at < sums.length; at++)
    for (let k = at * area; k < (at + 1) * area; k++) {
      sums[at] += weight[k];
      if (weight[k] !== 0 && scale?.[Math.floor(at / inputs)] !== 0) survive[at] = 1;
    }
  return { survives: (o, i) => survive[o * inputs + i] !== 0, sum: (o, i) => sums[o * inputs + i] };
}
