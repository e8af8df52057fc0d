// Parameters counted two ways (docs/method.md §7): kept, by surviving gates; structural, after taking out every channel that nothing feeds or reads.
import { classesOf, type Network, networkParameters } from '../models/index.ts';
import { layersOf, parametersOf, type Survives } from './analysis.ts';
import { compactedGraph } from './compact.ts';
import type { GateEntry } from './gates.ts';

export interface ParameterCount {
  total: number;
  kept: number;
  /** Those of the compacted network where channels that nothing feeds are zero; the last bias where the image does not reach the logits. */
  structural: number;
}

/** Which gates there are, as a GateLayout says. */
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
  for (const node of layersOf(graph)) {
    const survive = survives(parametersOf(node));
    const area = node.op === 'conv' ? node.kernel ** 2 : 1;
    for (let o = 0; o < node.outputs; o++) for (let i = 0; i < node.inputs; i++) if (!survive(o, i)) cutWeights += area;
  }
  const left = compactedGraph(graph, survives);
  const structural = left ? networkParameters(left) : classesOf(graph);
  return { total, kept: total - cutWeights, structural };
}

/** Which connections gates leave, layer by layer. */
export function survivalOf(layout: GateEntries | undefined, gates: ReadonlyMap<string, ArrayLike<number>>): Survives {
  const entries = new Map(layout?.entries.map((entry) => [entry.name, entry]));
  return (layer) => {
    const entry = entries.get(layer);
    return entry ? survival(entry, gates.get(layer)!) : () => true;
  };
}

function survival({ applies, columns }: GateEntry, values: ArrayLike<number>): ReturnType<Survives> {
  if (applies === 'connection') return (o, i) => values[o * columns + i] !== 0;
  if (applies === 'input') return (_, i) => values[i] !== 0;
  return (o) => values[o] !== 0;
}

/** Gates of every layer on the CPU, by name. */
export async function readGates(
  layout: GateEntries,
  gates: { floats(): Promise<Float32Array> },
): Promise<Map<string, Float32Array>> {
  const values = await gates.floats();
  return new Map(layout.entries.map(({ name, at, length }) => [name, values.slice(at, at + length)]));
}
