// Which channels of a graph are one: a residual sum, a pool or a normalization hands channels on, a concatenation puts them side by side, and only sources
// and layers with connections make new ones. What is removed is removed for such a class as a whole.
import { kindOf } from '../kinds/index.ts';
import type { ChannelSpace, NodeBase } from '../node/kind.ts';

/** Which channels of a graph's values are one: removed together, or not at all. */
export interface ChannelClasses {
  /** The class of each channel of each node's value. */
  of: ReadonlyMap<string, Int32Array>;
  /** Classes are numbered from 0. */
  count: number;
  /** The group of each class that is set apart. */
  groups: ReadonlyMap<number, string>;
}

/** The classes of all channels of nodes in the order of computation. */
export function channelClasses({ nodes }: { nodes: readonly NodeBase[] }): ChannelClasses {
  const parent: number[] = [];
  const apart: [number, string][] = [];
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  const space: ChannelSpace = {
    fresh: (channels) =>
      Array.from({ length: channels }, () => {
        parent.push(parent.length);
        return parent.length - 1;
      }),
    join: (a, b) => {
      parent[root(a)] = root(b);
    },
    apart: (a, group) => apart.push([a, group]),
  };
  const members = new Map<string, number[]>();
  for (const node of nodes) {
    const kind = kindOf(node);
    const given = kind.reads(node).map((name) => members.get(name)!);
    members.set(node.name, kind.classes(node, given, space));
  }
  const numbers = new Map<number, number>();
  const numbered = (i: number): number => {
    const r = root(i);
    if (!numbers.has(r)) numbers.set(r, numbers.size);
    return numbers.get(r)!;
  };
  const of = new Map([...members].map(([name, list]) => [name, Int32Array.from(list, numbered)]));
  return { of, count: numbers.size, groups: new Map(apart.map(([a, group]) => [numbered(a), group])) };
}
