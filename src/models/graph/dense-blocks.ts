// Which concatenations of a graph can grow in place: a chain of them, as in a DenseNet's block, whose early states are read by normalizations alone.
import { type ConcatNode, channelsOf, type Graph, readersOf } from './graph.ts';

/** Where a concatenation stands in a block that is one tensor. */
export interface InBlock {
  /** Channels of the whole block. */
  width: number;
  /** Channels of its first input: where the second one goes. */
  at: number;
  /** Does the block begin here? */
  first: boolean;
  last: boolean;
}

/** Every concatenation of a chain of two or more, by name. */
export function denseBlocks(graph: Graph): Map<string, InBlock> {
  const channels = channelsOf(graph);
  const concats = graph.nodes.filter((node) => node.op === 'concat' && node.inputs.length === 2) as ConcatNode[];
  /** The concatenation that continues one, if nothing else stands in the way. */
  const next = ({ name }: ConcatNode): ConcatNode | undefined => {
    const [found, ...others] = readersOf(graph, name).filter(({ op }) => op !== 'norm');
    if (found?.op !== 'concat' || others.length > 0) return undefined;
    const { inputs } = found;
    return inputs.length === 2 && inputs[0] === name && inputs[1] !== name ? found : undefined;
  };
  const blocks = new Map<string, InBlock>();
  for (const start of concats) {
    if (blocks.has(start.name)) continue;
    const chain = [start];
    for (let node = next(start); node; node = next(node)) chain.push(node);
    if (chain.length < 2) continue;
    const width = channels.get(chain.at(-1)!.name)!;
    for (const [i, { name, inputs }] of chain.entries())
      blocks.set(name, { width, at: channels.get(inputs[0])!, first: i === 0, last: i === chain.length - 1 });
  }
  return blocks;
}
