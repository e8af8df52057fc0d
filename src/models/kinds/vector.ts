// A source: vectors N×channels, for networks of linear layers.
import { cast } from '../../ops/index.ts';
import type { NodeBase, NodeKind } from '../node/kind.ts';
import { image } from './image.ts';

export interface VectorNode extends NodeBase {
  op: 'vector';
  channels: number;
}

export const vector: NodeKind<VectorNode> = {
  ...(image as unknown as NodeKind<VectorNode>),
  op: 'vector',
  extent: () => [],
  // Linear layers take f32.
  forward: (_, [x]) => (x.dtype === 'f32' ? x : cast(x, 'f32')),
};
