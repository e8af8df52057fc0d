// The part of a kind of node that compaction asks (src/prune, docs/method.md §7). Kinds stand below it, so its terms stand here.
import type { StateTensor } from '../../nn/index.ts';
import type { NodeBase } from './kind.ts';

/** What has to be known of a network's values: from a state dict, or of its structure alone. */
export interface Values {
  /** A parameter of `size` values by its full name. `neutral` stands everywhere where only the structure is known: 0 for what is added, 1 for what multiplies. */
  vector(name: string, size: number, neutral: 0 | 1): ArrayLike<number>;
  /** The connections of a layer. */
  connections(layer: string): ConnectionValues;
}

/** What compaction asks of a layer's connections, by output and input. */
export interface ConnectionValues {
  /** Whether a connection carries something. */
  survives(output: number, input: number): boolean;
  /** The sum over its kernel; 0 where only the structure is known. */
  sum(output: number, input: number): number;
}

/** What the channels of a value carry. */
export interface Carried {
  /** The number that each channel is, or NaN where it varies, by the image or towards the border. */
  constant: Float64Array;
  /** 1 where a channel depends on an image. */
  image: Uint8Array;
  /** `constant` of what a node's own layers make, behind their normalization, before anything is added and before the ReLU: of each node with a layer. */
  branch?: Float64Array;
  /** Channels that vary, but all as one. */
  alike?: Alike;
  /** Whether each channel is a sum of its own, with nothing behind it: then sums of channels are channels that the same layer can make. */
  sums?: boolean;
}

/** Channels that are what one value z is, times `factor` and plus `offset`: all that a layer normalization makes of zeros. */
export interface Alike {
  /** The node that makes z. */
  of: string;
  /** 0 for channels that are something else. */
  factor: Float64Array;
  offset: Float64Array;
}

/** What is known of a node: what it is given, what its own layers make of that, and which of its channels are needed. */
export interface Seen {
  given: readonly Carried[];
  branch?: Float64Array;
  needed: Uint8Array;
}

/** Channels of which one that stays can stand for those that go. */
export interface StandIns {
  /** The node whose channels these are. */
  of: string;
  /** What each of them is in parts of the others; 0 for channels that do not belong to them. */
  size: Float64Array;
  /**
   * What changes, so that one is the sum of all: the columns of the node's own layer; the rows of the layer that makes them, which nobody else may read then; or the
   * channel itself, which becomes z (Alike), and the columns of all that read it.
   */
  by: 'columns' | 'rows' | 'alike';
}

/** A node that does the same work with less, and the constants for each channel that its value lacks then, before its ReLU. */
export interface Reduced {
  node: NodeBase;
  added?: Float64Array;
}

/** What is left around a node. */
export interface Left {
  /** The names of what it reads, and the channels left of each. */
  inputs: readonly string[];
  given: readonly number[];
  /** Which channels these are. */
  stays: readonly (readonly number[])[];
  /** Its own channels. */
  channels: number;
}

/** What the state dict of the smaller network takes from that of the whole one, for one node. */
export interface Kept {
  /** The node as it was in the whole network: of another kind where it was reduced to this one. */
  from: NodeBase;
  /** What constants that are gone gave to each output of its connections. */
  before: Float64Array;
  /** What has to be added to its value, before its ReLU. */
  added: Float64Array;
  /** Of a parameter with a value a channel, or `rows` (default 1) of these behind each other, those of the channels that stay. */
  part(name: string, rows?: number): Float64Array;
  /** The one of its channels that stay which is z from now on: see StandIns. */
  carrier?: number;
  /** The weight of its connections, the rows and columns that stay. */
  weight(): Float32Array;
}

/** What a kind of node has to say for networks to be made smaller. */
export interface Compaction<N extends NodeBase> {
  /** What its channels carry, from those that it reads. A source carries an image. */
  propagate(node: N, given: readonly Carried[], values: Values): Carried;
  /** 1 for the channels that it needs of each value that it reads, where `own` are those needed of its own. `given` are the channels of each, `carried` what they carry. */
  needs(node: N, own: Uint8Array, given: readonly number[], values: Values, carried: readonly Carried[]): Uint8Array[];
  /**
   * 1 for those that it needs and that have to stay for it: neither does it come to the same without them, nor can others stand for them. `wanted` are those of its own
   * that have to. Absent where these are all that it needs (but for what is alike, which a layer can do without).
   */
  wants?(node: N, seen: Seen & { wanted: Uint8Array }): Uint8Array[];
  /** The channels of the values that it reads which have to stay although they are constants. */
  constantsWanted?(node: N, seen: Seen): Uint8Array[];
  /** See StandIns. */
  standIns?(node: N, seen: Seen, values: Values): StandIns[];
  /** Its parameters that make something of a channel which is fed nothing, by name, each with so many values for a channel behind each other. */
  offsets?(node: N): [name: string, rows: number][];
  /** What is left of it where a part of it gives nothing but constants; undefined where nothing changes. */
  reduce?(node: N, seen: Seen): Reduced | undefined;
  /** Whether its value is never negative, from whether those that it reads are. */
  rectified(node: N, given: readonly boolean[]): boolean;
  /** The node with what is left around it. */
  shrink(node: N, left: Left): NodeBase;
  /** Whether a node that shrank hands its one input on as it is, so that it can go. `from` is what it was, `rectified` whether its input is never negative. */
  idle?(node: N, { from, added, rectified }: { from: NodeBase; added: Float64Array; rectified: boolean }): boolean;
  /** How it ends, where all that it does with its one input is to add: what it reads may do the same. */
  adds?(node: N): { relu: boolean };
  /** The node with what a later one does that only adds, and with that one's name; undefined where a ReLU stands between. Absent where it adds nothing. */
  absorb?(node: N, later: { name: string; relu: boolean }): NodeBase | undefined;
  /** The node as it has to be to take constants before or after its connections. Absent where it takes them as it is. */
  takeConstants?(node: N): NodeBase;
  /** Its tensors by full name, in torch layout. */
  write(node: N, kept: Kept): [name: string, tensor: StateTensor][];
}

/** A value a channel, as a state dict has it. */
export const stateVector = (data: ArrayLike<number>): StateTensor => ({
  shape: [data.length],
  data: Float32Array.from(data),
});

/** What `channels` carry that are no constants. */
export const varying = (channels: number): Float64Array => new Float64Array(channels).fill(Number.NaN);

/** Constants behind a ReLU, if there is one. */
export const rectify = (constant: Float64Array, relu: boolean): Float64Array =>
  relu ? constant.map((k) => Math.max(0, k)) : constant;
