// Gates multiplied into the values that they gate, so that a network needs none to run, and cuts of gates that were never cut.
import { ConfigError } from '../gpu/index.ts';
import { areaOf, type Gateable, type Graph, type GraphLayer, layersOf } from '../models/index.ts';
import type { StateTensor } from '../nn/index.ts';
import { CompactError } from './error.ts';
import { type GateKind, gateIndex, gateShape } from './gates.ts';
import { type StateDict, tensorOf } from './values.ts';

/** Gates by layer, as readGates gives them: a layer's are rows×columns for connections, else one for each filter, input or channel. */
export type Gates = ReadonlyMap<string, ArrayLike<number>>;

/**
 * A state dict under gates of one kind (docs/method.md §1), each weight one product: running with it is running with the gates. `of` is the network's graph, or what
 * the gates were put on. Layers without gates are as they were; the dict given is not changed. Throws CompactError for a layer that there is none of, and for another
 * number of gates than it takes.
 */
export function foldGates(
  of: Graph | Pick<Gateable, 'gatedLayers'>,
  dict: StateDict,
  gates: Gates,
  kind: GateKind,
): Map<string, StateTensor> {
  const model = 'nodes' in of ? of.model : 'the module';
  const all: FoldedLayer[] = 'nodes' in of ? layersOf(of) : layersOfModule(of);
  const layers = new Map(all.map((layer) => [layer.layer, layer]));
  const folded = new Map(dict);
  for (const [name, values] of gates) {
    const layer = layers.get(name);
    if (!layer) throw new CompactError(`${model}: there are gates for ${name}, which is not one of its layers`);
    const shape = gateShape(layer, kind);
    if (values.length !== shape.length)
      throw new CompactError(`${model}: layer ${name} takes ${shape.length} gates (${kind}), not ${values.length}`);
    const { inputs, outputs, area, norm } = layer;
    const multiply = (tensor: string, size: number, gateAt: (at: number) => number): void => {
      const data = tensorOf({ model }, dict, tensor, size);
      folded.set(tensor, { shape: dict.get(tensor)!.shape, data: data.map((value, at) => value * values[gateAt(at)]) });
    };
    if (shape.applies === 'channel')
      for (const part of ['weight', 'bias']) multiply(`${norm}.${part}`, outputs, (at) => at);
    else {
      const index = gateIndex(shape);
      multiply(layer.weightName ?? `${name}.weight`, outputs * inputs * area, (at) => {
        const connection = Math.floor(at / area);
        return index(Math.floor(connection / inputs), connection % inputs);
      });
    }
  }
  return folded;
}

type FoldedLayer = Pick<GraphLayer, 'layer' | 'inputs' | 'outputs' | 'area' | 'filter' | 'norm'> & {
  weightName?: string;
};

const layersOfModule = (of: Pick<Gateable, 'gatedLayers'>): FoldedLayer[] =>
  of.gatedLayers().map((gated) => {
    const { name, weightName, inputs, outputs, filter, norm } = gated;
    return { layer: name, weightName, inputs, outputs, filter, area: areaOf(gated), norm: norm?.name };
  });

/**
 * Gates of which only the largest stay as they are and the others are 0: the part `keep` of all, in (0, 1], those that equal the smallest that stays included.
 * Throws ConfigError for another `keep`, and where fewer are open than are to stay.
 */
export function cutToFraction(gates: Gates, keep: number): Map<string, Float32Array> {
  if (!(keep > 0 && keep <= 1))
    throw new ConfigError('keep', (name) => `${name('keep', keep)}: the part of the gates that stays is in (0, 1]`);
  const all = Float32Array.from([...gates.values()].flatMap((values) => Array.from(values))).sort();
  const wanted = Math.max(1, Math.round(keep * all.length));
  const threshold = all[all.length - wanted];
  if (!(threshold > 0)) {
    const open = all.filter((gate) => gate > 0).length;
    throw new ConfigError(
      'keep',
      (name) => `${name('keep', keep)}: ${wanted} of ${all.length} gates would stay, but only ${open} are open`,
    );
  }
  return new Map(
    [...gates].map(([name, values]) => [name, Float32Array.from(values).map((gate) => (gate >= threshold ? gate : 0))]),
  );
}
