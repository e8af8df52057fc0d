// What is compared: tasks, the libraries that take them, and a prepared task, which one library can do again and again.
import type { Gpu } from 'astrogpu/gpu';
import type { Shape } from 'astrogpu/tensor';
import type { PeerName } from './options.ts';

export type Direction = 'forward' | 'data gradient' | 'weight gradient';

/** A square convolution, stride 1, padded to the same size: `a` and `b` are images and filter, output gradient and filter, or images and output gradient. */
export interface ConvTask {
  direction: Direction;
  /** NHWC, of the input and of the output. */
  images: Shape;
  /** HWIO. */
  filter: Shape;
  a: Float32Array;
  b: Float32Array;
}

/** `a` [m,k] by `b` [k,n]. */
export interface MatmulTask {
  m: number;
  n: number;
  k: number;
  a: Float32Array;
  b: Float32Array;
}

/** Attention of `tokens` queries to as many keys in each of `heads` heads, all [heads, tokens, depth], scores scaled by 1 / √depth; with `dy` its gradients, too. */
export interface AttentionTask {
  heads: number;
  tokens: number;
  depth: number;
  q: Float32Array;
  k: Float32Array;
  v: Float32Array;
  dy?: Float32Array;
}

/** What an attention is compared by, in the order in which the libraries give it. */
export const ATTENTION_RESULTS = ['the result', 'the gradient of q', 'the gradient of k', 'the gradient of v'] as const;

/** What is compared by name: see ops.ts. */
export type OpName =
  | 'relu'
  | 'bias'
  | 'chain'
  | 'sum rows'
  | 'sum columns'
  | 'max'
  | 'layerNorm'
  | 'softmax'
  | 'matmul';

export interface OpTask {
  op: OpName;
  inputs: readonly { shape: Shape; values: Float32Array }[];
}

/** A block of a vision transformer on `x` [images, tokens, channels]: its result, and the gradients of x and of all weights for the result's gradient `dy`. */
export interface BlockTask {
  shape: Shape;
  heads: number;
  /** Of both normalizations. */
  eps: number;
  /** By timm's names inside a block; matrices are inputs × outputs. */
  weights: Weights;
  x: Float32Array;
  dy: Float32Array;
}

/** A step of a CIFAR ResNet on one batch of images, NHWC: cross-entropy, SGD with momentum. */
export interface StepTask {
  /** Its name in astrogpu's registry. */
  model: string;
  /** Of astrogpu's step; the peers have f32 only. */
  precision: 'f32' | 'f16';
  images: Float32Array;
  shape: Shape;
  labels: Uint32Array;
  classes: number;
  rate: number;
  momentum: number;
}

export type Weights = Map<string, { shape: Shape; values: Float32Array }>;

/** The values that all libraries must agree on, by name, in astrogpu's layout. */
export type Results = Map<string, Float32Array>;

export interface PreparedTask {
  /** Records the task once more and hands it to the GPU as far as the library does by itself. */
  run(): void;
  /** Submits what is left and resolves when all of it has run. */
  idle(): Promise<void>;
  /** Called once, before any `run`: does the task for the first time and reads its results back. */
  results(): Promise<Results>;
  release(): void;
}

/** Another library, on its own device of the same adapter. */
export interface Peer {
  name: PeerName;
  version: string;
  conv(task: ConvTask): PreparedTask;
  matmul(task: MatmulTask): PreparedTask;
  attention(task: AttentionTask): PreparedTask;
  op(task: OpTask): PreparedTask;
  block(task: BlockTask): PreparedTask;
  /** `initial` is asked for at the first step: the weights to start from. */
  step(task: StepTask, initial: () => Weights): PreparedTask;
}

export interface Comparison {
  name: string;
  /** Largest disagreement allowed, relative to the largest magnitude of each result. */
  tolerance: number;
  ours(gpu: Gpu): PreparedTask;
  theirs(peer: Peer): PreparedTask;
}
