// Parameters counted two ways (METHOD.md §7): kept, by surviving gates; structural, after taking out every channel that nothing feeds or reads.
import type { Network } from '../models/index.ts';
import { Conv2d } from '../nn/index.ts';
import { type GateEntry, type GateLayout, sides } from './gate-layout.ts';

export interface ParameterCount {
  total: number;
  kept: number;
  structural: number;
}

/** Which (output, input) pairs of a layer survive its gate. */
type Survives = (output: number, input: number) => boolean;

const everything: Survives = () => true;

/** Gates by layer name, rows×columns or a vector as the layout has them; layers without an entry are ungated. */
export function countParameters(
  network: Network,
  layout: GateLayout | undefined,
  gates: ReadonlyMap<string, ArrayLike<number>>,
): ParameterCount {
  const entries = new Map(layout?.entries.map((entry) => [entry.name, entry]));
  const layers = network.gatedLayers().map((layer) => {
    const { inputs, outputs } = sides(layer.layer);
    const [kh, kw] = layer.layer instanceof Conv2d ? layer.layer.weight.shape : [1, 1];
    const entry = entries.get(layer.name);
    return {
      ...layer,
      inputs,
      outputs,
      area: kh * kw,
      survives: entry ? survival(entry, gates.get(layer.name)!) : everything,
    };
  });
  const total = network.parameterCount();

  let cutWeights = 0;
  for (const { inputs, outputs, area, survives } of layers)
    for (let o = 0; o < outputs; o++) for (let i = 0; i < inputs; i++) if (!survives(o, i)) cutWeights += area;

  // A channel lives while some surviving connection from a living channel feeds it and some surviving connection to a living channel reads it.
  const alive = new Map<string, boolean[]>();
  for (const { input, output, inputs, outputs } of layers) {
    if (!alive.has(input)) alive.set(input, new Array(inputs).fill(true));
    if (!alive.has(output)) alive.set(output, new Array(outputs).fill(true));
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const [space, channels] of alive) {
      const producers = layers.filter(({ output }) => output === space);
      const readers = layers.filter(({ input }) => input === space);
      for (let c = 0; c < channels.length; c++) {
        if (!channels[c]) continue;
        const fed =
          space === 'image' ||
          producers.some(({ input, survives }) => alive.get(input)!.some((lives, i) => lives && survives(c, i)));
        const read =
          space === 'logits' ||
          readers.some(({ output, survives }) => alive.get(output)!.some((lives, o) => lives && survives(o, c)));
        // The image's channels and the logits stay whatever happens: they are the network's interface.
        if ((fed && read) || space === 'image' || space === 'logits') continue;
        channels[c] = false;
        changed = true;
      }
    }
  }
  const living = (space: string): number => alive.get(space)!.filter(Boolean).length;
  let structural = 0;
  for (const { layer, norm, input, output, area } of layers) {
    structural += living(input) * living(output) * area;
    if (layer.bias) structural += living(output);
    if (norm) structural += 2 * living(output);
  }
  return { total, kept: total - cutWeights, structural };
}

function survival({ applies, columns }: GateEntry, values: ArrayLike<number>): Survives {
  if (applies === 'connection') return (o, i) => values[o * columns + i] !== 0;
  if (applies === 'input') return (_, i) => values[i] !== 0;
  return (o) => values[o] !== 0;
}

/** Gates of every layer on the CPU, by name. */
export async function readGates(
  layout: GateLayout,
  gates: { floats(): Promise<Float32Array> },
): Promise<Map<string, Float32Array>> {
  const values = await gates.floats();
  return new Map(layout.entries.map(({ name, at, length }) => [name, values.slice(at, at + length)]));
}
