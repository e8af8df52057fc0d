// max(x, 0) behind a node that cannot take it over, such as a pool or a linear layer.
import { relu as rectified } from '../../ops/index.ts';
import { channelwise, type OneInput } from '../node/channelwise.ts';
import { rectify } from '../node/compaction.ts';
import { name } from '../node/fields.ts';
import type { NodeKind } from '../node/kind.ts';

export interface ReluNode extends OneInput {
  op: 'relu';
}

export const relu: NodeKind<ReluNode> = {
  ...channelwise,
  op: 'relu',
  fields: { input: name },
  forward: (_, [x]) => rectified(x),
  traced: {
    relu: ({ inputs: [x], fresh }) =>
      x.node === undefined ? undefined : { op: 'relu', name: fresh('relu'), input: x.node },
  },
  propagate: (_, [{ constant, image }]) => ({ constant: rectify(constant, true), image }),
  rectified: () => true,
  idle: (_, { rectified }) => rectified,
  onnx: (_, inputs, writer) => writer.op('Relu', inputs),
};
