// What each channel of a network still carries when connections are gone (docs/method.md §7): something that varies, or one number, whatever the image; and who
// needs it. A channel that nothing feeds is not zero but what biases and normalizations make of zero.
import {
  type Carried,
  channelsOf,
  type Graph,
  type GraphNode,
  kindOf,
  outputsOf,
  type Seen,
  type Values,
} from '../models/index.ts';

export interface Flow {
  /** What each node's channels carry. */
  carried: ReadonlyMap<string, Carried>;
  /** For each channel of each node 1 where surviving connections lead on to an output. */
  needed: ReadonlyMap<string, Uint8Array>;
  /** Of those needed the channels that no other one can stand for. */
  wanted: ReadonlyMap<string, Uint8Array>;
}

/** Both directions through the graph: from the sources what varies, from the outputs what is needed. */
export function analyzeGraph(graph: Graph, values: Values): Flow {
  const carried = new Map<string, Carried>();
  for (const node of graph.nodes) {
    const kind = kindOf(node);
    const given = kind.reads(node).map((name) => carried.get(name)!);
    carried.set(node.name, kind.propagate(node, given, values));
  }
  return { carried, ...neededOf(graph, values, carried) };
}

function neededOf(graph: Graph, values: Values, carried: Flow['carried']): Pick<Flow, 'needed' | 'wanted'> {
  const none = () => new Map([...channelsOf(graph)].map(([name, channels]) => [name, new Uint8Array(channels)]));
  const [needed, wanted] = [none(), none()];
  for (const name of outputsOf(graph)) for (const own of [needed, wanted]) own.get(name)!.fill(1);
  for (const node of [...graph.nodes].reverse()) {
    const kind = kindOf(node);
    const reads = kind.reads(node);
    const given = reads.map((name) => carried.get(name)!);
    const own = needed.get(node.name)!;
    const sizes = given.map(({ constant }) => constant.length);
    const needs = kind.needs(node, own, sizes, values, given);
    const seen = { given, needed: own, wanted: wanted.get(node.name)! };
    const wants = kind.wants?.(node, seen) ?? withoutAlike(node, needs, seen);
    for (const [of, lists] of [
      [needed, needs],
      [wanted, wants],
    ] as const)
      for (const [r, name] of reads.entries()) {
        const channels = of.get(name)!;
        for (let c = 0; c < channels.length; c++) channels[c] |= lists[r][c];
      }
  }
  return { needed, wanted };
}

/** What a layer can do without: of channels that are one value times numbers, a sum of columns is enough. Near a border they meet zeros, and it is not. */
function withoutAlike(node: GraphNode, needs: Uint8Array[], { given: [first] }: Seen): Uint8Array[] {
  const connections = kindOf(node).connections?.(node);
  if (!first?.alike || !connections || connections.border) return needs;
  const { factor } = first.alike;
  return needs.map((list, r) => (r === 0 ? list.map((need, c) => (factor[c] === 0 ? need : 0)) : list));
}
