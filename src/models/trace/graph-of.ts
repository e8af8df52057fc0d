// A graph of a module that is a program: it is run once on a sample, and the ops that ran are written down as nodes, where each is of a kind that there is.
import { needArguments } from '../../gpu/index.ts';
import { Module } from '../../nn/index.ts';
import { type Shape, shapeText, Tensor } from '../../tensor/index.ts';
import { channelsOf, extentsOf, type Graph } from '../graph/graph.ts';
import { type GraphNode, kindOf, nodesOf, tracedOps } from '../kinds/index.ts';
import { GraphError, type NodeBase } from '../node/kind.ts';
import { RESHAPES, type TracedInput, type TracedOp } from '../node/traced.ts';
import { fused, renamed } from './fuse.ts';
import { observe, type Seen, type SeenOp } from './observe.ts';

/** Tensors by name, or the only one. */
export type GraphInput = Tensor | Readonly<Record<string, Tensor>>;

/**
 * The graph of a module, from one run on a sample: images N×H×W×C (square ones) or vectors N×C, several by name. `forward` gives the module's value, several by name,
 * in evaluation and with gradients (no noGrad). Transformers may be written with layers (LayerNorm, Linear, MultiHeadAttention on itself, selfAttention or scaledDotProductAttention with headsLast, a class token
 * in front and places added). What a graph has, this one then has: cost, compaction, ONNX, and a Network that takes the module's state dict.
 * Layers keep their names. Throws GraphError that names the first op that is of no kind of node.
 *
 * @example
 * const graph = graphOf(model, sample, (x) => model.forward(x, EVAL));
 * const network = new Network(graph).to(gpu, 1);
 * loadStateDict(network, await stateDict(model));
 */
export function graphOf<X extends GraphInput>(
  module: Module,
  sample: X,
  forward: (x: X) => GraphInput,
  options: { model?: string } = {},
): Graph {
  needArguments('graphOf', Module, { module });
  needArguments('graphOf', 'a function', { forward });
  const { model = module.constructor.name } = options;
  return observe(
    module,
    () => forward(sample),
    (seen) => new Tracing(model, module, sample, seen).graph(),
  );
}

/** One run on its way to a graph. */
class Tracing {
  private readonly model: string;
  private readonly seen: Seen<GraphInput>;
  private readonly names: Set<string>;
  /** The node of each tensor that depends on the sample. */
  private readonly values = new Map<Tensor, string>();
  /** What is made of the sample or of parameters and is no node: whoever reads it may be one with it. */
  private readonly parts = new Map<Tensor, TracedOp>();
  /** Of parts that the sample reaches, why they are no nodes. */
  private readonly refused = new Map<Tensor, string>();
  private readonly nodes: NodeBase[] = [];
  private readonly layers = new Set<string>();
  private readonly size: number;

  constructor(model: string, module: Module, sample: GraphInput, seen: Seen<GraphInput>) {
    this.model = model;
    this.seen = seen;
    this.names = new Set(module.namedModules().map(([name]) => name));
    const sources = sample instanceof Tensor ? [[undefined, sample] as const] : Object.entries(sample);
    for (const [name, tensor] of sources) {
      const op = tensor.shape.length === 2 ? 'vector' : 'image';
      const node = { op, name: this.fresh(name ?? op), channels: tensor.shape.at(-1)! };
      this.nodes.push(node);
      this.values.set(tensor, node.name);
    }
    this.size = this.sideOf(sources.map(([, { shape }]) => shape));
  }

  graph(): Graph {
    const { model, seen, size } = this;
    const results = seen.result instanceof Tensor ? { '': seen.result } : seen.result;
    for (const op of this.needed(Object.values(results))) this.add(op);
    const outputs = Object.entries(results).map(([name, tensor]): [string, string] => {
      const node = this.values.get(tensor);
      const refusal = this.refused.get(tensor);
      if (refusal) throw new GraphError(refusal);
      if (node === undefined)
        throw new GraphError(`${model}: the value ${name} that forward gives is made of no op on the sample`);
      return [name, node];
    });
    const { nodes, named } = fused(
      this.nodes,
      outputs.map(([, node]) => node),
    );
    const called = new Map(outputs.map(([name, node]) => [named.get(node) ?? node, name]));
    if (called.size < outputs.length) throw new GraphError(`${model}: forward gives one value under two names`);
    const graph: Graph = { model, size, nodes: nodes as GraphNode[] };
    if (seen.result instanceof Tensor) return this.checked({ ...graph, ...this.end(nodes, [...called.keys()]) });
    const own = nodes.map((node) => {
      const read = renamed(node, called);
      return { ...read, name: called.get(node.name) ?? node.name };
    });
    return this.checked({ ...graph, nodes: own as GraphNode[], outputs: Object.keys(results) });
  }

