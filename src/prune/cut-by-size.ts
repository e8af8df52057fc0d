// A cut for networks without gates: of the channels that could stand for each other the smaller ones are silenced, by the size of the weights that make them
// (Li et al. 2017, "Pruning Filters for Efficient ConvNets").
import { ConfigError } from '../gpu/index.ts';
import {
  type ChannelClasses,
  channelClasses,
  type Graph,
  type GraphLayer,
  kindOf,
  layersOf,
  outputsOf,
  sourcesOf,
} from '../models/index.ts';
import type { StateTensor } from '../nn/index.ts';
import { spacesOf } from './spaces.ts';
import { type StateDict, weightOf } from './values.ts';

/**
 * A state dict in which only the part `keep` of the channels of each space still carries something, in (0, 1], at least one of each: those with the largest sums of |w| over the filters that make them, in parts of
 * the mean of their layer. Channels that a residual sum makes one stay or go together; sources and outputs stay whole. compact() then takes out what was silenced. The dict
 * given is not changed. Throws ConfigError for another `keep`, CompactError for a dict of another network.
 */
export function cutBySize(graph: Graph, dict: StateDict, keep: number): Map<string, StateTensor> {
  if (!(keep > 0 && keep <= 1))
    throw new ConfigError('keep', (name) => `${name('keep', keep)}: the part of the channels that stays is in (0, 1]`);
  const classes = channelClasses(graph);
  const sizes = sizesOf(graph, dict, classes);
  const fixed = new Set([...sourcesOf(graph), ...outputsOf(graph)].flatMap((name) => [...classes.of.get(name)!]));
  const cut = new Set<number>();
  for (const space of spacesOf(classes)) {
    if (space.some((own) => fixed.has(own))) continue;
    const staying = Math.max(1, Math.round(keep * space.length));
    for (const own of [...space].sort((a, b) => sizes[b] - sizes[a] || a - b).slice(staying)) cut.add(own);
  }
  return silenced(graph, dict, classes, cut);
}

/** Every layer with connections and the classes of the channels that it makes. */
function* makers(graph: Graph, { of }: ChannelClasses): Generator<{ layer: GraphLayer; makes: Int32Array }> {
  const layers = new Map(layersOf(graph).map((layer) => [layer.layer, layer]));
  for (const node of graph.nodes) {
    const connections = kindOf(node).connections?.(node);
    if (connections) yield { layer: layers.get(connections.layer)!, makes: of.get(node.name)! };
  }
}

/** For each class the sum over its filters of Σ|w|, each in parts of the mean of its layer. */
function sizesOf(graph: Graph, dict: StateDict, classes: ChannelClasses): Float64Array {
  const sizes = new Float64Array(classes.count);
  for (const { layer, makes } of makers(graph, classes)) {
    const { inputs, outputs, area } = layer;
    const own = new Float64Array(outputs);
    for (const [i, w] of weightOf(graph, dict, layer).entries()) own[Math.floor(i / (inputs * area))] += Math.abs(w);
    const mean = own.reduce((a, b) => a + b, 0) / outputs;
    if (mean > 0) for (const [o, size] of own.entries()) sizes[makes[o]] += size / mean;
  }
  return sizes;
}

/** Without the filters that make the classes in `cut`, and without what a bias or a normalization would make of nothing. */
function silenced(
  graph: Graph,
  dict: StateDict,
  classes: ChannelClasses,
  cut: ReadonlySet<number>,
): Map<string, StateTensor> {
  const left = new Map(dict);
  const clear = (name: string, gone: (at: number) => boolean): void => {
    const tensor = dict.get(name);
    if (tensor) left.set(name, { shape: tensor.shape, data: tensor.data.map((value, at) => (gone(at) ? 0 : value)) });
  };
  for (const { layer, makes } of makers(graph, classes)) {
    const each = layer.inputs * layer.area;
    const isCut = (o: number): boolean => cut.has(makes[o]);
    clear(`${layer.layer}.weight`, (at) => isCut(Math.floor(at / each)));
    clear(`${layer.layer}.bias`, isCut);
    if (layer.norm !== undefined) for (const part of ['weight', 'bias']) clear(`${layer.norm}.${part}`, isCut);
  }
  // What is added to channels without a layer: places of tokens.
  for (const node of graph.nodes) {
    const kind = kindOf(node);
    const own = classes.of.get(node.name)!;
    if (kind.connections || kind.norm) continue;
    for (const [name] of kind.offsets?.(node) ?? []) clear(name, (at) => cut.has(own[at % own.length]));
  }
  return left;
}
