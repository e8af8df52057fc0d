// Windows that move over a map: convolutions and pools.
import { type Extent, GraphError, type NodeBase } from './kind.ts';

export interface Window {
  kernel: number;
  stride: number;
  padding: number;
}

/** Positions of the window along each side of the map that a node reads. Throws GraphError for a value that is no map. */
export function windowed(node: NodeBase & Window, given: Extent): Extent {
  if (given.length !== 2) throw new GraphError(`node ${node.name} takes a map N×H×W×C and is given none`);
  return given.map((length) => Math.floor((length + 2 * node.padding - node.kernel) / node.stride) + 1);
}

/** ONNX's attributes for it. */
export const windowAttributes = ({ kernel, stride, padding }: Window): Record<string, number[]> => ({
  kernel_shape: [kernel, kernel],
  strides: [stride, stride],
  pads: [padding, padding, padding, padding],
});
