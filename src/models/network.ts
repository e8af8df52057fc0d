// A task network: the layers that a graph names, and the forward pass that it describes.
import { AstroError } from '../gpu/index.ts';
import { type BatchNorm2d, Module, type Parameter, type Pass } from '../nn/index.ts';
import { recording, Tensor } from '../tensor/index.ts';
import type { Gateable, GatedLayer } from './gated-layers.ts';
import { denseBlocks } from './graph/dense-blocks.ts';
import { channelsOf, type Graph, outputsOf, sourcesOf } from './graph/graph.ts';
import { layersOf } from './graph/layers.ts';
import { kindOf } from './kinds/index.ts';
import type { ForwardContext, InBlock, NodeBase, NodeKind } from './node/kind.ts';

/** The images N×H×W×C, or for a network with several sources those of each by its name. */
export type NetworkInput = Tensor | Readonly<Record<string, Tensor>>;

/** A node with what the forward pass asks of it at every step. */
interface Step {
  node: NodeBase;
  kind: NodeKind;
  reads: readonly string[];
}

/**
 * The layers that a graph names, and its forward pass. Without memory until `to(gpu, seed)`; parameters have the names and the layout of PyTorch's state dict when
 * they are read by stateDict().
 *
 * @example
 * const network = createModel('resnet18').to(gpu, 1);
 * const logits = noGrad(() => network.forward(images, EVAL)); // [N, 10] of f32 [N, 32, 32, 3]
 */
export class Network extends Module implements Gateable {
  readonly graph: Graph;
  private readonly layers = new Map<string, Module>();
  private readonly steps: readonly Step[];
  private readonly sources: readonly string[];
  private readonly outputNames: readonly string[];
  /** The node that reads each node last. */
  private readonly lastReaders = new Map<string, string>();
  private readonly blocks: ReadonlyMap<string, InBlock>;
  private offsets?: ReadonlyMap<string, Parameter>;

  /** Throws GraphError for a graph whose nodes do not fit each other. */
  constructor(graph: Graph) {
    super();
    channelsOf(graph);
    this.graph = graph;
    this.blocks = denseBlocks(graph);
    this.sources = sourcesOf(graph);
    this.outputNames = outputsOf(graph);
    this.steps = graph.nodes.map((node) => {
      const kind = kindOf(node);
      return { node, kind, reads: kind.reads(node) };
    });
    for (const { node, kind, reads } of this.steps) {
      for (const name of reads) this.lastReaders.set(name, node.name);
      for (const [name, layer] of kind.layers(node)) this.layers.set(name, layer);
    }
  }

  protected override members(): Iterable<[string, Module]> {
    return this.layers;
  }

  /** The value of its output: N×H×W×C images to N×classes logits, for a network that ends in a classifier. Throws AstroError where it has several outputs. */
  forward(x: NetworkInput, pass: Pass): Tensor {
    if (this.outputNames.length > 1)
      throw new AstroError(
        `${this.graph.model} has ${this.outputNames.length} outputs, ${this.outputNames.join(', ')}: outputs() gives them all`,
      );
    return this.values(x, pass, this.outputNames)[0];
  }

  /** The value of each output by its name. */
  outputs(x: NetworkInput, pass: Pass): Record<string, Tensor> {
    const values = this.values(x, pass, this.outputNames);
    return Object.fromEntries(this.outputNames.map((name, i) => [name, values[i]]));
  }

  /** The values of the nodes named, in their order, as the forward pass makes them. Throws AstroError for images of other sources than the network has. */
  values(x: NetworkInput, pass: Pass, wanted: readonly string[]): Tensor[] {
    const given = this.given(x);
    const values = new Map<string, Tensor>();
    let recorded = false;
    // A block that grows in place is whole at its end only.
    const inPlace = wanted.every((name) => this.blocks.get(name)?.last !== false);
    const context: ForwardContext = {
      pass,
      precision: this.precision,
      layer: <T extends Module>(name: string) => this.layers.get(name) as T,
      block: (name) => (inPlace ? this.blocks.get(name) : undefined),
    };
    for (const { node, kind, reads } of this.steps) {
      const inputs = kind.source ? [given.get(node.name)!] : reads.map((name) => values.get(name)!);
      const value = kind.forward(node, inputs, context);
      values.set(node.name, value);
      recorded ||= recording([value, ...inputs]);
      // As long as nothing is recorded, a value is not needed after its last reader.
      if (recorded) continue;
      for (const [i, name] of reads.entries()) {
        const done = this.lastReaders.get(name) === node.name && !wanted.includes(name);
        if (done && !isGiven(inputs[i], given)) inputs[i].release();
      }
    }
    return wanted.map((name) => values.get(name)!);
  }

  offset(name: string): Parameter | undefined {
    this.offsets ??= new Map(this.namedParameters());
    return this.offsets.get(name);
  }

  /** Every layer with connections (convolutions, linear layers), in forward order. */
  gatedLayers(): GatedLayer[] {
    return layersOf(this.graph).map(({ layer: name, norm, inputs, outputs, filter }) => ({
      name,
      inputs,
      outputs,
      filter,
      layer: this.layers.get(name) as Module & GatedLayer['layer'],
      ...(norm !== undefined && { norm: { name: norm, layer: this.layers.get(norm) as BatchNorm2d } }),
    }));
  }

  /** What each source is given. */
  private given(x: NetworkInput): ReadonlyMap<string, Tensor> {
    const { sources } = this;
    if (x instanceof Tensor && sources.length === 1) return new Map([[sources[0], x]]);
    const given = x instanceof Tensor ? [] : Object.keys(x);
    if (x instanceof Tensor || given.length !== sources.length || !sources.every((name) => given.includes(name)))
      throw new AstroError(
        `${this.graph.model} takes images for ${sources.join(', ')}, a tensor for each, and is given ${given.length > 0 ? given.join(', ') : 'one tensor'}`,
      );
    return new Map(Object.entries(x));
  }
}

function isGiven(value: Tensor, given: ReadonlyMap<string, Tensor>): boolean {
  for (const tensor of given.values()) if (tensor === value) return true;
  return false;
}