  /** The output, where it is not the last node. */
  private end(nodes: readonly NodeBase[], [output]: string[]): { outputs?: string[] } {
    return nodes.at(-1)?.name === output ? {} : { outputs: [output] };
  }

  private checked(graph: Graph): Graph {
    channelsOf(graph);
    extentsOf(graph);
    return graph;
  }

  /** The ops that results depend on, in order. */
  private needed(results: readonly Tensor[]): SeenOp[] {
    const wanted = new Set(results);
    const found: SeenOp[] = [];
    for (const op of [...this.seen.ops].reverse()) {
      if (!wanted.has(op.output)) continue;
      found.push(op);
      for (const input of op.inputs) wanted.add(input);
    }
    return found.reverse();
  }

  private add({ op, output, inputs, details }: SeenOp): void {
    const { values, parts, refused, seen } = this;
    const [first, ...others] = inputs;
    // Another form of the same value: a Network stores values by itself.
    if (others.length === 0 && sameForm(op, output, first) && (values.has(first) || parts.has(first))) {
      for (const known of [values, parts, refused] as Map<Tensor, unknown>[])
        if (known.has(first)) known.set(output, known.get(first));
      return;
    }
    const traced = inputs.map(
      (input): TracedInput => ({
        shape: input.shape,
        node: values.get(input),
        parameter: seen.parameter(input),
        made: parts.get(input),
      }),
    );
    const own: TracedOp = { op, inputs: traced, details, output: output.shape, fresh: (name) => this.fresh(name) };
    // What is made of parameters alone is a constant, which whoever cannot take it complains of.
    if (!inputs.some((input) => values.has(input) || refused.has(input))) {
      parts.set(output, own);
      return;
    }
    const made = nodesOf(own);
    if (!made) {
      const refusal =
        inputs.map((input) => refused.get(input)).find((reason) => reason !== undefined) ??
        this.refusal({ op, output, inputs, details }, traced);
      if (!PARTS.has(op)) throw new GraphError(refusal);
      parts.set(output, own);
      refused.set(output, refusal);
      return;
    }
    for (const node of made) {
      for (const [layer] of kindOf(node).layers(node)) {
        if (this.layers.has(layer))
          throw new GraphError(`${this.model}: the layer ${layer} runs twice (${op}), and a graph has each layer once`);
        this.layers.add(layer);
      }
      this.nodes.push(node);
    }
    values.set(output, made[made.length - 1].name);
  }

  private refusal({ op, output, inputs, details }: SeenOp, traced: readonly TracedInput[]): string {
    const unknown = traced.findIndex(({ node, parameter }) => node === undefined && parameter === undefined);
    const told = Object.entries(details).filter(([, value]) => value !== undefined);
    const how = told.length > 0 ? ` (${told.map(([name, value]) => `${name} ${value}`).join(', ')})` : '';
    const reads = inputs.map(({ label, shape }) => `${label} ${shapeText(shape)}`).join(' and ');
    const why =
      unknown >= 0
        ? `reads ${inputs[unknown].label} ${shapeText(inputs[unknown].shape)}, which is neither made of the sample nor a parameter`
        : `is of no kind of node in this form${how}`;
    return `${this.model}: ${op} ${shapeText(output.shape)} of ${reads} ${why}; nodes are made of ${tracedOps().join(', ')}, or of ops of a kind that addNodeKind was given`;
  }

  /** A name that neither a layer nor a node has. */
  private fresh(name: string): string {
    let found = name;
    for (let i = 2; this.names.has(found); i++) found = `${name}${i}`;
    this.names.add(found);
    return found;
  }

  private sideOf(shapes: readonly Shape[]): number {
    const sides = new Set(shapes.filter(({ length }) => length !== 2).flatMap((shape) => shape.slice(1, -1)));
    const bad = shapes.find(({ length }) => length !== 2 && length !== 4);
    if (bad || sides.size > 1)
      throw new GraphError(
        `${this.model}: the sample is ${shapes.map(shapeText).join(' and ')}; a graph takes square images [N, H, H, C] of one size, and vectors [N, C]`,
      );
    return [...sides][0] ?? 1;
  }
}

/** Whether an op hands its one input on as it is. */
const sameForm = (op: string, output: Tensor, input: Tensor): boolean =>
  op === 'cast' || (RESHAPES.has(op) && output.shape.join() === input.shape.join());

/** Ops that move values or attend, which may be a node together with what reads them. */
const PARTS: ReadonlySet<string> = new Set([
  ...RESHAPES,
  ...['expand', 'slice', 'split', 'chunk', 'concat', 'scaledDotProductAttention'],
]);
