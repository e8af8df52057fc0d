// A graph's nodes as ONNX nodes. A normalization after a convolution is folded into its weight and bias, in float64 and rounded once, so that the file holds
// what the evaluated network computes and nothing that only training needs.
import { type ConvNode, type Graph, type GraphNode, readsOf } from '../../models/index.ts';
import { ExportError } from '../errors.ts';
import type { OnnxAttribute, OnnxNode, OnnxTensor } from './proto.ts';
import { EPSILON, type Weights } from './weights.ts';

export const INPUT = 'images';
export const OUTPUT = 'logits';

export interface PixelScale {
  mean: readonly number[];
  std: readonly number[];
}

/** An ONNX operator on the value before it, and what else it reads. */
interface Step {
  op: string;
  inputs?: readonly string[];
  attributes?: Record<string, OnnxAttribute>;
}

/**
 * Nodes in order and their constants, which keep torch's names. Values are called as the graph's nodes are, between INPUT and OUTPUT. With `scale` the images are
 * normalized first. Throws ExportError for a state dict that does not fit, and for names that collide.
 */
export function onnxNodes(
  graph: Graph,
  weights: Weights,
  scale: PixelScale | undefined,
): { nodes: OnnxNode[]; tensors: OnnxTensor[] } {
  const nodes: OnnxNode[] = [];
  const tensors: OnnxTensor[] = [];
  const names = new Set([INPUT]);
  const fresh = (name: string): string => {
    if (names.has(name))
      throw new ExportError(`two values of the file would be called ${name}; rename one in the graph`);
    names.add(name);
    return name;
  };
  const constant = (name: string, shape: readonly number[], data: Float32Array): string => {
    tensors.push({ name: fresh(name), shape, data });
    return name;
  };
  const values = new Map<string, string>();
  /** Values that are N×C, not N×C×H×W. */
  const flat = new Set<string>();
  for (const node of graph.nodes) {
    const reads = readsOf(node);
    const isFlat = node.op === 'globalPool' || node.op === 'linear' || reads.some((name) => flat.has(name));
    if (isFlat) flat.add(node.name);
    if (node.op === 'linear' && !flat.has(node.input))
      throw new ExportError(`${node.name} reads ${node.input}, which no globalPool has made N×C`);
    const [first, ...others] = reads.map((name) => values.get(name)!);
    const steps = stepsOf(node, others, { weights, constant, scale, broadcast: isFlat ? [] : [1, 1] });
    let value = first ?? INPUT;
    for (const [i, { op, inputs = [], attributes = {} }] of steps.entries()) {
      const name = `${node.name}/${op}`;
      const last = i === steps.length - 1;
      const output = fresh(!last ? name : node === graph.nodes.at(-1) ? OUTPUT : node.name);
      nodes.push({ name, op, inputs: [value, ...inputs], output, attributes });
      value = output;
    }
    values.set(node.name, value);
  }
  return { nodes, tensors };
}

interface Context {
  weights: Weights;
  constant: (name: string, shape: readonly number[], data: Float32Array) => string;
  scale: PixelScale | undefined;
  /** What stands behind the channels in the shape of a constant for each channel. */
  broadcast: readonly number[];
}

function stepsOf(node: GraphNode, others: readonly string[], { weights, constant, scale, broadcast }: Context): Step[] {
  const relu: Step[] = 'relu' in node && node.relu ? [{ op: 'Relu' }] : [];
  switch (node.op) {
    case 'image': {
      if (!scale) return [];
      const channelwise = (name: 'mean' | 'std'): string =>
        constant(`${node.name}.${name}`, [node.channels, 1, 1], Float32Array.from(scale[name]));
      return [
        { op: 'Sub', inputs: [channelwise('mean')] },
        { op: 'Div', inputs: [channelwise('std')] },
      ];
    }
    case 'conv': {
      const { weight, bias } = folded(node, weights);
      const shape = [node.outputs, node.inputs, node.kernel, node.kernel];
      const inputs = [constant(`${node.conv}.weight`, shape, weight)];
      if (bias) inputs.push(constant(`${node.conv}.bias`, [node.outputs], bias));
      const residual: Step[] = others.length > 0 ? [{ op: 'Add', inputs: others }] : [];
      return [{ op: 'Conv', inputs, attributes: windows(node) }, ...residual, ...relu];
    }
    case 'norm': {
      const { gamma, beta, mean, variance } = weights.norm(node.norm, node.channels);
      const parts = Object.entries({ weight: gamma, bias: beta, running_mean: mean, running_var: variance });
      const inputs = parts.map(([part, data]) => constant(`${node.norm}.${part}`, [node.channels], data));
      return [{ op: 'BatchNormalization', inputs, attributes: { epsilon: { float: EPSILON } } }, ...relu];
    }
    case 'shift': {
      const name = `${node.shift}.bias`;
      const data = weights.take(name, [node.channels]);
      return [{ op: 'Add', inputs: [constant(name, [node.channels, ...broadcast], data)] }, ...relu];
    }
    case 'concat':
      return [{ op: 'Concat', inputs: others, attributes: { axis: 1 } }];
    case 'maxPool':
      return [{ op: 'MaxPool', attributes: windows(node) }];
    case 'avgPool':
      return [{ op: 'AveragePool', attributes: { ...windows(node), count_include_pad: 1 } }];
    case 'globalPool':
      return [{ op: 'GlobalAveragePool' }, { op: 'Flatten', attributes: { axis: 1 } }];
    case 'linear': {
      const inputs = (
        [
          [`${node.linear}.weight`, [node.outputs, node.inputs]],
          [`${node.linear}.bias`, [node.outputs]],
        ] as const
      ).map(([name, shape]) => constant(name, shape, weights.take(name, shape)));
      return [{ op: 'Gemm', inputs, attributes: { transB: 1 } }];
    }
  }
}

function windows({
  kernel,
  stride,
  padding,
}: {
  kernel: number;
  stride: number;
  padding: number;
}): Record<string, number[]> {
  return {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  };
}

/** γ (w x + b − mean) / √(variance + ε) + β as one convolution: each output's weights times γ / √(variance + ε), and a bias. */
function folded(node: ConvNode, weights: Weights): { weight: Float32Array; bias?: Float32Array } {
  const { conv, norm, inputs, outputs, kernel } = node;
  const weight = weights.take(`${conv}.weight`, [outputs, inputs, kernel, kernel]);
  const bias = node.bias ? weights.take(`${conv}.bias`, [outputs]) : undefined;
  if (!norm) return { weight, bias };
  const { gamma, beta, mean, variance } = weights.norm(norm, outputs);
  const scale = Float64Array.from(gamma, (value, c) => value / Math.sqrt(variance[c] + EPSILON));
  const each = weight.length / outputs;
  return {
    weight: weight.map((value, i) => value * scale[Math.floor(i / each)]),
    bias: beta.map((value, c) => value + ((bias?.[c] ?? 0) - mean[c]) * scale[c]),
  };
}
