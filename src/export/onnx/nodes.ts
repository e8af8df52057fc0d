// A graph's nodes as ONNX nodes: each kind writes its own, here values get their names.
import {
  extentsOf,
  type Graph,
  kindOf,
  type OnnxWriter,
  outputsOf,
  type PixelScale,
  sourcesOf,
} from '../../models/index.ts';
import { ExportError } from '../errors.ts';
import { needFinite } from '../finite.ts';
import type { OnnxNode, OnnxTensor } from './proto.ts';
import type { Weights } from './weights.ts';

const IMAGES = 'images';
const LOGITS = 'logits';

/** What the file calls a source: the only one `images`, several by their own names, with `.images` behind where that is an output's too. */
export function inputNames(graph: Graph): Map<string, string> {
  const [sources, outputs] = [sourcesOf(graph), outputsOf(graph)];
  const called = (name: string): string => (outputs.includes(name) ? `${name}.images` : name);
  return new Map(sources.map((name) => [name, sources.length > 1 ? called(name) : IMAGES]));
}

/** What the file calls an output: the only one, where it tells classes apart, `logits`, any other by its own name. */
export function outputNames(graph: Graph): Map<string, string> {
  const outputs = outputsOf(graph);
  const [node] = graph.nodes.filter(({ name }) => name === outputs[0]);
  const logits = outputs.length === 1 && kindOf(node).classifier !== undefined;
  return new Map(outputs.map((name) => [name, logits ? LOGITS : name]));
}

/**
 * Nodes in order and their constants, which keep torch's names. Values are called as the graph's nodes are, but for inputs and outputs. With `scale` the images
 * are normalized first. Throws ExportError for a state dict that does not fit, and for names that collide.
 */
export function onnxNodes(
  graph: Graph,
  weights: Weights,
  scale: PixelScale | undefined,
): { nodes: OnnxNode[]; tensors: OnnxTensor[] } {
  const nodes: OnnxNode[] = [];
  const tensors: OnnxTensor[] = [];
  const inputs = inputNames(graph);
  const outputs = outputNames(graph);
  const names = new Set(inputs.values());
  const fresh = (name: string): string => {
    if (names.has(name))
      throw new ExportError(`two values of the file would be called ${name}; rename one in the graph`);
    names.add(name);
    return name;
  };
  const extents = extentsOf(graph);
  const values = new Map<string, string>();
  for (const node of graph.nodes) {
    const kind = kindOf(node);
    const own: OnnxNode[] = [];
    const extent = extents.get(node.name)!;
    const isMap = extent.length === 2;
    const writer: OnnxWriter = {
      op(op, inputs, attributes = {}) {
        const before = own.filter(({ op: other }) => other === op).length;
        const name = `${node.name}/${op}${before > 0 ? `_${before + 1}` : ''}`;
        own.push({ name, op, inputs, output: name, attributes });
        return name;
      },
      tensor: (name, shape) => weights.take(name, shape),
      constant(name, shape, data) {
        needFinite(name, shape, data); // what was folded may have left f32's range
        tensors.push({ name: fresh(name), shape, data });
        return name;
      },
      extent,
      given: kind.reads(node).map((name) => extents.get(name)!),
      channelShape: (channels) => [channels, ...(isMap ? [1, 1] : [])],
      channelsLast(value, made) {
        if (!isMap) return made(value);
        const y = made(writer.op('Transpose', [value], { perm: [0, 2, 3, 1] }));
        return writer.op('Transpose', [y], { perm: [0, 3, 1, 2] });
      },
      scale,
    };
    const input = inputs.get(node.name);
    const reads = input === undefined ? kind.reads(node).map((name) => values.get(name)!) : [input];
    let value = kind.onnx(node, reads, writer);
    const output = outputs.get(node.name);
    // An output is what a node makes, under its own name.
    if (output !== undefined && !own.some((made) => made.output === value)) value = writer.op('Identity', [value]);
    const called = output ?? node.name;
    const final = own.some((made) => made.output === value) && called !== input ? called : value;
    const renamed = (name: string): string => (name === value ? final : name);
    for (const made of own)
      nodes.push({ ...made, inputs: made.inputs.map(renamed), output: fresh(renamed(made.output)) });
    values.set(node.name, final);
  }
  return { nodes, tensors };
}
