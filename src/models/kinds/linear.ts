// A linear layer on vectors, N×inputs to N×outputs, with a bias. As the output of a network it gives the logits.
import { Linear } from '../../nn/index.ts';
import type { OneInput } from '../node/channelwise.ts';
import { stateVector } from '../node/compaction.ts';
import { neededInputs, throughConnections } from '../node/connections.ts';
import { channels, name } from '../node/fields.ts';
import { type Connections, checkChannels, GraphError, type NodeKind } from '../node/kind.ts';
import { layerOfPart } from '../node/traced.ts';

export interface LinearNode extends OneInput {
  op: 'linear';
  /** Names of the parameters: `linear`.weight and `linear`.bias. */
  linear: string;
  inputs: number;
  outputs: number;
}

export const linear: NodeKind<LinearNode> = {
  op: 'linear',
  fields: { input: name, linear: name, inputs: channels, outputs: channels },
  reads: ({ input }) => [input],
  channels(node, [given]) {
    checkChannels(node, node.inputs, given);
    return node.outputs;
  },
  extent({ name, input }, [given]) {
    if (given.length > 0) throw new GraphError(`node ${name} reads ${input}, which no globalPool has made N×C`);
    return given;
  },
  layers: ({ linear, inputs, outputs }) => [[linear, new Linear(inputs, outputs)]],
  forward: ({ linear }, [x], { layer }) => layer<Linear>(linear).forward(x),
  traced: {
    matmul({ inputs: [x, weight, bias], details }) {
      const layer = layerOfPart(weight, 'weight');
      if (x.node === undefined || x.shape.length !== 2 || details.transposeA || details.transposeB) return undefined;
      if (layer === undefined || layerOfPart(bias, 'bias') !== layer) return undefined;
      const [inputs, outputs] = weight.shape;
      return { op: 'linear', name: layer, input: x.node, linear: layer, inputs, outputs };
    },
  },
  macs: ({ inputs, outputs }) => inputs * outputs,

  connections: connectionsOf,
  classifier: ({ linear }) => linear,
  classes: ({ outputs }, _, space) => space.fresh(outputs),

  propagate(node, [given], values) {
    const bias = values.vector(`${node.linear}.bias`, node.outputs, 0);
    return throughConnections(connectionsOf(node), bias, given, values);
  },
  needs: (node, own, _, values) => [neededInputs(connectionsOf(node), own, values)],
  rectified: () => false,
  shrink: (node, { inputs: [input], given: [inputs], channels }) => ({ ...node, input, inputs, outputs: channels }),
  write({ linear, inputs, outputs }, { before, added, part, weight }) {
    const bias = part(`${linear}.bias`).map((b, r) => b + before[r] + added[r]);
    return [
      [`${linear}.weight`, { shape: [outputs, inputs], data: weight() }],
      [`${linear}.bias`, stateVector(bias)],
    ];
  },

  onnx({ linear, inputs, outputs }, [input], writer) {
    const constants = [[`${linear}.weight`, [outputs, inputs]] as const, [`${linear}.bias`, [outputs]] as const].map(
      ([name, shape]) => writer.constant(name, shape, writer.tensor(name, shape)),
    );
    return writer.op('Gemm', [input, ...constants], { transB: 1 });
  },
};

function connectionsOf({ linear, inputs, outputs }: LinearNode): Connections {
  return { layer: linear, inputs, outputs, area: 1, filter: 'input', border: false };
}
