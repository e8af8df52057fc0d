// What stays of a network: which channels, which nodes, and what becomes of a node that lost a part of it.
import {
  type ChannelClasses,
  type Connections,
  channelClasses,
  type Graph,
  kindOf,
  outputsOf,
  type Reduced,
  sourcesOf,
  type Values,
} from '../models/index.ts';
import type { Flow } from './analysis.ts';
import { spacesOf } from './spaces.ts';

export interface Plan {
  /** The channels of each node's value that stay. A class of channels (src/models/graph/channels.ts) stays or goes as a whole. */
  channels: ReadonlyMap<string, readonly number[]>;
  /** The nodes that stay, as their kind reduces them. */
  nodes: ReadonlyMap<string, Reduced>;
  /** The input channel of a layer with a border that stands for all its constant ones. */
  constantCarriers: ReadonlyMap<string, number>;
}

/**
 * A class stays where one of its channels varies and is needed. Two kinds stay beside these:
 * - A layer with a border makes no constant of a constant: near the border it meets zeros. Of its constant inputs that are not zero the largest stays, as it is,
 *   and the weights of all the others go to it, in proportion. This is exact, for any number of them, and needs no channel that the network did not have.
 * - A layer that gives such a channel, and hears nothing, keeps one input.
 *
 * Then channels that could go stay until each space of them counts a multiple of `multiple`, as far as there are any: kernels read four at a time, and a
 * layer of 29 channels takes longer than one of 32.
 */
export function planOf(graph: Graph, flow: Flow, values: Values, multiple: number): Plan {
  const reduced = graph.nodes.map((node): Reduced => {
    const kind = kindOf(node);
    const given = kind.reads(node).map((name) => flow.carried.get(name)!);
    const seen = { given, branch: flow.carried.get(node.name)!.branch, needed: flow.needed.get(node.name)! };
    return kind.reduce?.(node, seen) ?? { node };
  });
  // Of the nodes as reduced: one that loses its residual has not the channels of a sum any more.
  const classes = channelClasses({ nodes: reduced.map(({ node }) => node) });
  const ends = new Set([...sourcesOf(graph), ...outputsOf(graph)]);
  const kept = new Uint8Array(classes.count);
  for (const { name } of graph.nodes) {
    const [{ constant }, needed] = [flow.carried.get(name)!, flow.needed.get(name)!];
    for (const [c, own] of classes.of.get(name)!.entries())
      if (ends.has(name) || (Number.isNaN(constant[c]) && needed[c])) kept[own] = 1;
  }
  for (;;) {
    const { plan, more } = planned(reduced, ends, flow, values, classes, kept);
    const wanted = more.length > 0 ? more : fillers(classes, kept, multiple);
    if (wanted.length === 0) return plan;
    for (const own of wanted) kept[own] = 1;
  }
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
  const constantCarriers = new Map<string, number>();
  const more: number[] = [];
  for (const [name, { node }] of nodes) {
    const kind = kindOf(node);
    const connections = kind.connections?.(node);
    if (!connections) continue;
    const [read] = kind.reads(node);
    const input = of.get(read)!;
    const stands = (c: number): boolean => kept[input[c]] === 1;
    const size = sizesOfConstants(connections, flow.carried.get(read)!.constant, flow.needed.get(name)!, values);
    const [largest, carrier] = [largestOf(size, (c) => !stands(c)), largestOf(size, stands)];
    // A carrier much smaller than what it stands for would multiply its own rounding.
    if (largest !== undefined && (carrier === undefined || size[carrier] < size[largest] / 8))
      more.push(input[largest]);
    else if (largest !== undefined) constantCarriers.set(name, carrier!);
    else if (channels.get(read)!.length === 0) more.push(input[0]);
  }
  return { plan: { channels, nodes, constantCarriers }, more };
}

/** |constant| of the inputs of a layer with a border that an output which is needed reads, else 0. */
function sizesOfConstants(
  { layer, inputs, border }: Connections,
  given: Float64Array,
  needed: Uint8Array,
  values: Values,
): Float64Array {
  const size = new Float64Array(inputs);
  if (!border) return size;
  const { survives } = values.connections(layer);
  for (const [o, needs] of needed.entries())
    if (needs) for (const [i, k] of given.entries()) if (k && survives(o, i)) size[i] = Math.abs(k);
  return size;
}

function largestOf(size: Float64Array, among: (c: number) => boolean): number | undefined {
  let found: number | undefined;
  for (const [c, value] of size.entries())
    if (value > 0 && among(c) && (found === undefined || value > size[found])) found = c;
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
