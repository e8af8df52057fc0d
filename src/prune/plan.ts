// What stays of a network: which channels, which nodes, and what becomes of a node that lost a part of it.
import {
  type ChannelClasses,
  type Connections,
  channelClasses,
  type Graph,
  kindOf,
  outputsOf,
  type Reduced,
  type Seen,
  type StandIns,
  sourcesOf,
  type Values,
} from '../models/index.ts';
import type { Flow } from './analysis.ts';
import { spacesOf } from './spaces.ts';

/** Channels, each with what it is multiplied by. */
export type Terms = readonly (readonly [channel: number, factor: number])[];

/** By the number of a channel that stays the channels that it stands for, itself first. */
type Sums = ReadonlyMap<number, Terms>;

export interface Plan {
  /** The channels of each node's value that stay. A class of channels (src/models/graph/channels.ts) stays or goes as a whole. */
  channels: ReadonlyMap<string, readonly number[]>;
  /** The nodes that stay, as their kind reduces them. */
  nodes: ReadonlyMap<string, Reduced>;
  /** By node, of the inputs of its layer. */
  columnSums: ReadonlyMap<string, Sums>;
  /** By node, of the outputs of its layer. */
  rowSums: ReadonlyMap<string, Sums>;
  /** By node, the one of its channels that stands for all that are alike, and is z (see Alike). */
  carriers: ReadonlyMap<string, number>;
}

/**
 * A class stays where one of its channels varies and is wanted. Some stay beside these:
 * - Channels that can stand for others (StandIns): of those that go the largest stays, and the weights of all the others go to it, in proportion. This is exact, for
 *   any number of them, and needs no channel that the network did not have. A layer with a border makes no constant of a constant, for near the border it meets zeros:
 *   its constant inputs are such channels.
 * - Constants that a node cannot do without.
 * - A layer that gives a channel that stays, and hears nothing, keeps one input.
 *
 * Then channels that could go stay until each space of them counts a multiple of `multiple`, as far as there are any: kernels read four at a time, and a
 * layer of 29 channels takes longer than one of 32.
 */
export function planOf(graph: Graph, flow: Flow, values: Values, multiple: number): Plan {
  const reduced = graph.nodes.map((node): Reduced => kindOf(node).reduce?.(node, seenOf(node, flow)) ?? { node });
  // Of the nodes as reduced: one that loses its residual has not the channels of a sum any more.
  const classes = channelClasses({ nodes: reduced.map(({ node }) => node) });
  const kept = livingClasses(graph, flow, classes);
  for (;;) {
    const { plan, more } = planned(reduced, endsOf(graph), flow, values, classes, kept);
    const wanted = more.length > 0 ? more : fillers(classes, kept, multiple);
    if (wanted.length === 0) return plan;
    for (const own of wanted) kept[own] = 1;
  }
}

const endsOf = (graph: Graph): Set<string> => new Set([...sourcesOf(graph), ...outputsOf(graph)]);

/** 1 for the classes that vary and are wanted, and for those of sources and outputs. */
export function livingClasses(graph: Graph, { carried, wanted }: Flow, { of, count }: ChannelClasses): Uint8Array {
  const ends = endsOf(graph);
  const living = new Uint8Array(count);
  for (const { name } of graph.nodes) {
    const { constant } = carried.get(name)!;
    for (const [c, own] of of.get(name)!.entries())
      if (ends.has(name) || (Number.isNaN(constant[c]) && wanted.get(name)![c])) living[own] = 1;
  }
  return living;
}

function seenOf(node: Reduced['node'], { carried, needed }: Flow): Seen {
  const given = kindOf(node)
    .reads(node)
    .map((name) => carried.get(name)!);
  return { given, branch: carried.get(node.name)!.branch, needed: needed.get(node.name)! };
}

/** Classes that go, as many as each space lacks of a multiple. */
function fillers(classes: ChannelClasses, kept: Uint8Array, multiple: number): number[] {
  return spacesOf(classes).flatMap((space) => {
    const staying = space.reduce((sum, own) => sum + kept[own], 0);
    const lacking = Math.ceil(staying / multiple) * multiple - staying;
    return space.filter((own) => !kept[own]).slice(0, lacking);
  });
}

