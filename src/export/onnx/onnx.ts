// A network as an ONNX file, which other runtimes load: for most one input `images` and one output `logits`, and everything folded that evaluation does not need
// apart.

import {
  channelsOf,
  classifierOf,
  type Extent,
  extentsOf,
  type Graph,
  networkParameters,
  type PixelScale,
  sourcesOf,
} from '../../models/index.ts';
import type { StateTensor } from '../../nn/index.ts';
import { ExportError } from '../errors.ts';
import { inputNames, onnxNodes, outputNames } from './nodes.ts';
import { encodeModel, type OnnxValue } from './proto.ts';
import { Weights } from './weights.ts';

/** Opset 17 and the IR of its release (ONNX 1.12, 2022): new enough for every operator here, old enough for the runtimes in use. */
const OPSET = 17;
const IR_VERSION = 8;
/** A protobuf message ends before 2 GiB; a MiB of it is left to the nodes. */
const MOST_WEIGHTS = 2 ** 31 - 2 ** 20;

/** What an ONNX file says of the images that it takes and the classes that it tells apart. */
export interface OnnxOptions {
  /** Names of the classes, in the order of the logits. */
  classes?: readonly string[];
  /**
   * Mean and standard deviation of each channel, both or neither. With them the file takes pixels from 0 to 1 and normalizes them itself, which is what to
   * choose wherever they are known: nobody can then feed it wrongly. Without them it takes images that are normalized already.
   */
  mean?: readonly number[];
  std?: readonly number[];
}

/**
 * The bytes of an ONNX file: float32 `images` N×C×H×W (N, H and W free, sizes as the network's pools and strides allow) to `logits` N×classes. Several sources,
 * several outputs and one that gives no logits go by the names of their nodes; maps are N×C×H×W. Normalization after a convolution is folded into it; constants
 * keep torch's names and layout; values are called as the graph's nodes. metadata_props holds `model`, `size`, `input` (what the images are), and as JSON
 * `classes`, `mean` and `std` where given. The same network gives the same bytes.
 * Throws GraphError for nodes that do not fit each other, ExportError for a state dict of another network or with values that are not finite, for options that do not fit, and for weights of
 * 2 GiB and more, which the format cannot hold.
 */
export function toOnnx(graph: Graph, dict: ReadonlyMap<string, StateTensor>, options: OnnxOptions = {}): Uint8Array {
  const widths = channelsOf(graph);
  const bytes = 4 * networkParameters(graph);
  if (bytes > MOST_WEIGHTS)
    throw new ExportError(
      `${graph.model} has ${(bytes / 2 ** 30).toFixed(1)} GiB of weights, and an ONNX file holds less than 2 GiB; export it as safetensors`,
    );
  const { classes, ...scale } = checked(options, graph, widths);
  const extents = extentsOf(graph);
  const inputs = [...inputNames(graph)].map(([node, name], _, all): OnnxValue => {
    const sides = all.length > 1 ? `${name}.` : '';
    return { name, shape: shapeOf(widths.get(node)!, extents.get(node)!, sides) };
  });
  const outputs = [...outputNames(graph)].map(
    ([node, name]): OnnxValue => ({ name, shape: shapeOf(widths.get(node)!, extents.get(node)!, `${name}.`) }),
  );
  const weights = new Weights(dict);
  const { nodes, tensors } = onnxNodes(graph, weights, scale.pixels);
  const left = weights.left();
  if (left.length > 0)
    throw new ExportError(
      `the state dict is of another network: ${left.slice(0, 8).join(', ')}${left.length > 8 ? ` and ${left.length - 8} more` : ''} are not in ${graph.model}`,
    );
  return encodeModel({
    name: graph.model,
    opset: OPSET,
    irVersion: IR_VERSION,
    producer: 'astrogpu',
    nodes,
    tensors,
    inputs,
    outputs,
    metadata: {
      model: graph.model,
      size: String(graph.size),
      input: scale.pixels ? 'pixels from 0 to 1' : 'normalized',
      ...(classes && { classes: JSON.stringify(classes) }),
      ...(scale.pixels && { mean: JSON.stringify(scale.pixels.mean), std: JSON.stringify(scale.pixels.std) }),
    },
  });
}

/** N×C×H×W of a map, else N×...×C; sides of any size are called by `prefix` and H, W or a number. */
function shapeOf(channels: number, extent: Extent, prefix: string): OnnxValue['shape'] {
  if (extent.length === 2) return ['N', channels, `${prefix}H`, `${prefix}W`];
  return ['N', ...extent.map((_, i) => `${prefix}${i + 1}`), channels];
}

function checked(
  { classes, mean, std }: OnnxOptions,
  graph: Graph,
  widths: ReadonlyMap<string, number>,
): { classes?: readonly string[]; pixels?: PixelScale } {
  const logits = classifierOf(graph)?.classes ?? 0;
  if (classes && classes.length !== logits)
    throw new ExportError(`classes: ${classes.length} names are given for ${logits} logits`);
  if (!mean && !std) return { classes };
  if (!mean || !std) throw new ExportError(`${mean ? 'std' : 'mean'} is missing: give mean and std, or neither`);
  for (const channels of sourcesOf(graph).map((source) => widths.get(source)!))
    if (mean.length !== channels || std.length !== channels)
      throw new ExportError(
        `mean and std: ${mean.length} and ${std.length} numbers are given for images of ${channels} channels`,
      );
  if (![...mean, ...std].every(Number.isFinite) || !std.every((value) => value > 0))
    throw new ExportError(`mean ${mean.join(', ')} and std ${std.join(', ')}: takes numbers, std above 0`);
  return { classes, pixels: { mean, std } };
}
