// Gates that only make sense together (docs/method.md §1): a channel is gone when all that makes it is, so whatever a residual sum makes one has one gate; and kernels
// take several channels at a time, so that channels side by side go together.
import { channelClasses, type Graph, kindOf, outputsOf, sourcesOf } from '../models/index.ts';
import type { GateShape } from './gates.ts';
import { spacesOf } from './spaces.ts';

/**
 * For the layers of `gates`, by what their gates apply to, the group of each gate: `size` channels of one space side by side, in all layers that make them or, by gates of their inputs, read them. Groups are
 * numbered from 0 in the order of the layers. Left out are layers with a channel that would stay however their gates were cut: one of a source or an output, or one that a layer without such gates makes, too.
 */
export function channelGroups(
  graph: Graph,
  gates: ReadonlyMap<string, GateShape['applies']>,
  size: number,
): Map<string, Uint32Array> {
  const classes = channelClasses(graph);
  const fixed = new Set([...sourcesOf(graph), ...outputsOf(graph)].flatMap((name) => [...classes.of.get(name)!]));
  /** The class of each gate, by layer; as long as all of them can go. */
  const own = new Map<string, Int32Array>();
  /** The classes of channels that a layer makes. */
  const made = new Map<string, Int32Array>();
  for (const node of graph.nodes) {
    const kind = kindOf(node);
    const layer = kind.connections?.(node)?.layer;
    if (layer === undefined) continue;
    const applies = gates.get(layer);
    made.set(layer, classes.of.get(node.name)!);
    if (applies) own.set(layer, classes.of.get(applies === 'input' ? kind.reads(node)[0] : node.name)!);
    if (!applies || applies === 'input') for (const one of made.get(layer)!) fixed.add(one);
  }
  for (let before = -1; before !== own.size; ) {
    before = own.size;
    for (const [layer, list] of own) {
      if (!list.some((one) => fixed.has(one))) continue;
      own.delete(layer);
      for (const one of made.get(layer)!) fixed.add(one);
    }
  }
  const groupOf = new Map<number, string>();
  for (const [s, space] of spacesOf(classes).entries())
    for (const [i, one] of space.filter((one) => !fixed.has(one)).entries())
      groupOf.set(one, `${s} ${Math.floor(i / size)}`);
  const numbers = new Map<string, number>();
  const numbered = (one: number): number => {
    const group = groupOf.get(one)!;
    if (!numbers.has(group)) numbers.set(group, numbers.size);
    return numbers.get(group)!;
  };
  return new Map(
    [...gates.keys()].flatMap((layer) => {
      const list = own.get(layer);
      return list ? [[layer, Uint32Array.from(list, numbered)] as const] : [];
    }),
  );
}
