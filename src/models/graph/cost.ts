// What a network costs on an image: parameters and multiplications, node by node. Timings are measured; these are counted.
import { channelsOf, type Graph, GraphError, type GraphNode, readsOf } from './graph.ts';

interface Cost {
  parameters: number;
  /** Multiplications with a weight for one image, those with the zeros of a padding included: convolutions and linear layers, and nothing else. */
  macs: number;
  /** 2·macs: each multiplication is followed by an addition. Biases, normalizations, ReLUs, sums and pools are left out, as is usual. */
  flops: number;
}

export interface NodeCost extends Cost {
  name: string;
  op: GraphNode['op'];
  /** Side of the node's value; 1 after the global pool. */
  side: number;
  channels: number;
}

export interface NetworkCost extends Cost {
  nodes: NodeCost[];
}

/** Parameters of one node: weights, biases, two a channel for a normalization. Running statistics are none. */
export function nodeParameters(node: GraphNode): number {
  switch (node.op) {
    case 'conv': {
      const { inputs, outputs, kernel, bias, norm } = node;
      return inputs * outputs * kernel ** 2 + (bias ? outputs : 0) + (norm ? 2 * outputs : 0);
    }
    case 'linear':
      return (node.inputs + 1) * node.outputs;
    case 'norm':
      return 2 * node.channels;
    case 'shift':
      return node.channels;
    default:
      return 0;
  }
}

/** Parameters of a whole network. */
export const networkParameters = ({ nodes }: Graph): number =>
  nodes.reduce((sum, node) => sum + nodeParameters(node), 0);

/** The cost of a graph for one image of side `size`. Throws GraphError for a graph that does not hang together, or an image that a window does not fit. */
export function networkCost(graph: Graph, size = graph.size): NetworkCost {
  const channels = channelsOf(graph);
  const sides = new Map<string, number>();
  const nodes = graph.nodes.map((node): NodeCost => {
    const side = sideOf(node, node.op === 'image' ? size : sides.get(readsOf(node)[0])!);
    if (!(side >= 1))
      throw new GraphError(
        `node ${node.name} does not fit images of ${size}×${size}; ${graph.model} takes larger ones`,
      );
    sides.set(node.name, side);
    const macs =
      node.op === 'conv'
        ? node.inputs * node.outputs * (node.kernel * side) ** 2
        : node.op === 'linear'
          ? node.inputs * node.outputs
          : 0;
    const parameters = nodeParameters(node);
    return {
      name: node.name,
      op: node.op,
      side,
      channels: channels.get(node.name)!,
      parameters,
      macs,
      flops: 2 * macs,
    };
  });
  const total = (of: 'parameters' | 'macs' | 'flops'): number => nodes.reduce((sum, node) => sum + node[of], 0);
  return { parameters: total('parameters'), macs: total('macs'), flops: total('flops'), nodes };
}

function sideOf(node: GraphNode, side: number): number {
  if (node.op === 'globalPool') return 1;
  if (node.op !== 'conv' && node.op !== 'maxPool' && node.op !== 'avgPool') return side;
  return Math.floor((side + 2 * node.padding - node.kernel) / node.stride) + 1;
}
