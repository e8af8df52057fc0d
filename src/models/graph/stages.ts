// A graph without its head, for what works on maps (a detector's feature pyramid): where its stages end, and the part of it that gives the values there.
import { kindOf } from '../kinds/index.ts';
import { GraphError } from '../node/kind.ts';
import { blockEnds, cutPoints } from './cuts.ts';
import { extentsOf, type Graph, readsOf } from './graph.ts';

/** Side of the images that strides are read off at: of a power of two each is exact. */
const SIDE = 256;

/**
 * The node that ends the stage of each stride: the last block, or where there are none the last node, whose map alone goes on and has so many pixels of the image in a
 * pixel. Throws GraphError that lists the strides where there is no such map.
 */
export function stageEnds(graph: Graph, strides: readonly number[]): string[] {
  const extents = extentsOf(graph, [SIDE, SIDE]);
  const strideOf = (name: string): number => (extents.get(name)!.length === 2 ? SIDE / extents.get(name)![0] : 0);
  const cuts = cutPoints(graph);
  const blocks = blockEnds(graph);
  const connected = new Set(graph.nodes.flatMap((node) => (kindOf(node).connections?.(node) ? [node.name] : [])));
  return strides.map((stride) => {
    const own = cuts.filter((name) => strideOf(name) === stride);
    const block = own.findLastIndex((name) => blocks.includes(name));
    if (block >= 0) {
      // What compaction leaves of blocks without a branch adds constants at most.
      const next = own.findIndex((name, i) => i > block && connected.has(name));
      return own[(next < 0 ? own.length : next) - 1];
    }
    if (own.length > 0) return own[own.length - 1];
    const there = [...new Set(cuts.map(strideOf))].filter((one) => one > 0);
    throw new GraphError(
      `${graph.model} has no map with a stride of ${stride}, only of ${there.join(', ')}; take a network for ImageNet, such as resnet50-imagenet`,
    );
  });
}

/** The node whose value the first block reads: the stem's. The first node that can be cut at where there are no blocks. */
export function stemEnd(graph: Graph): string {
  const cuts = cutPoints(graph);
  const [first] = blockEnds(graph);
  return cuts[Math.max(0, cuts.indexOf(first) - 1)];
}

/** The nodes up to these, and those that they read: a graph whose outputs they are. */
export function partOf(graph: Graph, outputs: readonly string[]): Graph {
  const needed = new Set(outputs);
  for (const node of graph.nodes.toReversed())
    if (needed.has(node.name)) for (const name of readsOf(node)) needed.add(name);
  const missing = outputs.find((name) => !graph.nodes.some((node) => node.name === name));
  if (missing !== undefined) throw new GraphError(`${graph.model} has no node ${missing}`);
  return { ...graph, nodes: graph.nodes.filter(({ name }) => needed.has(name)), outputs: [...outputs] };
}
