// What a node is that reads one value and hands its channels on, one for one: kinds begin with this and say where they differ.
import type { NodeBase, NodeKind } from './kind.ts';

/** A node that reads one other. */
export interface OneInput extends NodeBase {
  input: string;
}

/** All of a kind but its name, its forward pass and its ONNX: no layers, no cost, nothing to gate, and what carries in carries out. */
export const channelwise: Omit<NodeKind<OneInput>, 'op' | 'forward' | 'onnx' | 'traced' | 'takeOver'> = {
  reads: ({ input }) => [input],
  channels: (_, [given]) => given,
  extent: (_, [given]) => given,
  layers: () => [],
  macs: () => 0,
  classes: (_, [given]) => given,
  propagate: (_, [{ constant, image }]) => ({ constant, image }),
  needs: (_, own) => [own],
  rectified: (_, [given]) => given,
  shrink: (node, { inputs: [input] }) => ({ ...node, input }),
  write: () => [],
};
