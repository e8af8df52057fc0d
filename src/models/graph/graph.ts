// A task network as data: nodes in the order of computation, each with those that it reads. Forward passes, gates, counting, compaction and export all read
// this one description, and a file can carry it, so that a network that no program text describes any more (a compacted one) is still complete.
import { AstroError } from '../../gpu/index.ts';

/** The input, N×H×W×channels. */
export interface ImageNode {
  op: 'image';
  name: string;
  channels: number;
}

/** relu(norm(conv(input)) + residual): each part only where it is given. */
export interface ConvNode {
  op: 'conv';
  name: string;
  input: string;
  /** Names of the parameters: `conv`.weight and so on. */
  conv: string;
  norm?: string;
  inputs: number;
  outputs: number;
  kernel: number;
  stride: number;
  padding: number;
  bias: boolean;
  /** A node whose value is added, of the same shape. */
  residual?: string;
  relu: boolean;
}

/** relu(norm(input)): a normalization that stands for itself, as before the convolutions of a DenseNet. */
export interface NormNode {
  op: 'norm';
  name: string;
  input: string;
  norm: string;
  channels: number;
  relu: boolean;
}

/** relu(input + a learned constant for each channel): what compaction leaves of a block whose convolutions are gone. */
export interface ShiftNode {
  op: 'shift';
  name: string;
  input: string;
  /** Name of the parameter: `shift`.bias. */
  shift: string;
  channels: number;
  relu: boolean;
}

/** Channels of all inputs, one behind the other. */
export interface ConcatNode {
  op: 'concat';
  name: string;
  inputs: string[];
}

export interface PoolNode {
  op: 'maxPool' | 'avgPool';
  name: string;
  input: string;
  kernel: number;
  stride: number;
  padding: number;
}

/** The mean of each channel: N×H×W×C to N×C. */
export interface GlobalPoolNode {
  op: 'globalPool';
  name: string;
  input: string;
}

/** N×inputs to N×outputs. */
export interface LinearNode {
  op: 'linear';
  name: string;
  input: string;
  /** Names of the parameters. */
  linear: string;
  inputs: number;
  outputs: number;
}

export type GraphNode =
  | ImageNode
  | ConvNode
  | NormNode
  | ShiftNode
  | ConcatNode
  | PoolNode
  | GlobalPoolNode
  | LinearNode;

export interface Graph {
  /** The name in the registry that it was made by, or that it was compacted from. */
  model: string;
  /** Side of the square images that it was made for. Others may fit. */
  size: number;
  /** The first is the image, the last the logits; every node reads earlier ones. */
  nodes: GraphNode[];
}

/** A graph that does not hang together. */
export class GraphError extends AstroError {}

/** The nodes that a node reads, in order. */
export function readsOf(node: GraphNode): string[] {
  if (node.op === 'image') return [];
  if (node.op === 'concat') return node.inputs;
  return node.op === 'conv' && node.residual !== undefined ? [node.input, node.residual] : [node.input];
}

/** The nodes that read a node. */
export const readersOf = ({ nodes }: Graph, name: string): GraphNode[] =>
  nodes.filter((node) => readsOf(node).includes(name));

/** Channels of each node's value. Throws GraphError for nodes that do not fit each other. */
export function channelsOf({ nodes }: Graph): Map<string, number> {
  const channels = new Map<string, number>();
  for (const node of nodes) {
    const given = readsOf(node).map((name) => {
      const found = channels.get(name);
      if (found === undefined) throw new GraphError(`node ${node.name} reads ${name}, which does not come before it`);
      return found;
    });
    if (channels.has(node.name)) throw new GraphError(`there are two nodes ${node.name}`);
    channels.set(node.name, width(node, given));
  }
  if (nodes[0]?.op !== 'image' || nodes.at(-1)?.op !== 'linear')
    throw new GraphError('a graph begins with its image and ends with the linear layer that gives the logits');
  return channels;
}

function width(node: GraphNode, [given, residual, ...rest]: number[]): number {
  const needs = (wanted: number, found = given): void => {
    if (wanted !== found) throw new GraphError(`node ${node.name} takes ${wanted} channels and is given ${found}`);
  };
  switch (node.op) {
    case 'image':
      return node.channels;
    case 'concat':
      return [given, residual ?? 0, ...rest].reduce((a, b) => a + b, 0);
    case 'norm':
    case 'shift':
      needs(node.channels);
      return given;
    case 'conv':
      needs(node.inputs);
      if (node.residual !== undefined) needs(node.outputs, residual);
      return node.outputs;
    case 'linear':
      needs(node.inputs);
      return node.outputs;
    default:
      return given;
  }
}

/** Classes that the logits tell apart. */
export const classesOf = ({ nodes }: Graph): number => (nodes.at(-1) as LinearNode).outputs;
