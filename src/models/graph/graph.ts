// A task network as data: nodes in the order of computation, each with those that it reads. Forward passes, gates, counting, compaction and export all read
// this one description, and a file can carry it, so that a network that no program text describes any more (a compacted one) is still complete.
import * as v from 'valibot';
import { checked } from '../../gpu/index.ts';
import { type GraphNode, kindOf } from '../kinds/index.ts';
import { MOST_CHANNELS, MOST_SIDE, name, whole } from '../node/fields.ts';
import { type Extent, GraphError, type NodeBase, type Places } from '../node/kind.ts';

/** A network as data, plain JSON: nodes in the order of computation. GraphBuilder writes one, Network runs it, and a network's file carries it. */
export interface Graph {
  /** The name in the registry that it was made by, or that it was compacted from. */
  model: string;
  /** Side of the square images that it was made for. Others may fit. */
  size: number;
  /** Every node reads earlier ones. Those that read none and are given their value are the sources. */
  nodes: GraphNode[];
  /** Names of the nodes whose values are the network's. Default the last node. */
  outputs?: string[];
}

/** The nodes that a node reads, in order. */
export const readsOf = (node: NodeBase): string[] => kindOf(node).reads(node);

/** The nodes that read a node. */
export const readersOf = ({ nodes }: Graph, name: string): GraphNode[] =>
  nodes.filter((node) => readsOf(node).includes(name));

/** Names of the nodes that are given their values, in order: one for most networks, its images. */
export const sourcesOf = ({ nodes }: Graph): string[] =>
  nodes.filter((node) => kindOf(node).source).map(({ name }) => name);

/** Names of the nodes whose values are the network's: one for most networks, its logits. */
export const outputsOf = ({ nodes, outputs }: Graph): string[] => outputs ?? nodes.slice(-1).map(({ name }) => name);

/** Larger ones are no networks that anything could run; what is made of a graph (classes of channels, readers) stays small in time and memory below it. */
const MOST_NODES = 4096;
const MOST_CHANNELS_IN_ALL = 2 ** 24;

const GRAPH = v.looseObject({
  model: v.string(),
  size: whole(1, MOST_SIDE),
  nodes: v.pipe(v.array(v.looseObject({ op: name, name })), v.maxLength(MOST_NODES, `a list of ${MOST_NODES} at most`)),
  outputs: v.optional(v.array(v.string())),
});

/** Throws GraphError unless a graph, which may come from a file, and its nodes are what their types say. */
function checkFields(graph: Graph): void {
  checked(GRAPH, graph, (reason) => new GraphError(reason));
  for (const node of graph.nodes) {
    const { fields } = kindOf(node);
    if (fields) checked(v.looseObject(fields), node, (reason) => new GraphError(`node ${node.name}: ${reason}`));
  }
}

/**
 * Channels of each node's value, in the order of the nodes. Throws GraphError for a graph that does not hang together: fields of another type or size than their kind has, a node of an unknown kind, that reads
 * what does not come before it or is given other channels than it takes, two nodes of one name, no source, an output that is no node.
 */
export function channelsOf(graph: Graph): Map<string, number> {
  checkFields(graph);
  const channels = new Map<string, number>();
  let all = 0;
  for (const node of graph.nodes) {
    const kind = kindOf(node);
    const given = kind.reads(node).map((name) => {
      const found = channels.get(name);
      if (found === undefined) throw new GraphError(`node ${node.name} reads ${name}, which does not come before it`);
      return found;
    });
    if (channels.has(node.name)) throw new GraphError(`there are two nodes ${node.name}`);
    const own = kind.channels(node, given);
    all += own;
    if (!(own <= MOST_CHANNELS && all <= MOST_CHANNELS_IN_ALL))
      throw new GraphError(
        `node ${node.name} has ${own} channels; there may be ${MOST_CHANNELS} in a node and ${MOST_CHANNELS_IN_ALL} in all`,
      );
    channels.set(node.name, own);
  }
  if (sourcesOf(graph).length === 0)
    throw new GraphError('a graph takes a source, such as a node of the kind "image", and there is none');
  const outputs = outputsOf(graph);
  for (const [i, name] of outputs.entries()) {
    if (!channels.has(name)) throw new GraphError(`the output ${name} is no node of the graph`);
    if (outputs.indexOf(name) < i) throw new GraphError(`the output ${name} is named twice`);
  }
  if (outputs.length === 0) throw new GraphError('a graph takes an output, and its list of outputs is empty');
  return channels;
}

/** A node's extent, checked, from those of earlier ones. Throws GraphError. */
function extentOf(node: GraphNode, model: string, extents: ReadonlyMap<string, Extent>, image: Extent): Extent {
  const kind = kindOf(node);
  const extent = kind.extent(node, givenTo(node, extents), image);
  if (!extent.every((length) => length >= 1))
    throw new GraphError(`node ${node.name} does not fit images of ${image.join('×')}; ${model} takes larger ones`);
  return extent;
}

const givenTo = (node: GraphNode, extents: ReadonlyMap<string, Extent>): Extent[] =>
  readsOf(node).map((name) => extents.get(name)!);

/**
 * The extent of each node's value, for sources of the extent `image`, by default height and width that the graph was made for. Throws GraphError for nodes
 * that take another kind of value than they are given, and for images that a window does not fit.
 */
export function extentsOf(graph: Graph, image: Extent = [graph.size, graph.size]): Map<string, Extent> {
  const extents = new Map<string, Extent>();
  for (const node of graph.nodes) extents.set(node.name, extentOf(node, graph.model, extents, image));
  return extents;
}

/** The graph for images of another size: what it learned of places it has for theirs. Throws GraphError for a size that does not fit. */
export function resizedGraph(graph: Graph, size: number): Graph {
  const image = [size, size];
  const extents = new Map<string, Extent>();
  const nodes = graph.nodes.map((node) => {
    const resized = (kindOf(node).resized?.(node, givenTo(node, extents)) ?? node) as GraphNode;
    extents.set(node.name, extentOf(resized, graph.model, extents, image));
    return resized;
  });
  return { ...graph, size, nodes };
}

/** The output that tells classes apart. */
export interface Classifier {
  /** Its node, the name of its layer's parameters, and how many logits there are. */
  node: string;
  layer: string;
  classes: number;
}

/** The first output whose kind gives logits; undefined for a network that tells no classes apart. */
export function classifierOf(graph: Graph): Classifier | undefined {
  for (const output of outputsOf(graph)) {
    const node = graph.nodes.find(({ name }) => name === output);
    const layer = node && kindOf(node).classifier?.(node);
    if (layer !== undefined) return { node: output, layer, classes: channelsOf(graph).get(output)! };
  }
  return undefined;
}

/** What a network learns of the places of tokens, of each node that does. */
export const placesOf = ({ nodes }: Graph): Places[] => nodes.flatMap((node) => kindOf(node).places?.(node) ?? []);

/** Classes that the logits tell apart. Throws GraphError for a network without logits. */
export function classesOf(graph: Graph): number {
  const classifier = classifierOf(graph);
  if (!classifier)
    throw new GraphError(
      `${graph.model} tells no classes apart: its output ${outputsOf(graph).join(', ')} gives no logits`,
    );
  return classifier.classes;
}
