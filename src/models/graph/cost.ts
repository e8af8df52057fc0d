// What a network costs on an image: parameters and multiplications, node by node. Timings are measured; these are counted.
import { needArguments } from '../../gpu/index.ts';
import { kindOf } from '../kinds/index.ts';
import { GraphError, type NodeBase } from '../node/kind.ts';
import { channelsOf, extentsOf, type Graph } from './graph.ts';

interface Cost {
  parameters: number;
  /**
   * Multiplications of products for one image, each with an addition (multiply-adds): what convolutions and linear layers do, those with the zeros of a padding
   * included, and attention's of queries with keys and of what these find with values.
   */
  macs: number;
  /** 2·macs: each multiplication is followed by an addition. Biases, normalizations, activations, softmax, sums and pools are left out, as is usual. */
  flops: number;
}

/** What one node costs on one image. */
export interface NodeCost extends Cost {
  name: string;
  op: string;
  /** Side of the node's value, for square images; 1 after the global pool. */
  side: number;
  channels: number;
}

/** What a network costs on one image, in all and node by node. */
export interface NetworkCost extends Cost {
  nodes: NodeCost[];
}

/** Parameters of one node: weights, biases, two a channel for a normalization. Running statistics are none. */
export const nodeParameters = (node: NodeBase): number =>
  kindOf(node)
    .layers(node)
    .reduce((sum, [, layer]) => sum + layer.parameterCount(), 0);

/** Parameters of a whole network. */
export const networkParameters = ({ nodes }: Graph): number =>
  nodes.reduce((sum, node) => sum + nodeParameters(node), 0);

/** The cost of a graph for one image of side `size`. Throws GraphError for a graph that does not hang together, or whose cost is beyond counting, and for an image that a window does not fit. */
export function networkCost(graph: Graph, size = graph?.size): NetworkCost {
  needArguments('networkCost', 'an object', { graph });
  const channels = channelsOf(graph);
  const extents = extentsOf(graph, [size, size]);
  const nodes = graph.nodes.map((node): NodeCost => {
    const { op, name } = node;
    const extent = extents.get(name)!;
    const macs = kindOf(node).macs(node, extent);
    const parameters = nodeParameters(node);
    const side = extent[0] ?? 1;
    return { name, op, side, channels: channels.get(name)!, parameters, macs, flops: 2 * macs };
  });
  const total = (of: 'parameters' | 'macs' | 'flops'): number => nodes.reduce((sum, node) => sum + node[of], 0);
  const cost = { parameters: total('parameters'), macs: total('macs'), flops: total('flops'), nodes };
  if (!(cost.parameters <= Number.MAX_SAFE_INTEGER && cost.flops <= Number.MAX_SAFE_INTEGER))
    throw new GraphError(
      `${graph.model} costs ${cost.flops} FLOPs an image and has ${cost.parameters} parameters, more than can be counted`,
    );
  return cost;
}
