// A task network: the layers that a graph names, and the forward pass that it describes.
import { AstroError } from '../gpu/index.ts';
import { type BatchNorm2d, Module, type Parameter, type Pass } from '../nn/index.ts';
import { checkpoint, recording, recordsNow, Tensor } from '../tensor/index.ts';
import { type BranchDrop, branchDrops } from './branch-drops.ts';
import type { Gateable, GatedLayer } from './gated-layers.ts';
import { blockEnds, cutPoints } from './graph/cuts.ts';
import { denseBlocks } from './graph/dense-blocks.ts';
import { channelsOf, type Graph, outputsOf, sourcesOf } from './graph/graph.ts';
import { layersOf } from './graph/layers.ts';
import { heldMasks, withMasks } from './held-masks.ts';
import { kindOf } from './kinds/index.ts';
import { type ForwardContext, GraphError, type InBlock, type NodeBase, type NodeKind } from './node/kind.ts';

/** The images N×H×W×C, or for a network with several sources those of each by its name. */
export type NetworkInput = Tensor | Readonly<Record<string, Tensor>>;

/** How a network is trained, beside what its graph says. */
export interface NetworkOptions {
  /**
   * Stochastic depth: the share of images that the last residual branch leaves out in training, rising in a straight line from 0 for the first one (Huang et al. 2016). Takes a graph
   * with `add` nodes. Default 0.
   */
  dropPath?: number;
  /**
   * Nodes whose values alone stay in memory in training; what lies between them is computed again when its gradient is wanted (checkpoint). true takes the ends of blocks.
   * Default: everything stays.
   */
  recompute?: boolean | readonly string[];
}

/** A node with what the forward pass asks of it at every step. */
interface Step {
  node: NodeBase;
  kind: NodeKind;
  reads: readonly string[];
  layers: readonly Module[];
}

/** Steps that are computed again in training where they have an end. */
interface Segment {
  steps: Step[];
  end?: string;
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
  /** What it computes, as data: nodes by name, the shape of its input, its classes. */
  readonly graph: Graph;
  private readonly layers = new Map<string, Module>();
  private readonly steps: readonly Step[];
  private readonly sources: readonly string[];
  private readonly outputNames: readonly string[];
  /** The node that reads each node last. */
  private readonly lastReaders = new Map<string, string>();
  private readonly blocks: ReadonlyMap<string, InBlock>;
  /** Stochastic depth by the node that adds the branch. */
  private readonly drops: ReadonlyMap<string, BranchDrop>;
  /** Parts of the pass that are computed again, each to the node that it ends with, and the rest. */
  private readonly segments: readonly Segment[];
  private offsets?: ReadonlyMap<string, Parameter>;

  /** Throws GraphError for a graph whose nodes do not fit each other, and for options that it has no nodes for. */
  constructor(graph: Graph, { dropPath = 0, recompute = false }: NetworkOptions = {}) {
    super();
    channelsOf(graph);
    this.graph = graph;
    this.blocks = denseBlocks(graph);
    this.sources = sourcesOf(graph);
    this.outputNames = outputsOf(graph);
    this.steps = graph.nodes.map((node) => {
      const kind = kindOf(node);
      const layers = kind.layers(node);
      for (const [name, layer] of layers) this.layers.set(name, layer);
      return { node, kind, reads: kind.reads(node), layers: layers.map(([, layer]) => layer) };
    });
    for (const { node, reads } of this.steps) for (const name of reads) this.lastReaders.set(name, node.name);
    this.drops = branchDrops(graph, dropPath);
    this.segments = this.cutAt(recompute === true ? blockEnds(graph) : recompute || []);
  }

  protected override *members(): Iterable<[string, Module]> {
    yield* this.layers;
    for (const [name, { layer }] of this.drops) yield [`${name}.drop_path`, layer];
  }

  /** The steps up to each of these nodes, and those behind the last. Throws GraphError for a node behind which another value is needed. */
  private cutAt(names: readonly string[]): Segment[] {
    const possible = names.length > 0 ? cutPoints(this.graph) : [];
    const wrong = names.find((name) => !possible.includes(name));
    if (wrong !== undefined)
      throw new GraphError(
        `${this.graph.model} cannot be computed again from ${wrong} on; cuts are at ${possible.join(', ')}`,
      );
    const segments: Segment[] = [{ steps: [] }];
    for (const step of this.steps) {
      const now = segments[segments.length - 1];
      now.steps.push(step);
      if (!names.includes(step.node.name)) continue;
      now.end = step.node.name;
      segments.push({ steps: [] });
    }
    return segments;
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
    // A block that grows in place is whole at its end only.
    const inPlace = wanted.every((name) => this.blocks.get(name)?.last !== false);
    const context: ForwardContext = {
      pass,
      precision: this.precision,
      layer: <T extends Module>(name: string) => this.layers.get(name) as T,
      block: (name) => (inPlace ? this.blocks.get(name) : undefined),
    };
    // What was asked for inside of a part has to stay, and without gradients nothing does.
    const whole = !recordsNow() || wanted.some((name) => !this.outputNames.includes(name));
    let entry: string | undefined;
    for (const { steps, end } of whole ? [{ steps: this.steps }] : this.segments) {
      if (end === undefined) this.run(steps, values, { given, context, wanted });
      else
        values.set(
          end,
          this.runTwice(steps, entry === undefined ? given : new Map([[entry, values.get(entry)!]]), end, context),
        );
      entry = end;
    }
    return wanted.map((name) => values.get(name)!);
  }

  /** Runs nodes on the values that are there, and adds theirs. */
  private run(
    steps: readonly Step[],
    values: Map<string, Tensor>,
    {
      given,
      context,
      wanted,
    }: { given: ReadonlyMap<string, Tensor>; context: ForwardContext; wanted: readonly string[] },
  ): void {
    let recorded = false;
    for (const { node, kind, reads } of steps) {
      const inputs = kind.source ? [given.get(node.name)!] : reads.map((name) => values.get(name)!);
      const value = kind.forward(node, this.dropped(node.name, inputs, context.pass), context);
      values.set(node.name, value);
      recorded ||= recording([value, ...inputs]);
      // As long as nothing is recorded, a value is not needed after its last reader.
      if (recorded) continue;
      for (const [i, name] of reads.entries()) {
        const done = this.lastReaders.get(name) === node.name && !wanted.includes(name);
        if (done && !isGiven(inputs[i], given)) inputs[i].release();
      }
    }
  }

  /** The value of a part's end, whose other values are computed again in backward: from the values that it begins with, and under the gates that are on its layers now. */
  private runTwice(
    steps: readonly Step[],
    from: ReadonlyMap<string, Tensor>,
    end: string,
    context: ForwardContext,
  ): Tensor {
    const masks = heldMasks(steps.flatMap(({ layers }) => layers));
    const names = [...from.keys()];
    return checkpoint(
      (...own) =>
        withMasks(masks, own.slice(names.length), () => {
          const given = new Map(names.map((name, i) => [name, own[i]]));
          const values = new Map(given);
          this.run(steps, values, { given, context, wanted: [end] });
          return values.get(end)!;
        }),
      ...from.values(),
      ...masks.map(({ tensor }) => tensor),
    );
  }

  /** What a node reads, with some images left out of the branch that it adds. */
  private dropped(name: string, inputs: Tensor[], pass: Pass): Tensor[] {
    const drop = this.drops.get(name);
    return drop ? inputs.map((x, i) => (i === drop.branch ? drop.layer.forward(x, pass) : x)) : inputs;
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
