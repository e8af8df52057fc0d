// Which gate belongs where: the maps of all gated layers, sorted into batches that pass through the AN together (METHOD.md §1, §3).
import { AstroError } from '../gpu/index.ts';
import type { GatedLayer, Network } from '../models/index.ts';
import { type Conv2d, Linear } from '../nn/index.ts';
import { reshape, slice, type Tensor } from '../tensor/index.ts';

export type GateKind = 'connection' | 'filter' | 'channel';

/** The gate map of one layer. */
export interface GateEntry extends GatedLayer {
  /** What the map multiplies: the weight's connections, filters or input neurons, or the channels of the normalisation. */
  applies: 'connection' | 'filter' | 'input' | 'channel';
  rows: number;
  columns: number;
  /** Place in the group's B×M tensor. */
  row: number;
  column: number;
}

/** Maps that are one batch of images for the AN. */
export interface GateGroup {
  entries: GateEntry[];
  /** The AN's input, B×H×W. For vectors it is one image, whose last row may be filled up. */
  image: [batch: number, height: number, width: number];
  /** Gates a map: H·W, less the filling. */
  length: number;
}

/** METHOD.md §3: vectors are laid into one matrix of this width. */
const VECTOR_WIDTH = 64;

/** Width and depth of a layer's weight. */
export function sides(layer: Conv2d | Linear): { inputs: number; outputs: number } {
  const { shape } = layer.weight;
  return { inputs: shape[shape.length - 2], outputs: shape[shape.length - 1] };
}

export class GateLayout {
  readonly kind: GateKind;
  readonly groups: GateGroup[];
  /** Gates of the whole network. */
  readonly total: number;

  /** `except` names layers that stay ungated. Throws AstroError for a name that is not a layer, or where nothing is left to gate. */
  constructor(network: Network, kind: GateKind, except: readonly string[] = []) {
    const layers = network.gatedLayers();
    for (const name of except)
      if (!layers.some((layer) => layer.name === name))
        throw new AstroError(
          `there is no layer "${name}" to leave ungated; there are ${layers.map((l) => l.name).join(', ')}`,
        );
    const gatedLayers = layers.filter(({ name }) => !except.includes(name));
    if (gatedLayers.length === 0) throw new AstroError('every layer is left ungated, so there is nothing to regulate');
    this.kind = kind;
    this.groups = kind === 'connection' ? squareGroups(gatedLayers) : [vectorGroup(gatedLayers, kind)];
    this.total = this.groups.reduce(
      (sum, { entries }) => sum + entries.reduce((n, { rows, columns }) => n + rows * columns, 0),
      0,
    );
  }

  get entries(): GateEntry[] {
    return this.groups.flatMap(({ entries }) => entries);
  }

  /** The map of one layer, cut from its group's B×M tensor: rows×columns, or a vector. */
  mapOf(entry: GateEntry, values: Tensor): Tensor {
    const map = slice(values, [entry.row, entry.column], [1, entry.rows * entry.columns]);
    return reshape(map, entry.applies === 'connection' ? [entry.rows, entry.columns] : [entry.rows * entry.columns]);
  }

  /** Runs `fn` with the network's layers gated by `values`, one B×M tensor a group. */
  gated<T>(values: readonly Tensor[], fn: () => T): T {
    try {
      for (const [g, { entries }] of this.groups.entries())
        for (const entry of entries) {
          const p = this.mapOf(entry, values[g]);
          if (entry.applies === 'channel') entry.norm!.layer.gate = p;
          else entry.layer.gate = { kind: entry.applies, p };
        }
      return fn();
    } finally {
      for (const { layer, norm } of this.entries) {
        layer.gate = undefined;
        if (norm) norm.layer.gate = undefined;
      }
    }
  }
}

function squareGroups(layers: GatedLayer[]): GateGroup[] {
  const groups = new Map<string, GateGroup>();
  for (const layer of layers) {
    const { inputs, outputs } = sides(layer.layer);
    const key = `${outputs}×${inputs}`;
    const group = groups.get(key) ?? { entries: [], image: [0, outputs, inputs], length: outputs * inputs };
    group.entries.push({
      ...layer,
      applies: 'connection',
      rows: outputs,
      columns: inputs,
      row: group.image[0]++,
      column: 0,
    });
    groups.set(key, group);
  }
  return [...groups.values()];
}

function vectorGroup(layers: GatedLayer[], kind: 'filter' | 'channel'): GateGroup {
  let length = 0;
  const entries = layers.map((layer): GateEntry => {
    const { inputs, outputs } = sides(layer.layer);
    const linear = layer.layer instanceof Linear;
    const columns = linear ? inputs : outputs;
    const column = length;
    length += columns;
    return {
      ...layer,
      applies: linear ? 'input' : kind === 'channel' && layer.norm ? 'channel' : 'filter',
      rows: 1,
      columns,
      row: 0,
      column,
    };
  });
  return { entries, image: [1, Math.ceil(length / VECTOR_WIDTH), VECTOR_WIDTH], length };
}
