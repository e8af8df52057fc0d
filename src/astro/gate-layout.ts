// Which gate belongs where: the gates of all layers stand in one flat tensor, and each layer's are a map for the astrocyte, or part of one (docs/method.md §1, §3).
import { AstroError, ConfigError, needArguments } from '../gpu/index.ts';
import type { Gateable, GatedLayer } from '../models/index.ts';
import { type GatedWeight, maskedWeights, slice } from '../ops/index.ts';
import { channelGroups, type GateEntry, type GateKind, gateShape } from '../prune/index.ts';
import type { Tensor } from '../tensor/index.ts';
import type { MapRegion } from './packing/packed-maps.ts';

/** docs/method.md §3: vectors are laid into one matrix of this width. */
const VECTOR_WIDTH = 64;

/** Where the gates of a network stand (docs/method.md §1): one flat f32 tensor [total] for all layers, and what the astrocyte sees of it, or of its groups, as maps. */
export class GateLayout {
  /** What has a gate: each connection, each filter (output channel), or each channel between two layers. */
  readonly kind: GateKind;
  /** The gated layers in forward order, each with where its gates begin and how many there are. */
  readonly entries: readonly GateEntry[];
  /** What the astrocyte sees: for vectors one map, whose last row may not be full. */
  readonly maps: readonly MapRegion[];
  /** Gates of the whole network. */
  readonly total: number;
  /** Where several gates are one probability: the group of each gate, numbered in the order of the gates. */
  readonly groups?: { of: Uint32Array; count: number };
  /** The network, or module, whose layers these are. */
  readonly network: Gateable;

  /**
   * `except` names layers that stay ungated. With a `group` so many channels side by side have one gate, in all layers that a residual sum makes one; layers whose channels nothing could take out stay
   * ungated (docs/method.md §1). Throws AstroError for a name that is not a layer, where nothing is left to gate, for channel gates of a module of which nobody knows what stands
   * behind its layers, and for groups without a graph; ConfigError for channel gates of a network without batch norms, and for groups of connections.
   */
  constructor(network: Gateable, kind: GateKind, except: readonly string[] = [], group = 0) {
    needArguments('GateLayout', 'a function', { 'network.gatedLayers': network?.gatedLayers });
    if (kind === 'channel') needNorms(network, 'channel gates');
    const layers = network.gatedLayers();
    if (kind === 'channel' && !layers.some(({ norm }) => norm))
      throw new ConfigError(
        'gate',
        (name) =>
          `${name('gate', 'channel')}: it scales the batch normalization behind a layer, and ${network.graph?.model ?? 'the module'} has none behind any: take ${name('gate', 'filter')} or ${name('gate', 'connection')}`,
      );
    for (const name of except)
      if (!layers.some((layer) => layer.name === name))
        throw new AstroError(
          `there is no layer "${name}" to leave ungated; there are ${layers.map((l) => l.name).join(', ')}`,
        );
    const gatedLayers = layers.filter(({ name }) => !except.includes(name));
    if (gatedLayers.length === 0) throw new AstroError('every layer is left ungated, so there is nothing to regulate');
    const groups = group > 0 ? groupsOf(network, kind, gatedLayers, group) : undefined;
    this.network = network;
    this.kind = kind;
    let at = 0;
    this.entries = gatedLayers
      .filter(({ name }) => !groups || groups.has(name))
      .map((layer) => {
        const entry = { ...layer, ...gateShape(layer, kind), at };
        at += entry.length;
        return entry;
      });
    this.total = at;
    if (groups) {
      const of = Uint32Array.from(this.entries.flatMap(({ name }) => [...groups.get(name)!]));
      this.groups = { of, count: of.reduce((most, one) => Math.max(most, one + 1), 0) };
    }
    this.maps = kind === 'connection' ? matrices(this.entries) : [line(this.probabilities, this.layers)];
  }

  /** How many numbers the astrocyte gives: one a gate, or one a group. */
  get probabilities(): number {
    return this.groups?.count ?? this.total;
  }

  /** Of each layer its gates, or the groups that it is the first to have, which are numbered in that order: layers without any are left out. */
  get layers(): { at: number; length: number }[] {
    let end = 0;
    return this.entries.flatMap(({ at, length }) => {
      const begin = end;
      const own = this.groups?.of.subarray(at, at + length);
      end = own ? own.reduce((most, group) => Math.max(most, group + 1), end) : at + length;
      return end > begin ? [{ at: begin, length: end - begin }] : [];
    });
  }

