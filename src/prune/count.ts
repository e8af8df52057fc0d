// Parameters counted two ways (docs/method.md §7): kept, by surviving gates, of any network; structural, after taking out every channel that nothing feeds or
// reads, where a graph says which these are.
import {
  areaOf,
  channelsOf,
  type Gateable,
  type GatedLayer,
  type Graph,
  type Network,
  networkParameters,
  outputsOf,
} from '../models/index.ts';
import { compactedGraph } from './compact.ts';
import { type GateEntry, gateIndex } from './gates.ts';
import type { Survives } from './values.ts';

/** Parameters of a network under gates, counted two ways. */
export interface ParameterCount {
  total: number;
  kept: number;
  /** Those of the compacted network where channels that nothing feeds are zero; what its outputs are, where the image does not reach them. */
  structural: number;
}

/** The weights of a layer under gates; biases and normalizations stay and are left out. */
export interface LayerCount {
  name: string;
  weights: number;
  kept: number;
}

/** What gates leave of a network, in all and layer by layer. */
export interface KeptParameters {
  /** Weights, biases and all others. */
  total: number;
  /** Those that no closed gate multiplies. */
  kept: number;
  /** Every layer that gates were asked for. */
  layers: LayerCount[];
}

/** Which gates there are, as a layout of them says. */
export interface GateEntries {
  readonly entries: readonly GateEntry[];
}

/** Gates by layer name, rows×columns or a vector as the layout has them; layers without an entry are ungated. For a Network and any other GatedModule. */
export function keptParameters(
  network: Pick<Gateable, 'gatedLayers' | 'parameterCount'>,
  layout: GateEntries | undefined,
  gates: ReadonlyMap<string, ArrayLike<number>>,
): KeptParameters {
  const survives = survivalOf(layout, gates);
  const layers = network.gatedLayers().map((layer) => layerCount(layer, survives(layer.name)));
  const total = network.parameterCount();
  const cut = layers.reduce((sum, { weights, kept }) => sum + weights - kept, 0);
  return { total, kept: total - cut, layers };
}

function layerCount(layer: GatedLayer, survive: ReturnType<Survives>): LayerCount {
  const { name, inputs, outputs } = layer;
  const area = areaOf(layer);
  let kept = 0;
  for (let o = 0; o < outputs; o++) for (let i = 0; i < inputs; i++) if (survive(o, i)) kept += area;
  return { name, weights: outputs * inputs * area, kept };
}

/** The smaller graph that is left when every channel that nothing feeds or reads is taken out; none where nothing of the image reaches an output. `multiple` as for compact(), but 1 by default. */
export const structuralGraph = (
  graph: Graph,
  layout: GateEntries | undefined,
  gates: ReadonlyMap<string, ArrayLike<number>>,
  multiple?: number,
): Graph | undefined => compactedGraph(graph, survivalOf(layout, gates), multiple);

/** Parameters of a graph after taking out every channel that nothing feeds or reads. */
export function structuralParameters(
  graph: Graph,
  layout: GateEntries | undefined,
  gates: ReadonlyMap<string, ArrayLike<number>>,
): number {
  const left = structuralGraph(graph, layout, gates);
  if (left) return networkParameters(left);
  // One bias a channel of the outputs: all that is left where they are constants.
  const channels = channelsOf(graph);
  return outputsOf(graph).reduce((sum, name) => sum + channels.get(name)!, 0);
}

/** As keptParameters, of a network with a graph, and what would be left of that. */
export function countParameters(
  network: Network,
  layout: GateEntries | undefined,
  gates: ReadonlyMap<string, ArrayLike<number>>,
): ParameterCount {
  const { total, kept } = keptParameters(network, layout, gates);
  return { total, kept, structural: structuralParameters(network.graph, layout, gates) };
}

/** Which connections gates leave, layer by layer. */
export function survivalOf(layout: GateEntries | undefined, gates: ReadonlyMap<string, ArrayLike<number>>): Survives {
  const entries = new Map(layout?.entries.map((entry) => [entry.name, entry]));
  return (layer) => {
    const entry = entries.get(layer);
    if (!entry) return () => true;
    const values = gates.get(layer)!;
    const index = gateIndex(entry);
    return (o, i) => values[index(o, i)] !== 0;
  };
}

/** Gates of every layer on the CPU, by name. */
export async function readGates(
  layout: GateEntries,
  gates: { floats(): Promise<Float32Array> },
): Promise<Map<string, Float32Array>> {
  const values = await gates.floats();
  return new Map(layout.entries.map(({ name, at, length }) => [name, values.slice(at, at + length)]));
}
