// Where a graph can be cut in two: behind a node whose value alone goes on. Between two cuts a network's activations can be computed again (checkpoint).
import { kindOf } from '../kinds/index.ts';
import { denseBlocks } from './dense-blocks.ts';
import { type Graph, outputsOf, readsOf } from './graph.ts';

/** The nodes, in order, behind which no other value is needed any more; sources and outputs are left out. */
export function cutPoints(graph: Graph): string[] {
  const lastUse = new Map<string, number>();
  for (const [i, node] of graph.nodes.entries()) for (const name of readsOf(node)) lastUse.set(name, i);
  for (const name of outputsOf(graph)) lastUse.set(name, graph.nodes.length);
  const growing = denseBlocks(graph);
  // Images of further sources go past every cut before they are read.
  let others = Math.max(
    0,
    ...graph.nodes
      .filter((node) => kindOf(node).source)
      .slice(1)
      .map(({ name }) => lastUse.get(name) ?? 0),
  );
  return graph.nodes.flatMap((node, i) => {
    const { name } = node;
    // The latest place at which an earlier value is needed.
    const crossed = others > i;
    others = Math.max(others, lastUse.get(name) ?? i);
    const ends = lastUse.get(name) === graph.nodes.length;
    return crossed || ends || kindOf(node).source || growing.get(name)?.last === false ? [] : [name];
  });
}

/** Cuts at the ends of blocks: where a branch is added to what went past it, or in a graph without branches everywhere. */
export function blockEnds(graph: Graph): string[] {
  const cuts = new Set(cutPoints(graph));
  const sums = graph.nodes.filter((node) => cuts.has(node.name) && kindOf(node).residual?.(node));
  return sums.length > 0 ? sums.map(({ name }) => name) : [...cuts];
}
