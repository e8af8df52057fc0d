// A task network: the layers that a graph names, and the forward pass that it describes.
import { BatchNorm2d, Conv2d, Linear, Module, Parameter, type Pass } from '../nn/index.ts';
import { constant } from '../nn/init.ts';
import {
  add,
  avgPool2d,
  cast,
  concat,
  globalAvgPool,
  maxPool2d,
  recording,
  relu,
  type Tensor,
} from '../tensor/index.ts';
import { channelsOf, type Graph, type GraphNode, readsOf } from './graph.ts';

/** A layer whose connections can be removed. */
export interface GatedLayer {
  name: string;
  layer: Conv2d | Linear;
  /** The normalisation right after it, if any. */
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

  /** Throws GraphError for a graph whose nodes do not fit each other. */
  constructor(graph: Graph) {
    super();
    channelsOf(graph);
    this.graph = graph;
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
    for (const node of this.graph.nodes) {
      const inputs = readsOf(node).map((name) => values.get(name)!);
      const value = node.op === 'image' ? this.input(x) : this.compute(node, inputs, pass);
      values.set(node.name, value);
      // Where nothing is recorded, a value is not needed after its last reader.
      if (node.op !== 'image' && !recording([value, ...inputs]))
        for (const name of new Set(readsOf(node)))
          if (name !== 'image' && this.lastReaders.get(name) === node.name && !wanted.includes(name))
            values.get(name)!.release();
    }
    return wanted.map((name) => values.get(name)!);
  }

  private layer<T extends Module>(name: string): T {
    return this.layers.get(name) as T;
  }

  private compute(node: Exclude<GraphNode, { op: 'image' }>, [x, residual, ...rest]: Tensor[], pass: Pass): Tensor {
    switch (node.op) {
      case 'conv': {
        const conv = this.layer<Conv2d>(node.conv);
        if (node.norm) return this.layer<BatchNorm2d>(node.norm).after(conv, x, pass, { relu: node.relu, residual });
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
      case 'concat':
        return concat(
          [x, residual, ...rest].filter((part) => part !== undefined),
          -1,
        );
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
      const norm = node.norm ?? this.normAfter(node.name);
      layers.push({
        name: node.conv,
        layer: this.layer<Conv2d>(node.conv),
        ...(norm && { norm: { name: norm, layer: this.layer<BatchNorm2d>(norm) } }),
      });
    }
    return layers;
  }

  /** A normalisation that is all that reads a node. */
  private normAfter(name: string): string | undefined {
    const readers = this.graph.nodes.filter((node) => readsOf(node).includes(name));
    return readers.length === 1 && readers[0].op === 'norm' ? readers[0].norm : undefined;
  }
}
