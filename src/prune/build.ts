// The smaller graph that a plan leaves, with what every node's constants have to become.
import { type Graph, type GraphNode, readsOf } from '../models/index.ts';
import { type Flow, padded, parametersOf, type Values } from './analysis.ts';
import { type Plan, readsAs } from './plan.ts';

export interface Built {
  node: GraphNode;
  /** The node that it was. */
  from: GraphNode;
  /** What constants that are gone gave to each of its outputs, before the normalization. */
  before: Float64Array;
  /** What they add to its value, before the ReLU. */
  added: Float64Array;
}

/** Nodes in the order of computation. Names are those that values of these channels had before. */
export function build(graph: Graph, flow: Flow, values: Values, plan: Plan): Built[] {
  const built = new Map<string, Built>();
  const renamed = new Map<string, string>();
  for (const from of graph.nodes) {
    const role = plan.roles.get(from.name);
    if (role === undefined) continue;
    const reads = readsAs(from, role, plan.channels).map((name) => renamed.get(name)!);
    const rows = plan.channels.get(from.name)!;
    const [before, added] = constantsOf(from, flow, values, plan);
    const node = smaller(from, role === 'shift', reads, rows.length, plan);
    if (!node || (node.op === 'shift' && isIdle(node, added, from, built))) {
      renamed.set(from.name, reads[0]);
      continue;
    }
    renamed.set(from.name, node.name);
    built.set(node.name, { node, from, before, added });
  }
  return merged([...built.values()]).map(withBias);
}

/** Constants that reach a node, for each channel that stays. */
function constantsOf(from: GraphNode, flow: Flow, values: Values, plan: Plan): [Float64Array, Float64Array] {
  const rows = plan.channels.get(from.name)!;
  const needed = flow.needed.get(from.name)!;
  const role = plan.roles.get(from.name);
  const before = new Float64Array(rows.length);
  const added = new Float64Array(rows.length);
  if (from.op === 'shift') return [before, added.map((_, r) => values.bias(from.shift, rows[r]))];
  if (from.op !== 'conv' && from.op !== 'linear') return [before, added];
  const given = flow.constant.get(from.input)!;
  const stays = new Set(plan.channels.get(from.input));
  const survives = values.survives(parametersOf(from));
  const lost = role === 'shift' || padded(from) ? [] : [...given.keys()].filter((i) => given[i] && !stays.has(i));
  const constants =
    from.op === 'conv' && role === 'shift'
      ? flow.branch.get(from.name)
      : from.op === 'conv' && role === 'alone'
        ? flow.constant.get(from.residual!)
        : undefined;
  for (const [r, o] of rows.entries()) {
    if (!needed[o]) continue;
    if (constants) added[r] = constants[o];
    for (const i of lost) if (survives(o, i)) before[r] += given[i] * values.sum(parametersOf(from), o, i);
  }
  return [before, added];
}

/** A node as it becomes; none where it only hands on. */
function smaller(
  from: GraphNode,
  shift: boolean,
  reads: string[],
  channels: number,
  plan: Plan,
): GraphNode | undefined {
  const inputs = 'input' in from ? plan.channels.get(from.input)!.length : 0;
  const [input, residual] = reads;
  switch (from.op) {
    case 'image':
      return from;
    case 'concat':
      return reads.length > 1 ? { ...from, inputs: reads } : undefined;
    case 'conv': {
      const { name, relu, norm, conv } = from;
      if (shift) return { op: 'shift', name, input, shift: norm ?? conv, channels, relu };
      return { ...from, input, inputs, outputs: channels, residual };
    }
    case 'linear':
      return { ...from, input, inputs, outputs: channels };
    case 'norm':
    case 'shift':
      return { ...from, input, channels };
    default:
      return { ...from, input };
  }
}

/** A shift that was a block and changes nothing. */
function isIdle(
  node: GraphNode & { op: 'shift' },
  added: Float64Array,
  from: GraphNode,
  built: ReadonlyMap<string, Built>,
): boolean {
  return from.op === 'conv' && !added.some((b) => b !== 0) && (!node.relu || isRectified(node.input, built));
}

function isRectified(name: string, built: ReadonlyMap<string, Built>): boolean {
  const { node } = built.get(name)!;
  if ('relu' in node) return node.relu;
  return node.op !== 'image' && node.op !== 'linear' && readsOf(node).every((read) => isRectified(read, built));
}

/** What was a block's shift goes into the node that it reads, where nobody else reads that and no ReLU lies between. */
function merged(list: Built[]): Built[] {
  const byName = new Map(list.map((entry) => [entry.node.name, entry]));
  const readers = new Map<string, number>();
  for (const { node } of list) for (const name of readsOf(node)) readers.set(name, (readers.get(name) ?? 0) + 1);
  for (const { node, from, added } of list) {
    if (node.op !== 'shift' || from.op !== 'conv') continue;
    const target = byName.get(node.input)!;
    if (!('relu' in target.node) || target.node.relu || readers.get(node.input) !== 1) continue;
    byName.delete(node.input);
    target.node.name = node.name;
    target.node.relu = node.relu;
    target.added = target.added.map((b, c) => b + added[c]);
    byName.set(node.name, target);
  }
  const stay = new Set(byName.values());
  return list.filter((entry) => stay.has(entry));
}

/** A convolution without normalization takes constants as a bias. */
function withBias(entry: Built): Built {
  const { node, before, added } = entry;
  if (node.op === 'conv' && !node.norm && [...before, ...added].some((b) => b !== 0)) node.bias = true;
  return entry;
}
