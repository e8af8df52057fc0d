// The mean of each channel over the map: N×H×W×C to N×C.
import { globalAvgPool } from '../../ops/index.ts';
import { channelwise, type OneInput } from '../node/channelwise.ts';
import { name } from '../node/fields.ts';
import { GraphError, type NodeKind } from '../node/kind.ts';

export interface GlobalPoolNode extends OneInput {
  op: 'globalPool';
}

export const globalPool: NodeKind<GlobalPoolNode> = {
  ...channelwise,
  op: 'globalPool',
  fields: { input: name },
  extent(node, [given]) {
    if (given.length !== 2) throw new GraphError(`node ${node.name} takes a map N×H×W×C and is given none`);
    return [];
  },
  traced: {
    globalAvgPool: ({ inputs: [x], fresh }) =>
      x.node === undefined ? undefined : { op: 'globalPool', name: fresh('globalPool'), input: x.node },
  },
  forward: (_, [x]) => globalAvgPool(x),
  onnx: (_, inputs, writer) => writer.op('Flatten', [writer.op('GlobalAveragePool', inputs)], { axis: 1 }),
};
