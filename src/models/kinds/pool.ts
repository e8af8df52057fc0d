// The largest or the mean of each window of a map, channel by channel.
import { avgPool2d, maxPool2d } from '../../ops/index.ts';
import { channelwise, type OneInput } from '../node/channelwise.ts';
import { name, window } from '../node/fields.ts';
import type { NodeKind } from '../node/kind.ts';
import { oneNumber, type TracedOp } from '../node/traced.ts';
import { type Window, windowAttributes, windowed } from '../node/window.ts';

export interface PoolNode<Op extends 'maxPool' | 'avgPool' = 'maxPool' | 'avgPool'> extends OneInput, Window {
  op: Op;
}

function poolOf<Op extends PoolNode['op']>(
  op: Op,
  { inputs: [x], details, fresh }: TracedOp,
): PoolNode<Op> | undefined {
  const kernel = oneNumber(details.kernel, 0);
  const [stride, padding] = [oneNumber(details.stride, kernel ?? 0), oneNumber(details.padding, 0)];
  if (x.node === undefined || !kernel || !stride || padding === undefined) return undefined;
  return { op, name: fresh(op), input: x.node, kernel, stride, padding };
}

export const maxPool: NodeKind<PoolNode<'maxPool'>> = {
  ...channelwise,
  op: 'maxPool',
  fields: { input: name, ...window },
  extent: (node, [given]) => windowed(node, given),
  traced: { maxPool2d: (seen) => poolOf('maxPool', seen) },
  forward: (node, [x]) => maxPool2d(x, node),
  onnx: (node, inputs, writer) => writer.op('MaxPool', inputs, windowAttributes(node)),
};

export const avgPool: NodeKind<PoolNode<'avgPool'>> = {
  ...channelwise,
  op: 'avgPool',
  fields: { input: name, ...window },
  extent: (node, [given]) => windowed(node, given),
  traced: { avgPool2d: (seen) => poolOf('avgPool', seen) },
  forward: (node, [x]) => avgPool2d(x, node),
  // Zeros of a border count.
  propagate: ({ padding }, [{ constant, image }]) => ({
    constant: padding > 0 ? constant.map((k) => (k === 0 ? 0 : Number.NaN)) : constant,
    image,
  }),
  onnx: (node, inputs, writer) => writer.op('AveragePool', inputs, { ...windowAttributes(node), count_include_pad: 1 }),
};
