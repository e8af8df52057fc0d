// Parameters counted two ways (docs/method.md §7): kept, by surviving gates; structural, after taking out every channel that nothing feeds or reads.
import { channelsOf, layersOf, type Network, networkParameters, outputsOf } from '../models/index.ts';
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

/** Which gates there are, as a layout of them says. */
interface GateEntries {
  readonly entries: readonly GateEntry[];
}

/** Gates by layer name, rows×columns or a vector as the layout has them; layers without an entry are ungated. */
export function countParameters(
  network: Network,
  layout: GateEntries | undefined,
  gates: ReadonlyMap<string, ArrayLike<number>>,
): ParameterCount {
  const survives = survivalOf(layout, gates);
  const { graph } = network;
  const total = networkParameters(graph);
  let cutWeights = 0;
  for (const { layer, inputs, outputs, area } of layersOf(graph)) {
    const survive = survives(layer);
    for (let o = 0; o < outputs; o++) for (let i = 0; i < inputs; i++) if (!survive(o, i)) cutWeights += area;
  }
  const left = compactedGraph(graph, survives);
  return { total, kept: total - cutWeights, structural: left ? networkParameters(left) : outputChannels(network) };
}

/** One bias a channel of the outputs: all that is left where they are constants. */
function outputChannels({ graph }: Network): number {
  const channels = channelsOf(graph);
  return outputsOf(graph).reduce((sum, name) => sum + channels.get(name)!, 0);
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
