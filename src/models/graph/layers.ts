// The layers of a graph whose connections gates can cut, with the normalization that a gate on their channels scales (docs/method.md §1).
import { type GraphNode, kindOf } from '../kinds/index.ts';
import type { Connections } from '../node/kind.ts';
import { type Graph, outputsOf, readersOf } from './graph.ts';

/** A layer with connections, and the normalization that a channel gate would scale. */
export interface GraphLayer extends Connections {
  /** Where filters are outputs, the normalization right after the layer: its node's own, or one that is all that reads the node. */
  norm?: string;
}

/** Every layer with connections, in forward order. */
export function layersOf(graph: Graph): GraphLayer[] {
  return graph.nodes.flatMap((node) => {
    const connections = kindOf(node).connections?.(node);
    if (!connections) return [];
    const norm = connections.filter === 'output' ? normAfter(graph, node) : undefined;
    return [norm === undefined ? connections : { ...connections, norm }];
  });
}

function normAfter(graph: Graph, node: GraphNode): string | undefined {
  const own = kindOf(node).norm?.(node);
  if (own !== undefined) return own;
  const [reader, ...others] = readersOf(graph, node.name);
  if (!reader || others.length > 0 || outputsOf(graph).includes(node.name)) return undefined;
  const kind = kindOf(reader);
  return kind.connections?.(reader) ? undefined : kind.norm?.(reader);
}
