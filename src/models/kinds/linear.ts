// A linear layer: on vectors, N×inputs to N×outputs, or on each token of a sequence. As the output of a network it gives the logits.
import { optional, picklist } from 'valibot';
import { Linear, type StateTensor } from '../../nn/index.ts';
import type { OneInput } from '../node/channelwise.ts';
import { stateVector } from '../node/compaction.ts';
import { neededInputs, throughConnections } from '../node/connections.ts';
import { channels, flag, name, positive } from '../node/fields.ts';
import { type Connections, checkChannels, GraphError, type NodeKind } from '../node/kind.ts';
import { layerOfPart } from '../node/traced.ts';

export interface LinearNode extends OneInput {
  op: 'linear';
  /** Names of the parameters: `linear`.weight and `linear`.bias. */
  linear: string;
  inputs: number;
  outputs: number;
  /** Default true. */
  bias?: boolean;
  /** What one filter gate multiplies: all that comes from an input (the default), or all that goes to an output, as in the blocks of a transformer. */
  filter?: 'input' | 'output';
  /** See LinearOptions. */
  deviation?: number;
}

export const linear: NodeKind<LinearNode> = {
  op: 'linear',
  fields: {
    input: name,
    linear: name,
    inputs: channels,
    outputs: channels,
    bias: optional(flag),
    filter: optional(picklist(['input', 'output'], "'input' or 'output'")),
    deviation: optional(positive),
  },
  reads: ({ input }) => [input],
  channels(node, [given]) {
    checkChannels(node, node.inputs, given);
    return node.outputs;
  },
  extent({ name, input }, [given]) {
    if (given.length > 1) throw new GraphError(`node ${name} reads ${input}, which no globalPool has made N×C`);
    return given;
  },
  layers: (node) => [[node.linear, new Linear(node.inputs, node.outputs, node)]],
  forward: ({ linear }, [x], { layer }) => layer<Linear>(linear).forward(x),
  traced: {
    matmul({ inputs: [x, weight, bias], details }) {
      const layer = layerOfPart(weight, 'weight');
      if (
        x.node === undefined ||
        x.shape.length > 3 ||
        weight.shape.length !== 2 ||
        details.transposeA ||
        details.transposeB
      )
        return undefined;
      if (layer === undefined || (bias && layerOfPart(bias, 'bias') !== layer)) return undefined;
      const [inputs, outputs] = weight.shape;
      return {
        op: 'linear',
        name: layer,
        input: x.node,
        linear: layer,
        inputs,
        outputs,
        ...(bias ? {} : { bias: false }),
        ...(x.shape.length > 2 && { filter: 'output' }),
      };
    },
  },
  macs: ({ inputs, outputs }, [tokens = 1]) => inputs * outputs * tokens,

  connections: connectionsOf,
  classifier: ({ linear }) => linear,
  classes: ({ outputs }, _, space) => space.fresh(outputs),

  propagate(node, [given], values) {
    const bias = hasBias(node) ? values.vector(`${node.linear}.bias`, node.outputs, 0) : undefined;
    const made = throughConnections(connectionsOf(node), bias, given, values);
    return { ...made, branch: made.constant, sums: true };
  },
  needs: (node, own, _, values) => [neededInputs(connectionsOf(node), own, values)],
  rectified: () => false,
  offsets: (node) => (hasBias(node) ? [[`${node.linear}.bias`, 1]] : []),
  shrink: (node, { inputs: [input], given: [inputs], channels }) => ({ ...node, input, inputs, outputs: channels }),
  takeConstants: (node) => (hasBias(node) ? node : { ...node, bias: true }),
  write(node, { from, before, added, part, weight }) {
    const { linear, inputs, outputs } = node;
    const tensors: [string, StateTensor][] = [[`${linear}.weight`, { shape: [outputs, inputs], data: weight() }]];
    if (!hasBias(node)) return tensors;
    const bias = hasBias(from as LinearNode) ? part(`${linear}.bias`) : new Float64Array(outputs);
    return [...tensors, [`${linear}.bias`, stateVector(bias.map((b, r) => b + before[r] + added[r]))]];
  },

  onnx(node, [input], writer) {
    const { linear, inputs, outputs } = node;
    const shapes: [string, number[]][] = [[`${linear}.weight`, [outputs, inputs]]];
    if (hasBias(node)) shapes.push([`${linear}.bias`, [outputs]]);
    const constants = shapes.map(([name, shape]) => writer.constant(name, shape, writer.tensor(name, shape)));
    if (writer.extent.length === 0) return writer.op('Gemm', [input, ...constants], { transB: 1 });
    const [weight, ...bias] = constants;
    const y = writer.op('MatMul', [input, writer.op('Transpose', [weight], { perm: [1, 0] })]);
    return bias.length > 0 ? writer.op('Add', [y, ...bias]) : y;
  },
};

const hasBias = ({ bias = true }: LinearNode): boolean => bias;

function connectionsOf({ linear, inputs, outputs, filter = 'input' }: LinearNode): Connections {
  return { layer: linear, inputs, outputs, area: 1, filter, border: false };
}
