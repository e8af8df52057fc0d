// A convolution with what follows it: relu(norm(conv(input)) + residual), each part only where it is given.
import { optional } from 'valibot';
import { BatchNorm2d, Conv2d, convNorm, type Module, type StateTensor } from '../../nn/index.ts';
import { add, relu } from '../../ops/index.ts';
import { affineOf, EPSILON, normalized, normOffsets, normTensors, normValues } from '../node/batch-norm.ts';
import { rectify, stateVector } from '../node/compaction.ts';
import { neededInputs, throughConnections } from '../node/connections.ts';
import { channels, flag, name, positive, window } from '../node/fields.ts';
import { type Connections, checkChannels, checkExtents, type NodeBase, type NodeKind } from '../node/kind.ts';
import type { OnnxWriter } from '../node/onnx.ts';
import { layerOfPart, oneNumber, type TracedOp } from '../node/traced.ts';
import { type Window, windowAttributes, windowed } from '../node/window.ts';
import type { AddNode } from './add.ts';
import type { NormNode } from './norm.ts';
import type { ReluNode } from './relu.ts';
import type { ShiftNode } from './shift.ts';

export interface ConvNode extends NodeBase, Window {
  op: 'conv';
  input: string;
  /** Names of the parameters: `conv`.weight and so on. */
  conv: string;
  norm?: string;
  inputs: number;
  outputs: number;
  bias: boolean;
  /** See Conv2dOptions. */
  deviation?: number;
  /** A node whose value is added, of the same shape. */
  residual?: string;
  relu: boolean;
}

export const conv: NodeKind<ConvNode> = {
  op: 'conv',
  fields: {
    input: name,
    conv: name,
    norm: optional(name),
    inputs: channels,
    outputs: channels,
    ...window,
    bias: flag,
    deviation: optional(positive),
    residual: optional(name),
    relu: flag,
  },
  residual: ({ residual }) => (residual === undefined ? undefined : 'closed'),
  reads: ({ input, residual }) => (residual === undefined ? [input] : [input, residual]),
  channels(node, [given, residual]) {
    checkChannels(node, node.inputs, given);
    if (node.residual !== undefined) checkChannels(node, node.outputs, residual);
    return node.outputs;
  },
  extent(node, [given, residual]) {
    const own = windowed(node, given);
    return residual === undefined ? own : checkExtents(node, own, residual);
  },
  layers(node) {
    const { conv, norm, inputs, outputs } = node;
    const layers: [string, Module][] = [[conv, new Conv2d(inputs, outputs, node)]];
    return norm ? [...layers, [norm, new BatchNorm2d(outputs)]] : layers;
  },
  forward(node, [x, residual], { pass, layer }) {
    const conv = layer<Conv2d>(node.conv);
    if (node.norm) return convNorm(conv, layer<BatchNorm2d>(node.norm), x, pass, { relu: node.relu, residual });
    const y = conv.forward(x);
    const sum = residual ? add(y, residual) : y;
    return node.relu ? relu(sum) : sum;
  },
  traced: { conv2d: convOf },
  takeOver(node, later) {
    if (node.relu) return undefined;
    const alone = node.residual === undefined;
    const next = later as NormNode | ReluNode | AddNode;
    if (next.op === 'relu') return { ...node, relu: true };
    if (!alone) return undefined;
    if (next.op === 'norm') return node.norm ? undefined : { ...node, norm: next.norm, relu: next.relu };
    if (next.op !== 'add') return undefined;
    const [residual, ...others] = next.inputs.filter((input) => input !== node.name);
    return residual !== undefined && others.length === 0 ? { ...node, residual, relu: next.relu } : undefined;
  },
  macs: ({ inputs, outputs, kernel }, [height, width]) => inputs * outputs * kernel ** 2 * height * width,

  connections: connectionsOf,
  norm: ({ norm }) => norm,
  classes({ outputs }, [, residual], space) {
    const own = space.fresh(outputs);
    for (const [c, other] of residual?.entries() ?? []) space.join(own[c], other);
    return own;
  },

  propagate(node, [given, residual], values) {
    const bias = node.bias ? values.vector(`${node.conv}.bias`, node.outputs, 0) : undefined;
    const { constant, image } = throughConnections(connectionsOf(node), bias, given, values);
    const branch = node.norm ? normalized(constant, affineOf(values, node.norm, node.outputs)) : constant;
    const sum = residual ? branch.map((k, c) => k + residual.constant[c]) : branch;
    return {
      constant: rectify(sum, node.relu),
      image: residual ? image.map((reached, c) => reached | residual.image[c]) : image,
      branch,
    };
  },
  needs: (node, own, _, values) => [neededInputs(connectionsOf(node), own, values), own],
  reduce(node, { given: [, residual], branch, needed }) {
    if (node.residual === undefined) return undefined;
    const isConstant = (of: Float64Array): boolean => !of.some((k, c) => needed[c] === 1 && Number.isNaN(k));
    if (isConstant(branch!)) return { node: shiftOf(node, node.residual), added: branch };
    if (!isConstant(residual.constant)) return undefined;
    return { node: { ...node, residual: undefined }, added: residual.constant };
  },
  rectified: ({ relu }) => relu,
  offsets: ({ conv, norm, bias }) => (norm ? normOffsets(norm) : bias ? [[`${conv}.bias`, 1]] : []),
  shrink: (node, { inputs: [input, residual], given: [inputs], channels }) => ({
    ...node,
    input,
    inputs,
    outputs: channels,
    residual,
  }),
  absorb: (node, { name, relu }) => (node.relu ? undefined : { ...node, name, relu }),
  takeConstants: (node) => (node.norm ? node : { ...node, bias: true }),
  write(node, kept) {
    const { conv, norm, inputs, outputs, kernel } = node;
    const { before, added } = kept;
    const tensors: [string, StateTensor][] = [
      [`${conv}.weight`, { shape: [outputs, inputs, kernel, kernel], data: kept.weight() }],
    ];
    if (node.bias) {
      const bias = (kept.from as ConvNode).bias ? kept.part(`${conv}.bias`) : new Float64Array(outputs);
      tensors.push([`${conv}.bias`, stateVector(norm ? bias : bias.map((b, r) => b + before[r] + added[r]))]);
    }
    return norm ? [...tensors, ...normTensors(norm, kept)] : tensors;
  },

  onnx(node, [input, ...residual], writer) {
    const { weight, bias } = folded(node, writer);
    const { conv, inputs, outputs, kernel } = node;
    const constants = [writer.constant(`${conv}.weight`, [outputs, inputs, kernel, kernel], weight)];
    if (bias) constants.push(writer.constant(`${conv}.bias`, [outputs], bias));
    const y = writer.op('Conv', [input, ...constants], windowAttributes(node));
    const sum = residual.length > 0 ? writer.op('Add', [y, ...residual]) : y;
    return node.relu ? writer.op('Relu', [sum]) : sum;
  },
};

