// Writes graphs down without repeating channel numbers: each call adds a node and returns its name.
import { type GraphNode, kindOf } from '../kinds/index.ts';
import { GraphError, type NodeBase } from '../node/kind.ts';
import type { Graph } from './graph.ts';

/** `filter` says which side of the layer a filter gate stands for, `deviation` that of the first weights. */
export interface LinearNodeOptions {
  bias?: boolean;
  filter?: 'input' | 'output';
  deviation?: number;
}

/** Left out: a 3×3 kernel, stride 1, padding that keeps the size, and none of what may follow. `norm` names a batch norm, `residual` a node that is added; ReLU comes last. */
export interface ConvOptions {
  /** The name of the node; default that of the convolution. */
  name?: string;
  kernel?: number;
  stride?: number;
  padding?: number;
  bias?: boolean;
  deviation?: number;
  norm?: string;
  residual?: string;
  relu?: boolean;
}

/**
 * Each method's `input` is the name of an earlier node, as the call that added it returned it. All throw GraphError for a name that is none, and for nodes that
 * do not fit each other.
 *
 * @example
 * const b = new GraphBuilder();
 * const x = b.conv(b.image(), 'conv1', 16, { norm: 'bn1', relu: true });
 * b.linear(b.globalPool(x), 'fc', 10);
 * const network = new Network(b.graph('tiny', 32));
 */
export class GraphBuilder {
  private readonly nodes: GraphNode[] = [];
  private readonly channels = new Map<string, number>();

  /** A source, N×H×W×channels. */
  image(channels = 3, name = 'image'): string {
    return this.add({ op: 'image', name, channels });
  }

  /** A convolution, 3×3 and padded to keep the size unless told otherwise, with what follows it. `conv` names its parameters. */
  conv(input: string, conv: string, outputs: number, options: ConvOptions = {}): string {
    const { name = conv, kernel = 3, stride = 1, padding = kernel >> 1, bias = false, relu = false } = options;
    const { norm, residual, deviation } = options;
    const inputs = this.width(input);
    return this.add({
      op: 'conv',
      name,
      input,
      conv,
      norm,
      inputs,
      outputs,
      kernel,
      stride,
      padding,
      bias,
      ...(deviation !== undefined && { deviation }),
      residual,
      relu,
    });
  }

  /** A normalization that stands for itself. `norm` names it and its parameters. */
  norm(input: string, norm: string, { relu = false } = {}): string {
    return this.add({ op: 'norm', name: norm, input, norm, channels: this.width(input), relu });
  }

  /** Channels one behind the other. */
  concat(name: string, ...inputs: string[]): string {
    return this.add({ op: 'concat', name, inputs });
  }

  /** The largest or the mean of windows of `kernel` × `kernel`. */
  pool(op: 'maxPool' | 'avgPool', name: string, input: string, kernel: number, stride = kernel, padding = 0): string {
    return this.add({ op, name, input, kernel, stride, padding });
  }

  /** N×H×W×C to N×C. */
  globalPool(input: string, name = 'avgpool'): string {
    return this.add({ op: 'globalPool', name, input });
  }

  /** N×inputs to N×outputs, of each token where there are tokens, with a bias unless told otherwise. `linear` names it and its parameters. */
  linear(input: string, linear: string, outputs: number, options: LinearNodeOptions = {}): string {
    return this.add({ op: 'linear', name: linear, input, linear, inputs: this.width(input), outputs, ...options });
  }

  /** The sum of two values of one shape. */
  sum(name: string, one: string, other: string, { relu = false } = {}): string {
    return this.add({ op: 'add', name, inputs: [one, other], relu });
  }

  /** A map of `rows` × `columns` as tokens, a class token in front and places added. */
  tokens(input: string, [rows, columns]: readonly [rows: number, columns: number], name = 'tokens'): string {
    return this.add({ op: 'tokens', name, input, channels: this.width(input), grid: [rows, columns] });
  }

  /** A layer normalization of each position's channels. `norm` names it and its parameters. */
  layerNorm(input: string, norm: string, { eps = 1e-6 } = {}): string {
    return this.add({ op: 'layerNorm', name: norm, input, norm, channels: this.width(input), eps });
  }

  /** x · Φ(x). */
  gelu(input: string, name: string): string {
    return this.add({ op: 'gelu', name, input });
  }

  /** Self-attention of tokens whose channels are queries, keys and values of all heads, as many of each: a third of them are its own. */
  attention(input: string, name: string, heads: number): string {
    const depth = this.width(input) / (3 * heads);
    return this.add({ op: 'attention', name, input, heads, depth, valueDepth: depth, scale: 1 / Math.sqrt(depth) });
  }

  /** One token as a vector: by default the first, the class token. */
  token(input: string, name = 'token', at = 0): string {
    return this.add({ op: 'token', name, input, at });
  }

  /** A node of any kind, one of your own too (addNodeKind). Returns its name. */
  add<N extends NodeBase>(node: N): string {
    const kind = kindOf(node);
    const channels = kind.channels(
      node,
      kind.reads(node).map((name) => this.width(name)),
    );
    this.nodes.push(node as NodeBase as GraphNode);
    this.channels.set(node.name, channels);
    return node.name;
  }

  /** What was written down, for images of `size` × `size`. `outputs` are the nodes whose values the network gives, by default the last one. */
  graph(model: string, size: number, outputs?: string[]): Graph {
    return { model, size, nodes: this.nodes, ...(outputs && { outputs }) };
  }

  /** Channels of a node's value. */
  width(name: string): number {
    const channels = this.channels.get(name);
    if (channels === undefined) throw new GraphError(`there is no node ${name} yet: add it before what reads it`);
    return channels;
  }
}