  /** The weights whose features the astrocyte sees. A channel gate scales a whole filter, so it sees what a filter gate would. */
  get weights(): GatedWeight[] {
    return this.entries.map(({ layer, applies, at }) => ({
      weight: layer.weight.tensor,
      gate: applies === 'channel' ? 'filter' : applies,
      at,
    }));
  }

  /** All that a gate of 0 keeps gradients from: beside these weights the scales and shifts that a channel gate multiplies, as rows. */
  get cuttable(): GatedWeight[] {
    const rows = this.entries.flatMap(({ applies, norm, at, length }) =>
      applies === 'channel' ? [norm!.layer.weight, norm!.layer.bias].map(({ tensor }) => ({ tensor, at, length })) : [],
    );
    return [
      ...this.weights,
      ...rows.map(({ tensor, at, length }) => ({ weight: tensor.alias([1, length]), gate: 'filter' as const, at })),
    ];
  }

  /**
   * Runs `fn` with the network's layers under `gates`, the flat tensor of all. `silent` has 0 for each channel of a parameter, by its name, that is to give
   * nothing.
   */
  gated<T>(gates: Tensor, fn: () => T, silent: ReadonlyMap<string, Tensor> = new Map()): T {
    const { entries, weights } = this;
    const masking = entries.map((_, i) => i).filter((i) => entries[i].applies !== 'channel');
    try {
      if (masking.length > 0) {
        const masked = maskedWeights(
          masking.map((i) => weights[i]),
          gates,
        );
        for (const [m, i] of masking.entries()) entries[i].layer.masked = masked[m];
      }
      for (const { applies, norm, at, length } of entries)
        if (applies === 'channel') norm!.layer.gate = slice(gates, [at], [length]);
      for (const [name, mask] of silent) this.silence(name, mask);
      return fn();
    } finally {
      for (const { layer, norm } of entries) {
        layer.masked = undefined;
        if (norm) norm.layer.gate = undefined;
      }
      for (const name of silent.keys()) this.silence(name, undefined);
    }
  }

  private silence(name: string, mask: Tensor | undefined): void {
    const parameter = this.network.offset(name);
    if (parameter) parameter.mask = mask;
  }
}

/** The group of each gate by layer. Throws ConfigError for gates of connections, AstroError without a graph and where no channel can go. */
function groupsOf(
  network: Gateable,
  kind: GateKind,
  layers: readonly GatedLayer[],
  size: number,
): ReadonlyMap<string, Uint32Array> {
  if (kind === 'connection')
    throw new ConfigError(
      'group',
      (name) =>
        `${name('group', size)}: groups are of channels, and a connection has two; take ${name('gate', 'filter')} or ${name('gate', 'channel')}`,
    );
  if (!network.graph)
    throw new AstroError(
      'groups of channels go by how the layers of the module follow each other, which its graph says: give it (`graph`, which graphOf makes of a sample run)',
    );
  const groups = channelGroups(network.graph, new Map(layers.map((l) => [l.name, gateShape(l, kind).applies])), size);
  if (groups.size === 0)
    throw new ConfigError(
      'group',
      (name) =>
        `${name('group', size)}: each channel of ${network.graph!.model} is also made by a layer without such gates, or is one of its inputs or outputs, so none could go: gate more layers`,
    );
  return groups;
}

/** A map a layer; equal shapes are one batch. */
function matrices(entries: readonly GateEntry[]): MapRegion[] {
  const shapes: string[] = [];
  return entries.map(({ name, rows, columns, at, length }) => {
    const shape = `${rows}×${columns}`;
    if (!shapes.includes(shape)) shapes.push(shape);
    return { name, height: rows, width: columns, at, length, batch: shapes.indexOf(shape) };
  });
}

const line = (length: number, layers: MapRegion['layers']): MapRegion => ({
  height: Math.ceil(length / VECTOR_WIDTH),
  width: VECTOR_WIDTH,
  at: 0,
  length,
  batch: 0,
  layers,
});

/** Throws AstroError where nobody knows the normalizations behind a module's layers, which `what` needs. */
export function needNorms(network: Gateable, what: string): void {
  if (network.knowsNorms === false)
    throw new AstroError(
      `${what} need the normalization behind each layer of the module, which a run shows: give a sample run (\`sample\`), or its graph`,
    );
}
