// Which concatenations of a graph can grow in place: a chain of them, as in a DenseNet's block, whose early states are read by normalizations alone.
import { type GraphNode, kindOf } from '../kinds/index.ts';
import type { InBlock } from '../node/kind.ts';
import { channelsOf, type Graph, readersOf, readsOf } from './graph.ts';

/** Every concatenation of a chain of two or more, by name. */
export function denseBlocks(graph: Graph): Map<string, InBlock> {
  const channels = channelsOf(graph);
  const appends = (node: GraphNode): boolean => kindOf(node).concatenates === true && readsOf(node).length === 2;
  /** The concatenation that continues one, if nothing else stands in the way. */
  const next = ({ name }: GraphNode): GraphNode | undefined => {
    const [found, ...others] = readersOf(graph, name).filter((reader) => !kindOf(reader).takesPartial);
    if (!found || !appends(found) || others.length > 0) return undefined;
    const [first, second] = readsOf(found);
    return first === name && second !== name ? found : undefined;
  };
  const blocks = new Map<string, InBlock>();
  for (const start of graph.nodes.filter(appends)) {
    if (blocks.has(start.name)) continue;
    const chain = [start];
    for (let node = next(start); node; node = next(node)) chain.push(node);
    if (chain.length < 2) continue;
    const width = channels.get(chain.at(-1)!.name)!;
    for (const [i, node] of chain.entries())
      blocks.set(node.name, {
        width,
        at: channels.get(readsOf(node)[0])!,
        first: i === 0,
        last: i === chain.length - 1,
      });
  }
  return blocks;
}