/** The plan that keeps `kept`, and the classes that it lacks. */
function planned(
  all: readonly Reduced[],
  ends: ReadonlySet<string>,
  flow: Flow,
  values: Values,
  { of }: ChannelClasses,
  kept: Uint8Array,
): { plan: Plan; more: number[] } {
  const channels = new Map([...of].map(([name, list]) => [name, [...list.keys()].filter((c) => kept[list[c]])]));
  const nodes = readNodes(all, ends, channels);
  const sums = { columns: new Map<string, Map<number, Terms>>(), rows: new Map<string, Map<number, Terms>>() };
  const carriers = new Map<string, number>();
  const more: number[] = [];
  for (const [name, { node }] of nodes) {
    const kind = kindOf(node);
    const reads = kind.reads(node);
    const seen = seenOf(node, flow);
    const before = more.length;
    for (const [r, wanted] of (kind.constantsWanted?.(node, seen) ?? []).entries())
      for (const [c, own] of of.get(reads[r])!.entries()) if (wanted[c] && !kept[own]) more.push(own);
    for (const { of: home, size, by, share } of standInsOf(node, flow, values)) {
      const classes = of.get(home)!;
      const stays = (c: number): boolean => kept[classes[c]] === 1;
      // What somebody else reads as it is cannot become a sum.
      const free = (c: number): boolean => stays(c) && (by === 'columns' || !flow.wanted.get(home)![c]);
      const [largest, carrier] = [largestOf(size, (c) => !stays(c)), largestOf(size, free)];
      if (largest === undefined) continue;
      // A carrier much smaller than what it stands for would multiply its own rounding.
      if (carrier === undefined || Math.abs(size[carrier]) < Math.abs(size[largest]) / 8) more.push(classes[largest]);
      else if (by === 'alike') carriers.set(name, carrier);
      else {
        const of = by === 'columns' ? name : home;
        const gone = [...share.keys()].filter((c) => share[c] && !stays(c));
        const own = sums[by].get(of) ?? new Map<number, Terms>();
        sums[by].set(of, own.set(carrier, [[carrier, 1], ...gone.map((c) => [c, share[c] / share[carrier]] as const)]));
      }
    }
    if (kind.connections?.(node) && channels.get(reads[0])!.length === 0 && more.length === before)
      more.push(of.get(reads[0])![0]);
  }
  return { plan: { channels, nodes, columnSums: sums.columns, rowSums: sums.rows, carriers }, more };
}

/** The channels that can stand for others, with what they are in parts of each other. */
function standInsOf(node: Reduced['node'], flow: Flow, values: Values): (StandIns & { share: Float64Array })[] {
  const kind = kindOf(node);
  const own = (kind.standIns?.(node, seenOf(node, flow), values) ?? []).map((one) => ({ ...one, share: one.size }));
  const connections = kind.connections?.(node);
  if (!connections?.border) return own;
  const [read] = kind.reads(node);
  const share = flow.carried.get(read)!.constant;
  const size = sizesOfConstants(connections, share, flow.needed.get(node.name)!, values);
  return [...own, { of: read, size, by: 'columns', share }];
}

/** |constant| of the inputs of a layer with a border that an output which is needed reads, else 0. */
function sizesOfConstants(
  { layer, inputs }: Connections,
  given: Float64Array,
  needed: Uint8Array,
  values: Values,
): Float64Array {
  const size = new Float64Array(inputs);
  const { survives } = values.connections(layer);
  for (const [o, needs] of needed.entries())
    if (needs) for (const [i, k] of given.entries()) if (k && survives(o, i)) size[i] = Math.abs(k);
  return size;
}

function largestOf(size: Float64Array, among: (c: number) => boolean): number | undefined {
  let found: number | undefined;
  for (const [c, value] of size.entries())
    if (value !== 0 && among(c) && (found === undefined || Math.abs(value) > Math.abs(size[found]))) found = c;
  return found;
}

/** The nodes that are read, from the outputs back, in the order of computation. */
function readNodes(
  all: readonly Reduced[],
  ends: ReadonlySet<string>,
  channels: ReadonlyMap<string, readonly number[]>,
): Map<string, Reduced> {
  const read = new Set(ends);
  for (const { node } of [...all].reverse())
    if (read.has(node.name)) for (const name of readsLeft(node, channels)) read.add(name);
  return new Map(all.filter(({ node }) => read.has(node.name)).map((reduced) => [reduced.node.name, reduced]));
}

/** The nodes that a reduced node still reads. A concatenation does without parts of which nothing is left. */
export function readsLeft(node: Reduced['node'], channels: ReadonlyMap<string, readonly number[]>): string[] {
  const kind = kindOf(node);
  const reads = kind.reads(node);
  return kind.concatenates ? reads.filter((name) => channels.get(name)!.length > 0) : reads;
}
