// Layer normalization of each position's channels by themselves, as before attention and MLP of a transformer.
import { LayerNorm } from '../../nn/index.ts';
import { channelwise, type OneInput } from '../node/channelwise.ts';
import { stateVector, varying } from '../node/compaction.ts';
import { channels, name, positive } from '../node/fields.ts';
import { checkChannels, type NodeKind } from '../node/kind.ts';

export interface LayerNormNode extends OneInput {
  op: 'layerNorm';
  /** Names of the parameters: `norm`.weight and `norm`.bias. */
  norm: string;
  channels: number;
  /** Added to the variance. */
  eps: number;
}

export const layerNorm: NodeKind<LayerNormNode> = {
  ...channelwise,
  op: 'layerNorm',
  fields: { input: name, norm: name, channels, eps: positive },
  channels: (node, [given]) => checkChannels(node, node.channels, given),
  layers: ({ norm, channels, eps }) => [[norm, new LayerNorm(channels, { eps })]],
  forward: ({ norm }, [x], { layer }) => layer<LayerNorm>(norm).forward(x),

  // Each channel's value depends on all that are given.
  propagate: (_, [{ constant, image }]) => ({ constant: varying(constant.length), image }),
  needs: (_, own) => [own.map(() => 1)],
  rectified: () => false,
  shrink: (node, { inputs: [input], channels }) => ({ ...node, input, channels }),
  write: ({ norm }, { part }) =>
    ['weight', 'bias'].map((name) => [`${norm}.${name}`, stateVector(part(`${norm}.${name}`))]),

  onnx({ norm, channels, eps }, [input], writer) {
    const [weight, bias] = ['weight', 'bias'].map((part) =>
      writer.constant(`${norm}.${part}`, [channels], writer.tensor(`${norm}.${part}`, [channels])),
    );
    return writer.channelsLast(input, (x) =>
      writer.op('LayerNormalization', [x, weight, bias], { axis: -1, epsilon: { float: eps } }),
    );
  },
};
