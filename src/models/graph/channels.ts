// Which channels of a graph are one: a residual sum, a pool or a normalization hands channels on, a concatenation puts them side by side, and only convolutions
// and linear layers make new ones. What is removed is removed for such a class as a whole.
import { type ConvNode, type Graph, readersOf, readsOf } from './graph.ts';

export interface ChannelClasses {
  /** The class of each channel of each node's value. */
  of: ReadonlyMap<string, Int32Array>;
  /** Classes are numbered from 0. */
  count: number;
}

export function channelClasses({ nodes }: Graph): ChannelClasses {
  const parent: number[] = [];
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  const fresh = (channels: number): number[] =>
    Array.from({ length: channels }, () => {
      parent.push(parent.length);
      return parent.length - 1;
    });
  const members = new Map<string, number[]>();
  for (const node of nodes) {
    const given = readsOf(node).map((name) => members.get(name)!);
    if (node.op === 'image') members.set(node.name, fresh(node.channels));
    else if (node.op === 'linear') members.set(node.name, fresh(node.outputs));
    else if (node.op === 'concat') members.set(node.name, given.flat());
    else if (node.op === 'conv') {
      const own = fresh(node.outputs);
      for (const [c, other] of given[1]?.entries() ?? []) parent[root(own[c])] = root(other);
      members.set(node.name, own);
    } else members.set(node.name, given[0]);
  }
  const numbers = new Map<number, number>();
  const numbered = (i: number): number => {
    const r = root(i);
    if (!numbers.has(r)) numbers.set(r, numbers.size);
    return numbers.get(r)!;
  };
  const of = new Map([...members].map(([name, list]) => [name, Int32Array.from(list, numbered)]));
  return { of, count: numbers.size };
}

/** The normalization of a convolution's outputs: its own, or one that is all that reads them. */
export function normOf(graph: Graph, { name, norm }: ConvNode): string | undefined {
  if (norm !== undefined) return norm;
  const [reader, ...others] = readersOf(graph, name);
  return reader?.op === 'norm' && others.length === 0 ? reader.norm : undefined;
}
