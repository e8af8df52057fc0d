// Layer normalization of each position's channels by themselves, as before attention and MLP of a transformer.
import { optional } from 'valibot';
import { LayerNorm } from '../../nn/index.ts';
import { channelwise, type OneInput } from '../node/channelwise.ts';
import { stateVector, type Values } from '../node/compaction.ts';
import { channels, name, positive } from '../node/fields.ts';
import { checkChannels, GraphError, type NodeKind } from '../node/kind.ts';
import type { OnnxWriter } from '../node/onnx.ts';
import { layerOfPart } from '../node/traced.ts';

export interface LayerNormNode extends OneInput {
  op: 'layerNorm';
  /** Names of the parameters: `norm`.weight and `norm`.bias. */
  norm: string;
  channels: number;
  /** Added to the variance. */
  eps: number;
  /** Channels that mean and variance are over, where it reads fewer: the others were zeros that compaction took out. */
  width?: number;
}

export const layerNorm: NodeKind<LayerNormNode> = {
  ...channelwise,
  op: 'layerNorm',
  fields: { input: name, norm: name, channels, eps: positive, width: optional(channels) },
  channels(node, [given]) {
    if (widthOf(node) < node.channels)
      throw new GraphError(`node ${node.name} normalizes ${node.channels} channels over a width of ${node.width}`);
    return checkChannels(node, node.channels, given);
  },
  layers: ({ norm, channels, eps, width }) => [[norm, new LayerNorm(channels, { eps, width })]],
  forward: ({ norm }, [x], { layer }) => layer<LayerNorm>(norm).forward(x),
  traced: {
    layerNorm({ inputs: [x, weight, bias], details }) {
      const norm = layerOfPart(weight, 'weight');
      const whole = details.channels === x.shape.at(-1) && !details.zeros && x.shape.length !== 1;
      if (x.node === undefined || !whole || norm === undefined || norm !== layerOfPart(bias, 'bias')) return undefined;
      const channels = weight.shape[0];
      return { op: 'layerNorm', name: norm, input: x.node, norm, channels, eps: Number(details.eps) };
    },
  },

  // Each channel's value depends on all that are given. What it makes of those that are 0 is one value, −mean / deviation, times γ and plus β.
  propagate(node, [given], values) {
    const { weight, bias } = affineOf(node, values);
    if (!given.constant.some(Number.isNaN))
      return { constant: ofConstants(node, given.constant, values), image: given.image };
    const reached = given.image.includes(1) ? 1 : 0;
    return {
      constant: Float64Array.from(weight, (gamma, c) => (gamma === 0 ? bias[c] : Number.NaN)),
      image: Uint8Array.from(weight, (gamma) => (gamma === 0 ? 0 : reached)),
      alike: {
        of: node.name,
        factor: Float64Array.from(weight, (gamma, c) => (given.constant[c] === 0 ? gamma : 0)),
        offset: Float64Array.from(bias),
      },
    };
  },
  needs(node, own, _, values) {
    const { weight } = affineOf(node, values);
    return [own.map(() => (own.some((needs, c) => needs && weight[c] !== 0) ? 1 : 0))];
  },
  constantsWanted: (_, { given: [{ constant }] }) => [Uint8Array.from(constant, (k) => (k ? 1 : 0))],
  standIns(node, { given: [{ constant }], needed }, values) {
    if (!constant.some(Number.isNaN)) return [];
    const { weight } = affineOf(node, values);
    const isOne = (c: number): boolean => needed[c] === 1 && constant[c] === 0 && weight[c] !== 0;
    return [{ of: node.name, size: Float64Array.from(constant, (_, c) => (isOne(c) ? 1 : 0)), by: 'alike' }];
  },
  rectified: () => false,
  shrink: (node, { inputs: [input], channels }) => ({
    ...node,
    input,
    channels,
    ...(channels < widthOf(node) && { width: widthOf(node) }),
  }),
  write: ({ norm }, { part, carrier }) =>
    (
      [
        ['weight', 1],
        ['bias', 0],
      ] as const
    ).map(([name, plain]) => {
      const own = part(`${norm}.${name}`);
      if (carrier !== undefined) own[carrier] = plain;
      return [`${norm}.${name}`, stateVector(own)];
    }),

  onnx(node, [input], writer) {
    const { norm, channels, eps } = node;
    const [weight, bias] = ['weight', 'bias'].map((part) =>
      writer.constant(`${norm}.${part}`, [channels], writer.tensor(`${norm}.${part}`, [channels])),
    );
    return writer.channelsLast(input, (x) =>
      channels === widthOf(node)
        ? writer.op('LayerNormalization', [x, weight, bias], { axis: -1, epsilon: { float: eps } })
        : writer.op('Add', [writer.op('Mul', [standardized(x, node, writer), weight]), bias]),
    );
  },
};

/** (x − mean) / √(variance + eps) over channels of which some are not there. */
function standardized(x: string, node: LayerNormNode, writer: OnnxWriter): string {
  const number = (part: string, value: number): string =>
    writer.constant(`${node.norm}/${part}`, [], Float32Array.of(value));
  const share = node.channels / widthOf(node);
  const there = number('share', share);
  /** Over all channels of a value that is 0 where x is not there. */
  const meanOf = (value: string): string => writer.op('Mul', [writer.op('ReduceMean', [value], { axes: [-1] }), there]);
  const mean = meanOf(x);
  const centered = writer.op('Sub', [x, mean]);
  const square = (value: string): string => writer.op('Mul', [value, value]);
  const rest = writer.op('Mul', [square(mean), number('rest', 1 - share)]);
  const variance = writer.op('Add', [meanOf(square(centered)), rest]);
  return writer.op('Div', [centered, writer.op('Sqrt', [writer.op('Add', [variance, number('eps', node.eps)])])]);
}

const widthOf = ({ width, channels }: LayerNormNode): number => width ?? channels;

const affineOf = ({ norm, channels }: LayerNormNode, values: Values) => ({
  weight: values.vector(`${norm}.weight`, channels, 1),
  bias: values.vector(`${norm}.bias`, channels, 0),
});

function ofConstants(node: LayerNormNode, given: Float64Array, values: Values): Float64Array {
  const { weight, bias } = affineOf(node, values);
  const width = widthOf(node);
  const mean = given.reduce((sum, k) => sum + k, 0) / width;
  const zeros = width - given.length;
  const variance = given.reduce((sum, k) => sum + (k - mean) ** 2, zeros * mean ** 2) / width;
  return given.map((k, c) => ((k - mean) / Math.sqrt(variance + node.eps)) * weight[c] + bias[c]);
}
