// What stays of a network: which channels, which nodes, and what becomes of a node that lost its convolution or its residual.
import { type ChannelClasses, channelClasses, type Graph, type GraphNode, readsOf } from '../models/index.ts';
import { type Flow, type Layer, padded, parametersOf, type Values } from './analysis.ts';

/**
 * `whole`: as it was, with fewer channels. `shift`: its convolution gives constants only, and it is its residual and what these add. `alone`: its residual is
 * constants only, and they are added to its own.
 */
type Role = 'whole' | 'shift' | 'alone';

export interface Plan {
  /** The channels of each node's value that stay. A class of channels (src/models/graph/channels.ts) stays or goes as a whole. */
  channels: ReadonlyMap<string, readonly number[]>;
  /** The nodes that stay. */
  roles: ReadonlyMap<string, Role>;
  /** The input channel of a padded convolution that stands for all its constant ones. */
  constantCarriers: ReadonlyMap<string, number>;
}

/**
 * A class stays where one of its channels varies and is needed. Two kinds stay beside these:
 * - A padded convolution makes no constant of a constant: near the border it meets zeros. Of its constant inputs that are not zero the largest stays, as it is,
 *   and the weights of all the others go to it, in proportion. This is exact, for any number of them, and needs no channel that the network did not have.
 * - A layer that gives such a channel, and hears nothing, keeps one input.
 *
 * Then channels that could go stay until each space of them counts a multiple of `multiple`, as far as there are any: kernels read four at a time, and a
 * layer of 29 channels takes longer than one of 32.
 */
export function planOf(graph: Graph, flow: Flow, values: Values, multiple: number): Plan {
  const roles = new Map(graph.nodes.map((node) => [node.name, roleOf(node, flow)]));
  const classes = channelClasses({ ...graph, nodes: graph.nodes.map((node) => joined(node, roles)) });
  const kept = new Uint8Array(classes.count);
  for (const node of graph.nodes) {
    const [k, needed] = [flow.constant.get(node.name)!, flow.needed.get(node.name)!];
    for (const [c, own] of classes.of.get(node.name)!.entries())
      if (node.op === 'image' || node === graph.nodes.at(-1) || (Number.isNaN(k[c]) && needed[c])) kept[own] = 1;
  }
  for (;;) {
    const { plan, more } = planned(graph, flow, values, roles, classes, kept);
    const wanted = more.length > 0 ? more : fillers(classes, kept, multiple);
    if (wanted.length === 0) return plan;
    for (const own of wanted) kept[own] = 1;
  }
}

/** Classes that go, as many as each space lacks of a multiple. A space is the classes that the same nodes' values have. */
function fillers({ of, count }: ChannelClasses, kept: Uint8Array, multiple: number): number[] {
  const homes = Array.from({ length: count }, (): string[] => []);
  for (const [name, list] of of) for (const own of new Set(list)) homes[own].push(name);
  const spaces = new Map<string, number[]>();
  for (const [own, names] of homes.entries()) {
    const key = names.join('\n');
    const space = spaces.get(key);
    if (space) space.push(own);
    else spaces.set(key, [own]);
  }
  return [...spaces.values()].flatMap((space) => {
    const staying = space.reduce((sum, own) => sum + kept[own], 0);
    const lacking = Math.ceil(staying / multiple) * multiple - staying;
    return space.filter((own) => !kept[own]).slice(0, lacking);
  });
}

/** The plan that keeps `kept`, and the classes that it lacks. */
function planned(
  graph: Graph,
  flow: Flow,
  values: Values,
  all: ReadonlyMap<string, Role>,
  { of }: ChannelClasses,
  kept: Uint8Array,
): { plan: Plan; more: number[] } {
  const channels = new Map([...of].map(([name, list]) => [name, [...list.keys()].filter((c) => kept[list[c]])]));
  const roles = readRoles(graph, all, channels);
  const constantCarriers = new Map<string, number>();
  const more: number[] = [];
  for (const node of graph.nodes) {
    const role = roles.get(node.name);
    if ((node.op !== 'conv' && node.op !== 'linear') || role === undefined || role === 'shift') continue;
    const input = of.get(node.input)!;
    const stands = (c: number): boolean => kept[input[c]] === 1;
    const size = sizesOfConstants(node, flow, values);
    const [largest, carrier] = [largestOf(size, (c) => !stands(c)), largestOf(size, stands)];
    // A carrier much smaller than what it stands for would multiply its own rounding.
    if (largest !== undefined && (carrier === undefined || size[carrier] < size[largest] / 8))
      more.push(input[largest]);
    else if (largest !== undefined) constantCarriers.set(node.name, carrier!);
    else if (channels.get(node.input)!.length === 0) more.push(input[0]);
  }
  return { plan: { channels, roles, constantCarriers }, more };
}

/** |constant| of the inputs of a padded convolution that an output which is needed reads, else 0. */
function sizesOfConstants(node: Layer, flow: Flow, values: Values): Float64Array {
  const size = new Float64Array(node.inputs);
  if (!padded(node)) return size;
  const given = flow.constant.get(node.input)!;
  const survives = values.survives(parametersOf(node));
  for (const [o, needs] of flow.needed.get(node.name)!.entries())
    if (needs) for (const [i, k] of given.entries()) if (k && survives(o, i)) size[i] = Math.abs(k);
  return size;
}

function largestOf(size: Float64Array, among: (c: number) => boolean): number | undefined {
  let found: number | undefined;
  for (const [c, value] of size.entries())
    if (value > 0 && among(c) && (found === undefined || value > size[found])) found = c;
  return found;
}

/** The roles of the nodes that are read, from the logits back. */
function readRoles(
  { nodes }: Graph,
  all: ReadonlyMap<string, Role>,
  channels: ReadonlyMap<string, readonly number[]>,
): Map<string, Role> {
  const read = new Set([nodes[0].name, nodes.at(-1)!.name]);
  for (const node of [...nodes].reverse())
    if (read.has(node.name)) for (const name of readsAs(node, all.get(node.name)!, channels)) read.add(name);
  return new Map([...all].filter(([name]) => read.has(name)));
}

function roleOf(node: GraphNode, { branch, constant, needed }: Flow): Role {
  if (node.op !== 'conv' || node.residual === undefined) return 'whole';
  const asked = needed.get(node.name)!;
  const fixed = (k: Float64Array): boolean => !k.some((value, c) => asked[c] === 1 && Number.isNaN(value));
  if (fixed(branch.get(node.name)!)) return 'shift';
  return fixed(constant.get(node.residual)!) ? 'alone' : 'whole';
}

/** A node without the residual that it loses: its channels are not those of a sum any more. */
const joined = (node: GraphNode, roles: ReadonlyMap<string, Role>): GraphNode =>
  node.op === 'conv' && roles.get(node.name) === 'alone' ? { ...node, residual: undefined } : node;

/** The nodes that a node still reads. A concatenation does without parts of which nothing is left. */
export function readsAs(node: GraphNode, role: Role, channels: ReadonlyMap<string, readonly number[]>): string[] {
  if (node.op === 'concat') return node.inputs.filter((name) => channels.get(name)!.length > 0);
  if (role === 'shift') return readsOf(node).slice(1);
  return role === 'alone' ? readsOf(node).slice(0, 1) : readsOf(node);
}
