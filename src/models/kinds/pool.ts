// The largest or the mean of each window of a map, channel by channel.
import { avgPool2d, maxPool2d } from '../../ops/index.ts';
import { channelwise, type OneInput } from '../node/channelwise.ts';
import { name, window } from '../node/fields.ts';
import type { NodeKind } from '../node/kind.ts';
import { type Window, windowAttributes, windowed } from '../node/window.ts';

export interface PoolNode<Op extends 'maxPool' | 'avgPool' = 'maxPool' | 'avgPool'> extends OneInput, Window {
  op: Op;
}

export const maxPool: NodeKind<PoolNode<'maxPool'>> = {
  ...channelwise,
  op: 'maxPool',
  fields: { input: name, ...window },
  extent: (node, [given]) => windowed(node, given),
  forward: (node, [x]) => maxPool2d(x, node),
  onnx: (node, inputs, writer) => writer.op('MaxPool', inputs, windowAttributes(node)),
};

export const avgPool: NodeKind<PoolNode<'avgPool'>> = {
  ...channelwise,
  op: 'avgPool',
  fields: { input: name, ...window },
  extent: (node, [given]) => windowed(node, given),
  forward: (node, [x]) => avgPool2d(x, node),
  // Zeros of a border count.
  propagate: ({ padding }, [{ constant, image }]) => ({
    constant: padding > 0 ? constant.map((k) => (k === 0 ? 0 : Number.NaN)) : constant,
    image,
  }),
  onnx: (node, inputs, writer) => writer.op('AveragePool', inputs, { ...windowAttributes(node), count_include_pad: 1 }),
};
