// What each channel of a network still carries when connections are gone (docs/method.md §7): something that varies, or one number, whatever the image; and who
// needs it. A channel that nothing feeds is not zero but what biases and normalizations make of zero.
import { type Carried, channelsOf, type Graph, kindOf, outputsOf, type Values } from '../models/index.ts';

export interface Flow {
  /** What each node's channels carry. */
  carried: ReadonlyMap<string, Carried>;
  /** For each channel of each node 1 where surviving connections lead on to an output. */
  needed: ReadonlyMap<string, Uint8Array>;
}

/** Both directions through the graph: from the sources what varies, from the outputs what is needed. */
export function analyzeGraph(graph: Graph, values: Values): Flow {
  const carried = new Map<string, Carried>();
  for (const node of graph.nodes) {
    const kind = kindOf(node);
    const given = kind.reads(node).map((name) => carried.get(name)!);
    carried.set(node.name, kind.propagate(node, given, values));
  }
  return { carried, needed: neededOf(graph, values) };
}

function neededOf(graph: Graph, values: Values): Map<string, Uint8Array> {
  const needed = new Map([...channelsOf(graph)].map(([name, channels]) => [name, new Uint8Array(channels)]));
  for (const name of outputsOf(graph)) needed.get(name)!.fill(1);
  for (const node of [...graph.nodes].reverse()) {
    const kind = kindOf(node);
    const read = kind.reads(node).map((name) => needed.get(name)!);
    const needs = kind.needs(
      node,
      needed.get(node.name)!,
      read.map(({ length }) => length),
      values,
    );
    for (const [r, channels] of read.entries()) for (let c = 0; c < channels.length; c++) channels[c] |= needs[r][c];
  }
  return needed;
}
