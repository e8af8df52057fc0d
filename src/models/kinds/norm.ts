// relu(norm(input)): a batch normalization that stands for itself, as before the convolutions of a DenseNet.
import { BatchNorm2d } from '../../nn/index.ts';
import { affineOf, EPSILON, normalized, normOffsets, normTensors, normValues } from '../node/batch-norm.ts';
import { channelwise, type OneInput } from '../node/channelwise.ts';
import { rectify } from '../node/compaction.ts';
import { channels, flag, name } from '../node/fields.ts';
import { checkChannels, type NodeBase, type NodeKind } from '../node/kind.ts';
import { layerOfPart, type TracedOp } from '../node/traced.ts';
import type { AddNode } from './add.ts';

export interface NormNode extends OneInput {
  op: 'norm';
  /** Names of the parameters: `norm`.weight and so on. */
  norm: string;
  channels: number;
  relu: boolean;
}

/** By a layer of the module, with the ε of them all; with a residual a sum of its own. */
function normOf({ inputs: [x, gamma, beta, residual], details, fresh }: TracedOp): NormNode | NodeBase[] | undefined {
  const layer = layerOfPart(gamma, 'weight');
  if (x.node === undefined || layer === undefined || layer !== layerOfPart(beta, 'bias') || details.eps !== EPSILON)
    return undefined;
  const relu = details.relu === true;
  const node: NormNode = { op: 'norm', name: layer, input: x.node, norm: layer, channels: gamma.shape[0], relu };
  if (!residual) return node;
  if (residual.node === undefined) return undefined;
  const sum: AddNode = { op: 'add', name: fresh('add'), inputs: [layer, residual.node], relu };
  const before: NormNode = { ...node, relu: false };
  return [before, sum];
}

export const norm: NodeKind<NormNode> = {
  ...channelwise,
  op: 'norm',
  fields: { input: name, norm: name, channels, relu: flag },
  takesPartial: true,
  channels: (node, [given]) => checkChannels(node, node.channels, given),
  layers: ({ norm, channels }) => [[norm, new BatchNorm2d(channels)]],
  forward: ({ norm, relu }, [x], { pass, layer }) => layer<BatchNorm2d>(norm).forward(x, pass, { relu }),

  traced: { batchNorm: normOf },
  takeOver: (node, later) => (later.op === 'relu' && !node.relu ? { ...node, relu: true } : undefined),
  norm: ({ norm }) => norm,

  propagate({ norm, channels, relu }, [given], values) {
    const affine = affineOf(values, norm, channels);
    const branch = normalized(given.constant, affine);
    const image = given.image.map((reached, c) => (affine.scale[c] === 0 ? 0 : reached));
    return { constant: rectify(branch, relu), image, branch };
  },
  needs({ norm, channels }, own, _, values) {
    const { scale } = affineOf(values, norm, channels);
    return [own.map((needs, c) => (scale[c] === 0 ? 0 : needs))];
  },
  rectified: ({ relu }) => relu,
  offsets: ({ norm }) => normOffsets(norm),
  shrink: (node, { inputs: [input], channels }) => ({ ...node, input, channels }),
  absorb: (node, { name, relu }) => (node.relu ? undefined : { ...node, name, relu }),
  write: ({ norm }, kept) => normTensors(norm, kept),

  onnx({ norm, channels, relu }, [input], writer) {
    const parts = Object.entries(normValues(writer, norm, channels));
    const constants = parts.map(([part, data]) => writer.constant(`${norm}.${part}`, [channels], data));
    const y = writer.op('BatchNormalization', [input, ...constants], { epsilon: { float: EPSILON } });
    return relu ? writer.op('Relu', [y]) : y;
  },
};
