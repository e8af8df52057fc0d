// The sum of two values of one shape, and a ReLU where it has one: a residual sum that no convolution can take over.
import { array, length, pipe } from 'valibot';
import { add as added, relu } from '../../ops/index.ts';
import { rectify } from '../node/compaction.ts';
import { flag, name } from '../node/fields.ts';
import { checkChannels, checkExtents, type NodeBase, type NodeKind } from '../node/kind.ts';
import type { ShiftNode } from './shift.ts';

export interface AddNode extends NodeBase {
  op: 'add';
  inputs: string[];
  relu: boolean;
}

export const add: NodeKind<AddNode> = {
  op: 'add',
  fields: { inputs: pipe(array(name), length(2, 'a list of two names')), relu: flag },
  residual: () => 'open',
  reads: ({ inputs }) => inputs,
  channels: (node, [one, other]) => checkChannels(node, one, other),
  extent: (node, [one, other]) => checkExtents(node, one, other),
  layers: () => [],
  forward(node, [one, other]) {
    const sum = added(one, other);
    return node.relu ? relu(sum) : sum;
  },
  traced: {
    add({ inputs: [one, other], fresh }) {
      if (one?.node === undefined || other?.node === undefined || one.shape.join() !== other.shape.join())
        return undefined;
      return { op: 'add', name: fresh('add'), inputs: [one.node, other.node], relu: false };
    },
  },
  takeOver: (node, later) => (later.op === 'relu' && !node.relu ? { ...node, relu: true } : undefined),
  macs: () => 0,
  classes(_, [one, other], space) {
    for (const [c, own] of one.entries()) space.join(own, other[c]);
    return one;
  },

  propagate: (node, [one, other]) => ({
    constant: rectify(
      one.constant.map((k, c) => k + other.constant[c]),
      node.relu,
    ),
    image: one.image.map((reached, c) => reached | other.image[c]),
  }),
  needs: (_, own) => [own, own],
  reduce(node, { given, needed }) {
    const isConstant = ({ constant }: { constant: Float64Array }): boolean =>
      !constant.some((k, c) => needed[c] === 1 && Number.isNaN(k));
    const at = given.findLastIndex(isConstant);
    if (at < 0) return undefined;
    return { node: shiftOf(node, node.inputs[1 - at], given[at].constant.length), added: given[at].constant };
  },
  rectified: (node, given) => node.relu || given.every(Boolean),
  shrink: (node, { inputs }) => ({ ...node, inputs: [...inputs] }),
  write: () => [],

  onnx(node, inputs, writer) {
    const sum = writer.op('Add', inputs);
    return node.relu ? writer.op('Relu', [sum]) : sum;
  },
};

/** What is left where one side gives constants only: the other, and these added to it. */
const shiftOf = ({ name, relu }: AddNode, input: string, channels: number): ShiftNode => ({
  op: 'shift',
  name,
  input,
  shift: name,
  channels,
  relu,
});
