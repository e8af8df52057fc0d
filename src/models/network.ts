// A task network: the layers that a graph names, and the forward pass that it describes.
import { BatchNorm2d, Conv2d, constant, convNorm, Linear, Module, Parameter, type Pass } from '../nn/index.ts';
import { add, avgPool2d, cast, concat, globalAvgPool, maxPool2d, relu, writeChannels } from '../ops/index.ts';
import { empty, recording, type Tensor } from '../tensor/index.ts';
import { normOf } from './graph/channels.ts';
import { denseBlocks, type InBlock } from './graph/dense-blocks.ts';
import { channelsOf, type Graph, type GraphNode, readsOf } from './graph/graph.ts';

/** A layer whose connections can be removed. */
export interface GatedLayer {
  name: string;
  layer: Conv2d | Linear;
  /** The normalization right after it, if any. */
  norm?: { name: string; layer: BatchNorm2d };
}

/** One learned constant a channel. */
class Shift extends Module {
  readonly bias: Parameter;

  constructor(channels: number) {
    super();
    this.bias = new Parameter([channels], constant(0));
  }
}

export class Network extends Module {
  readonly graph: Graph;
  private readonly layers = new Map<string, Module>();
  /** The node that reads each node last. */
  private readonly lastReaders = new Map<string, string>();
  private readonly blocks: ReadonlyMap<string, InBlock>;

  /** Throws GraphError for a graph whose nodes do not fit each other. */
  constructor(graph: Graph) {
    super();
    channelsOf(graph);
    this.graph = graph;
    this.blocks = denseBlocks(graph);
    for (const node of graph.nodes) {
      for (const name of readsOf(node)) this.lastReaders.set(name, node.name);
      if (node.op === 'conv') {
        const { inputs, outputs, kernel, stride, padding, bias } = node;
        this.layers.set(node.conv, new Conv2d(inputs, outputs, { kernel, stride, padding, bias }));
        if (node.norm) this.layers.set(node.norm, new BatchNorm2d(outputs));
      } else if (node.op === 'norm') this.layers.set(node.norm, new BatchNorm2d(node.channels));
      else if (node.op === 'shift') this.layers.set(node.shift, new Shift(node.channels));
      else if (node.op === 'linear') this.layers.set(node.linear, new Linear(node.inputs, node.outputs));
    }
  }

  protected override members(): Iterable<[string, Module]> {
    return this.layers;
  }

  /** N×H×W×C images to N×classes logits. */
  forward(x: Tensor, pass: Pass): Tensor {
    return this.values(x, pass, [this.graph.nodes.at(-1)!.name])[0];
  }

  /** The values of the nodes named, in their order, as the forward pass makes them. */
  values(x: Tensor, pass: Pass, wanted: readonly string[]): Tensor[] {
    const values = new Map<string, Tensor>();
    let recorded = false;
    // A block that grows in place is whole at its end only.
    const inPlace = wanted.every((name) => this.blocks.get(name)?.last !== false);
    for (const node of this.graph.nodes) {
      const inputs = readsOf(node).map((name) => values.get(name)!);
      const value = node.op === 'image' ? this.input(x) : this.compute(node, inputs, pass, inPlace);
      values.set(node.name, value);
      recorded ||= recording([value, ...inputs]);
      // As long as nothing is recorded, a value is not needed after its last reader.
      if (recorded) continue;
      for (const [i, name] of readsOf(node).entries())
        if (inputs[i] !== x && this.lastReaders.get(name) === node.name && !wanted.includes(name)) inputs[i].release();
    }
    return wanted.map((name) => values.get(name)!);
  }

  /** A normalization by the name of its parameters. */
  norm(name: string): BatchNorm2d {
    return this.layer<BatchNorm2d>(name);
  }

  private layer<T extends Module>(name: string): T {
    return this.layers.get(name) as T;
  }

  private compute(
    node: Exclude<GraphNode, { op: 'image' }>,
    [x, residual, ...rest]: Tensor[],
    pass: Pass,
    inPlace: boolean,
  ): Tensor {
    switch (node.op) {
      case 'conv': {
        const conv = this.layer<Conv2d>(node.conv);
        if (node.norm)
          return convNorm(conv, this.layer<BatchNorm2d>(node.norm), x, pass, { relu: node.relu, residual });
        const y = conv.forward(x);
        const sum = residual ? add(y, residual) : y;
        return node.relu ? relu(sum) : sum;
      }
      case 'norm':
        return this.layer<BatchNorm2d>(node.norm).forward(x, pass, { relu: node.relu });
      case 'shift': {
        const sum = add(x, this.layer<Shift>(node.shift).bias.tensor);
        return node.relu ? relu(sum) : sum;
      }
      case 'concat': {
        const block = inPlace ? this.blocks.get(node.name) : undefined;
        if (block) {
          const whole = [...x.shape.slice(0, -1), block.width];
          const begun = block.first ? writeChannels(empty(x.gpu, whole, node.name, x.dtype), x, 0) : x;
          const y = writeChannels(begun, residual, block.at);
          // Of what is recorded, backward() takes care.
          if (block.first && !begun.requiresGrad) begun.release();
          return y;
        }
        return concat(
          [x, residual, ...rest].filter((part) => part !== undefined),
          -1,
        );
      }
      case 'maxPool':
        return maxPool2d(x, node);
      case 'avgPool':
        return avgPool2d(x, node);
      case 'globalPool':
        return globalAvgPool(x);
      case 'linear':
        return this.layer<Linear>(node.linear).forward(x);
    }
  }

  /** Images as the network computes: in f16 under precision f16, where a stream with that precision saves the conversion. */
  private input(x: Tensor): Tensor {
    return x.dtype === this.precision ? x : cast(x, this.precision);
  }

  /** Every convolution and linear layer, in forward order. */
  gatedLayers(): GatedLayer[] {
    const layers: GatedLayer[] = [];
    for (const node of this.graph.nodes) {
      if (node.op === 'linear') layers.push({ name: node.linear, layer: this.layer<Linear>(node.linear) });
      if (node.op !== 'conv') continue;
      const norm = normOf(this.graph, node);
      layers.push({
        name: node.conv,
        layer: this.layer<Conv2d>(node.conv),
        ...(norm && { norm: { name: norm, layer: this.layer<BatchNorm2d>(norm) } }),
      });
    }
    return layers;
  }
}
