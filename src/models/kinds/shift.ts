// relu(input + a learned constant for each channel): what compaction leaves of a block whose convolutions are gone.
import { constant, Module, Parameter } from '../../nn/index.ts';
import { add, relu } from '../../ops/index.ts';
import { channelwise, type OneInput } from '../node/channelwise.ts';
import { rectify, stateVector } from '../node/compaction.ts';
import { channels, flag, name } from '../node/fields.ts';
import { checkChannels, type NodeKind } from '../node/kind.ts';
import { layerOfPart } from '../node/traced.ts';

export interface ShiftNode extends OneInput {
  op: 'shift';
  /** Name of the parameter: `shift`.bias. */
  shift: string;
  channels: number;
  relu: boolean;
}

/** One learned constant a channel. */
class Shift extends Module {
  readonly bias: Parameter;

  constructor(channels: number) {
    super();
    this.bias = new Parameter([channels], constant(0));
  }
}

export const shift: NodeKind<ShiftNode> = {
  ...channelwise,
  op: 'shift',
  fields: { input: name, shift: name, channels, relu: flag },
  channels: (node, [given]) => checkChannels(node, node.channels, given),
  layers: ({ shift, channels }) => [[shift, new Shift(channels)]],
  forward(node, [x], { layer }) {
    const sum = add(x, layer<Shift>(node.shift).bias.tensor);
    return node.relu ? relu(sum) : sum;
  },

  traced: {
    add({ inputs, output, fresh }) {
      const shift = inputs.map((input) => layerOfPart(input, 'bias')).find((layer) => layer !== undefined);
      const x = inputs.find(({ node }) => node !== undefined);
      const by = inputs.find(({ parameter }) => parameter !== undefined);
      const channels = output.at(-1)!;
      if (shift === undefined || !x || by!.shape.join() !== `${channels}` || x.shape.join() !== output.join())
        return undefined;
      return { op: 'shift', name: fresh(shift), input: x.node!, shift, channels, relu: false };
    },
  },
  takeOver: (node, later) => (later.op === 'relu' && !node.relu ? { ...node, relu: true } : undefined),
  propagate({ shift, channels, relu }, [given], values) {
    const bias = values.vector(`${shift}.bias`, channels, 0);
    const sum = given.constant.map((k, c) => k + bias[c]);
    return { constant: rectify(sum, relu), image: given.image };
  },
  rectified: ({ relu }) => relu,
  shrink: (node, { inputs: [input], channels }) => ({ ...node, input, channels }),
  // One that the network had stays whatever its values: where only the structure is known, nothing says that they are 0.
  idle: ({ op, relu }, { from, added, rectified }) =>
    from.op !== op && !added.some((b) => b !== 0) && (!relu || rectified),
  adds: ({ relu }) => ({ relu }),
  absorb: (node, { name, relu }) => (node.relu ? undefined : { ...node, name, relu }),
  write({ op, shift }, { from, added, part }) {
    const name = `${shift}.bias`;
    return [[name, stateVector(from.op === op ? part(name).map((b, r) => b + added[r]) : added)]];
  },

  onnx({ shift, channels, relu }, [input], writer) {
    const name = `${shift}.bias`;
    const bias = writer.constant(name, writer.channelShape(channels), writer.tensor(name, [channels]));
    const y = writer.op('Add', [input, bias]);
    return relu ? writer.op('Relu', [y]) : y;
  },
};
