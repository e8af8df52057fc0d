// The smaller graph that a plan leaves, with what every node's constants have to become.
import { type Graph, type GraphNode, kindOf, type NodeBase, outputsOf, readsOf, type Values } from '../models/index.ts';
import type { Flow } from './analysis.ts';
import { type Plan, readsLeft } from './plan.ts';
import { layerTerms } from './terms.ts';

export interface Built {
  node: NodeBase;
  /** The node that it was. */
  from: GraphNode;
  /** What constants that are gone gave to each output of its connections, before the normalization. */
  before: Float64Array;
  /** What they add to its value, before the ReLU. */
  added: Float64Array;
}

/** Nodes in the order of computation. Names are those that values of these channels had before; sources and outputs keep theirs. */
export function build(graph: Graph, flow: Flow, values: Values, plan: Plan): Built[] {
  const outputs = new Set(outputsOf(graph));
  const built: Built[] = [];
  const renamed = new Map<string, string>();
  /** Whether a value is never negative, by its new name. */
  const rectified = new Map<string, boolean>();
  for (const from of graph.nodes) {
    const reduced = plan.nodes.get(from.name)?.node;
    if (!reduced) continue;
    const kind = kindOf(reduced);
    const reads = readsLeft(reduced, plan.channels);
    const inputs = reads.map((name) => renamed.get(name)!);
    const stays = reads.map((name) => plan.channels.get(name)!);
    const given = stays.map(({ length }) => length);
    const node = kind.shrink(reduced, { inputs, given, stays, channels: plan.channels.get(from.name)!.length });
    const [before, added] = constantsOf(from.name, flow, values, plan);
    const negative = inputs.map((name) => rectified.get(name)!);
    if (!outputs.has(from.name) && kind.idle?.(node, { from, added, rectified: negative[0] })) {
      renamed.set(from.name, inputs[0]);
      continue;
    }
    renamed.set(from.name, node.name);
    rectified.set(node.name, kind.rectified(node, negative));
    built.push({ node, from, before, added });
  }
  return merged(built, outputs).map(withConstants);
}

/** Constants that reach a node before and behind its layers, for each channel that stays. */
function constantsOf(name: string, flow: Flow, values: Values, plan: Plan): [Float64Array, Float64Array] {
  const { node, added: constants } = plan.nodes.get(name)!;
  const rows = plan.channels.get(name)!;
  const needed = flow.needed.get(name)!;
  const before = new Float64Array(rows.length);
  const added = new Float64Array(rows.length);
  const kind = kindOf(node);
  const connections = kind.connections?.(node);
  if (constants) for (const [r, o] of rows.entries()) if (needed[o]) added[r] = constants[o];
  if (!connections) return [before, added];
  const terms = layerTerms(name, kind.reads(node)[0], connections.border, flow, plan);
  const { survives, sum } = values.connections(connections.layer);
  for (const [r, o] of rows.entries())
    if (needed[o])
      for (const [row, factor] of terms.rows[r])
        for (const [i, k] of terms.constants) if (survives(row, i)) before[r] += factor * k * sum(row, i);
  return [before, added];
}

/** What is left of a node that only adds constants goes into the node that it reads, where nobody else reads that and no ReLU lies between. */
function merged(list: Built[], outputs: ReadonlySet<string>): Built[] {
  const byName = new Map(list.map((entry) => [entry.node.name, entry]));
  const readers = new Map([...outputs].map((name) => [name, 1]));
  for (const { node } of list) for (const name of readsOf(node)) readers.set(name, (readers.get(name) ?? 0) + 1);
  for (const { node, from, added } of list) {
    const later = kindOf(from) === kindOf(node) ? undefined : kindOf(node).adds?.(node);
    const [read] = readsOf(node);
    if (!later || readers.get(read) !== 1) continue;
    const target = byName.get(read)!;
    const absorbed = kindOf(target.node).absorb?.(target.node, { name: node.name, ...later });
    if (!absorbed) continue;
    byName.delete(read);
    target.node = absorbed;
    target.added = target.added.map((b, c) => b + added[c]);
    byName.set(node.name, target);
  }
  const stay = new Set(byName.values());
  return list.filter((entry) => stay.has(entry));
}

function withConstants(entry: Built): Built {
  const { node, before, added } = entry;
  if (![...before, ...added].some((b) => b !== 0)) return entry;
  return { ...entry, node: kindOf(node).takeConstants?.(node) ?? node };
}