/** A convolution by a layer of the module, with one stride and padding for both axes. */
function convOf({ inputs: [x, weight, bias], details }: TracedOp): ConvNode | undefined {
  const layer = layerOfPart(weight, 'weight');
  const [kernel, wide, inputs, outputs] = weight.shape;
  const [stride, padding] = [oneNumber(details.stride, 1), oneNumber(details.padding, 0)];
  const plain = oneNumber(details.dilation, 1) === 1 && oneNumber(details.groups, 1) === 1 && kernel === wide;
  if (x.node === undefined || layer === undefined || !plain || stride === undefined || padding === undefined)
    return undefined;
  if (bias && layerOfPart(bias, 'bias') !== layer) return undefined;
  return {
    op: 'conv',
    name: layer,
    input: x.node,
    conv: layer,
    inputs,
    outputs,
    kernel,
    stride,
    padding,
    bias: bias !== undefined,
    relu: false,
  };
}

function connectionsOf({ conv, inputs, outputs, kernel, padding }: ConvNode): Connections {
  return { layer: conv, inputs, outputs, area: kernel ** 2, filter: 'output', border: padding > 0 };
}

/** What is left where the convolution gives constants only: the residual, and what these add to it. */
const shiftOf = ({ name, relu, norm, conv, outputs }: ConvNode, residual: string): ShiftNode => ({
  op: 'shift',
  name,
  input: residual,
  shift: norm ?? conv,
  channels: outputs,
  relu,
});

/** γ (w x + b − mean) / √(variance + ε) + β as one convolution: each output's weights times γ / √(variance + ε), and a bias. */
function folded(node: ConvNode, writer: OnnxWriter): { weight: Float32Array; bias?: Float32Array } {
  const { conv, norm, inputs, outputs, kernel } = node;
  const weight = writer.tensor(`${conv}.weight`, [outputs, inputs, kernel, kernel]);
  const bias = node.bias ? writer.tensor(`${conv}.bias`, [outputs]) : undefined;
  if (!norm) return { weight, bias };
  const values = normValues(writer, norm, outputs);
  const scale = Float64Array.from(values.weight, (gamma, c) => gamma / Math.sqrt(values.running_var[c] + EPSILON));
  const each = weight.length / outputs;
  return {
    weight: weight.map((value, i) => value * scale[Math.floor(i / each)]),
    bias: values.bias.map((beta, c) => beta + ((bias?.[c] ?? 0) - values.running_mean[c]) * scale[c]),
  };
}
