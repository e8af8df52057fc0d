// Which residual branches of a graph are left out how often in training: stochastic depth, linear by depth.
import { StochasticDepth } from '../nn/index.ts';
import { type Graph, readsOf } from './graph/graph.ts';
import { kindOf } from './kinds/index.ts';
import { GraphError } from './node/kind.ts';

/** Of a node that adds a branch. */
export interface BranchDrop {
  layer: StochasticDepth;
  /** Which of the values that it reads is the branch: the one that was made later. */
  branch: number;
}

/** By the name of the node: 0 for the first branch, `most` for the last. Throws GraphError for a graph without branches that could be left out. */
export function branchDrops(graph: Graph, most: number): Map<string, BranchDrop> {
  if (most === 0) return new Map();
  const sums = graph.nodes.filter((node) => kindOf(node).residual?.(node) === 'open');
  if (sums.length === 0)
    throw new GraphError(
      `${graph.model} has no sums of branches of their own, so stochastic depth has nothing to leave out`,
    );
  const place = new Map(graph.nodes.map(({ name }, i) => [name, i]));
  return new Map(
    sums.map((node, i) => {
      const [one, other] = readsOf(node).map((name) => place.get(name)!);
      const layer = new StochasticDepth(sums.length === 1 ? most : (most * i) / (sums.length - 1));
      return [node.name, { layer, branch: one > other ? 0 : 1 }];
    }),
  );
}
