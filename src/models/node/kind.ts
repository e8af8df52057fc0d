// What a kind of node has to say of itself. Whatever reads a graph asks here and switches on no name, so that a new kind is one file in src/models/kinds/ and
// its line in the list there.
import type { ObjectEntries } from 'valibot';
import { AstroError } from '../../gpu/index.ts';
import type { Module, Pass, Precision } from '../../nn/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { Compaction } from './compaction.ts';
import type { OnnxWriter } from './onnx.ts';
import type { TracedOp } from './traced.ts';

/** A graph that does not hang together. */
export class GraphError extends AstroError {}

/** What every node has. A kind adds fields of its own, all of them JSON, for a graph travels in files. */
export interface NodeBase {
  /** The kind. */
  op: string;
  /** No two nodes of a graph have the same. */
  name: string;
}

/** The axes of a value between its images and its channels: height and width of a map N×H×W×C, none of a vector N×C. */
export type Extent = readonly number[];

/** Makes classes of channels: what is removed is removed for such a class as a whole. */
export interface ChannelSpace {
  /** As many new classes. */
  fresh(channels: number): number[];
  /** Makes two classes one. */
  join(a: number, b: number): void;
  /** Sets a class apart: only classes of one `group` can stand for each other, as channels of one head. */
  apart(a: number, group: string): void;
}

/** The layer of a node whose connections gates can cut: from the channels of the first value that the node reads to those of the node's own. */
export interface Connections {
  /** The layer's name, one of the node's layers. Its module has a `weight` and runs with `masked` in its place where that is set. */
  layer: string;
  inputs: number;
  outputs: number;
  /** Weights of one connection: the area of a kernel. In torch layout, `layer`.weight is outputs × inputs × area. */
  area: number;
  /** What one filter gate multiplies: all that goes to an output, or all that comes from an input. */
  filter: 'output' | 'input';
  /** Whether it also meets the zeros of a border, so that it makes no constant of a constant. */
  border: boolean;
}

/** What a network learns of the places of tokens: a tensor [1, front + rows·columns, C], by name. */
export interface Places {
  name: string;
  /** Tokens in front of the patches, which have a place of their own. */
  front: number;
  /** Rows and columns. */
  grid: readonly number[];
}

/** Where a concatenation stands in a block that is one tensor (src/models/graph/dense-blocks.ts). */
export interface InBlock {
  /** Channels of the whole block. */
  width: number;
  /** Channels of its first input: where the second one goes. */
  at: number;
  /** Does the block begin here? */
  first: boolean;
  last: boolean;
}

/** What a forward pass knows beside a node and its inputs. */
export interface ForwardContext {
  pass: Pass;
  /** How the network computes. */
  precision: Precision;
  /** A layer by its name. */
  layer<T extends Module>(name: string): T;
  /** Where the node stands in a block that grows in place, if it does. */
  block(node: string): InBlock | undefined;
}

/** A kind of node. `channelwise` has what most of this is for a node that reads one value and hands its channels on. */
export interface NodeKind<N extends NodeBase = NodeBase> extends Compaction<N> {
  readonly op: N['op'];
  /** Whether its value is given to the network, and does not come from other nodes. */
  readonly source?: boolean;
  /** Whether its channels are those of its inputs, side by side. Then it does without inputs of which nothing is left, and chains of it grow in place. */
  readonly concatenates?: boolean;
  /** Whether what it gives at a position depends on all positions of what it reads, and there are as many as before. */
  readonly mixesPositions?: boolean;
  /** Whether it takes a partial tensor, see writeChannels(). */
  readonly takesPartial?: boolean;

  /** Whether it adds a branch to what went past it: `open` where it reads both, `closed` where it makes the branch itself. Absent where it never does. */
  residual?(node: N): 'open' | 'closed' | undefined;

  /** What its fields are, by name, as a schema of valibot has them; messages of its checks say what is wanted. A graph is checked by it before anything else asks. */
  readonly fields?: ObjectEntries;

  /** The nodes that it reads, in order. */
  reads(node: N): string[];
  /** Channels of its value, from those of each value that it reads. Throws GraphError where they do not fit. */
  channels(node: N, given: readonly number[]): number;
  /** The extent of its value, from that of each value that it reads, or of the `image` for a source. Throws GraphError for a value of another kind. */
  extent(node: N, given: readonly Extent[], image: Extent): Extent;
  /** Its layers by name, without memory yet. Names and order decide the names and initial values of the network's parameters. */
  layers(node: N): [name: string, layer: Module][];
  /** Its value. A source is given what the network was given. */
  forward(node: N, inputs: Tensor[], context: ForwardContext): Tensor;
  /** Multiplications of products for one image, for a value of that extent. */
  macs(node: N, extent: Extent): number;

  /** What gates multiply, if anything. */
  connections?(node: N): Connections | undefined;
  /** Its batch normalization, if any, by name: of its connections' outputs, or where it has none, of the value that it reads. */
  norm?(node: N): string | undefined;
  /** The layer whose outputs are the logits, where the node is the output of a network that tells classes apart. */
  classifier?(node: N): string;
  /** Its places, which a checkpoint of images of another size has more or fewer of. */
  places?(node: N): Places;
  /** The node for values of those extents, where it is made for some. */
  resized?(node: N, given: readonly Extent[]): NodeBase;
  /** The class of each of its channels, from those of the values that it reads. */
  classes(node: N, given: readonly number[][], space: ChannelSpace): number[];

  /**
   * The ops of a module's run that it stands for, by name: the node that one is, or several whose last has its value; undefined where it is not of a form that the
   * kind has. Absent where no op alone is such a node.
   */
  readonly traced?: Readonly<Record<string, (seen: TracedOp) => N | NodeBase[] | undefined>>;
  /** The node with what a later one does, which alone reads it; undefined where it cannot take that over. Absent where it never can. */
  takeOver?(node: N, later: NodeBase): N | undefined;

  /** Writes it as ONNX operators on the values of these names, and returns the name of its own. A source is given the name of the file's input. */
  onnx(node: N, inputs: readonly string[], writer: OnnxWriter): string;
}

/** Throws GraphError unless a node is given as many channels as it takes; returns them. */
export function checkChannels({ name }: NodeBase, wanted: number, given: number): number {
  if (wanted !== given) throw new GraphError(`node ${name} takes ${wanted} channels and is given ${given}`);
  return given;
}

/** Throws GraphError unless two values that a node joins have the same extent; returns it. */
export function checkExtents({ name }: NodeBase, one: Extent, other: Extent): Extent {
  const text = (extent: Extent): string => (extent.length > 0 ? extent.join('×') : 'no map');
  if (one.length !== other.length || one.some((length, axis) => length !== other[axis]))
    throw new GraphError(`node ${name} joins values of ${text(one)} and ${text(other)}, which do not fit each other`);
  return one;
}
