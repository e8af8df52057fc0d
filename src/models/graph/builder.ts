// Writes graphs down without repeating channel numbers: each call adds a node and returns its name.
import type { Graph, GraphNode } from './graph.ts';

interface ConvOptions {
  /** The name of the node; default that of the convolution. */
  name?: string;
  kernel?: number;
  stride?: number;
  padding?: number;
  bias?: boolean;
  norm?: string;
  residual?: string;
  relu?: boolean;
}

/** Each method's `input` is the name of an earlier node, as the call that added it returned it. */
export class GraphBuilder {
  private readonly nodes: GraphNode[] = [];
  private readonly channels = new Map<string, number>();

  /** N×H×W×channels. */
  image(channels = 3): string {
    return this.add({ op: 'image', name: 'image', channels }, channels);
  }

  /** A convolution, 3×3 and padded to keep the size unless told otherwise, with what follows it. `conv` names its parameters. */
  conv(input: string, conv: string, outputs: number, options: ConvOptions = {}): string {
    const { name = conv, kernel = 3, stride = 1, padding = kernel >> 1, bias = false, relu = false } = options;
    const { norm, residual } = options;
    const inputs = this.width(input);
    return this.add(
      { op: 'conv', name, input, conv, norm, inputs, outputs, kernel, stride, padding, bias, residual, relu },
      outputs,
    );
  }

  /** A normalization that stands for itself. `norm` names it and its parameters. */
  norm(input: string, norm: string, { relu = false } = {}): string {
    const channels = this.width(input);
    return this.add({ op: 'norm', name: norm, input, norm, channels, relu }, channels);
  }

  /** Channels one behind the other. */
  concat(name: string, ...inputs: string[]): string {
    const channels = inputs.reduce((sum, input) => sum + this.width(input), 0);
    return this.add({ op: 'concat', name, inputs }, channels);
  }

  pool(op: 'maxPool' | 'avgPool', name: string, input: string, kernel: number, stride = kernel, padding = 0): string {
    return this.add({ op, name, input, kernel, stride, padding }, this.width(input));
  }

  /** N×H×W×C to N×C. */
  globalPool(input: string, name = 'avgpool'): string {
    return this.add({ op: 'globalPool', name, input }, this.width(input));
  }

  /** N×inputs to N×outputs, with a bias. `linear` names it and its parameters. */
  linear(input: string, linear: string, outputs: number): string {
    return this.add({ op: 'linear', name: linear, input, linear, inputs: this.width(input), outputs }, outputs);
  }

  /** What was written down, for images of `size` × `size`; its last node must be the linear layer that gives the logits. */
  graph(model: string, size: number): Graph {
    return { model, size, nodes: this.nodes };
  }

  /** Channels of a node's value. */
  width(name: string): number {
    return this.channels.get(name)!;
  }

  private add(node: GraphNode, channels: number): string {
    this.nodes.push(node);
    this.channels.set(node.name, channels);
    return node.name;
  }
}
