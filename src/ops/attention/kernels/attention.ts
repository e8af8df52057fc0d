// What an attention is to the kernels: its sizes, where its values lie, and what it costs.
import { type Cost, f32, params } from '../../../gpu/index.ts';
import { bytesOf, type Storage } from '../../../tensor/index.ts';

/** What is done to the scores: nothing, a bias that is added, or a mask whose zeros take no part. The words are `kind` of shaders/attention/extra.wgsl. */
const KINDS = { none: 0, bias: 1, mask: 2 } as const;

/** Scores of `rows` queries and `keys` keys of `depth` values in each of `heads` heads, and sums of values of `depthV` by them. */
export interface Attention {
  batch: number;
  /** Heads of the queries, and how many of them share a head of keys and values. */
  heads: number;
  group: number;
  rows: number;
  keys: number;
  depth: number;
  depthV: number;
  scale: number;
  /** A row sees keys up to its own number. */
  causal: boolean;
  /** Tensors are [batch, tokens, heads, depth] rather than [batch, heads, tokens, depth]. */
  headsLast: boolean;
  /** q, k and v are one tensor, which all three are bound as, and so are their gradients: a token has the queries of all heads, then keys, then values. */
  joined: boolean;
  stored: Storage;
  extra: {
    kind: keyof typeof KINDS;
    stored: Storage | 'u32';
    /** Elements from one batch, head, row and key to the next, 0 where all share. */
    strides: readonly [batch: number, head: number, row: number, key: number];
    elements: number;
  };
}

/** Elements from one token, head and batch to the next. */
export function stridesOf({ headsLast }: Attention, tokens: number, heads: number, depth: number): number[] {
  return headsLast ? [heads * depth, depth, tokens * heads * depth] : [depth, tokens * depth, heads * tokens * depth];
}

/** Of q, k, v and y. */
export function allStrides(a: Attention): { q: number[]; k: number[]; v: number[]; y: number[] } {
  const { heads, group, rows, keys, depth, depthV } = a;
  const y = stridesOf(a, rows, heads, depthV);
  if (a.joined) {
    const token = heads * (2 * depth + depthV);
    const of = (depth: number): number[] => [token, depth, rows * token];
    return { q: of(depth), k: of(depth), v: of(depthV), y };
  }
  return {
    q: stridesOf(a, rows, heads, depth),
    k: stridesOf(a, keys, heads / group, depth),
    v: stridesOf(a, keys, heads / group, depthV),
    y,
  };
}

/** Where q, k, v and y begin in what they are bound as. */
export const startsOf = ({ joined, heads, depth }: Attention) => ({
  ...{ q: 0, k: joined ? heads * depth : 0, v: joined ? 2 * heads * depth : 0, y: 0 },
});

/** What only the stationary kernels need of shaders/attention/params.wgsl. */
export interface StationaryWords {
  side: number;
  share?: number;
  filled: number;
  dk?: number;
  dv?: number;
}

/** The words of shaders/attention/params.wgsl. */
export function attentionWords(a: Attention, own: StationaryWords = { side: 0, filled: 0 }): ArrayBuffer {
  const { q, k, v, y } = allStrides(a);
  const { side, share = 0, filled, dk = 0, dv = 0 } = own;
  const starts = startsOf(a);
  return params(
    ...[...q, a.rows, ...k, a.keys, ...v, a.heads, ...y, a.group, ...a.extra.strides],
    ...[a.depth, a.depthV, a.causal ? 1 : 0, KINDS[a.extra.kind], f32(a.scale * Math.LOG2E)],
    ...[side, share, filled, 1, a.batch * a.heads, dk, dv, starts.k, starts.v],
  );
}

/** Elements of q, k, v and y: what a kernel reads or makes of each. */
export function elementsOf({ batch, heads, group, rows, keys, depth, depthV }: Attention) {
  const kv = (batch * heads) / group;
  return {
    q: batch * heads * rows * depth,
    k: kv * keys * depth,
    v: kv * keys * depthV,
    y: batch * heads * rows * depthV,
  };
}

/** Elements of what q, k, v and y are bound as. */
export function boundOf(a: Attention) {
  const own = elementsOf(a);
  const all = own.q + own.k + own.v;
  return a.joined ? { q: all, k: all, v: all, y: own.y } : own;
}

/** Multiply-adds of the two products forward; causal ones do half. */
export const workOf = ({ batch, heads, rows, keys, depth, depthV, causal }: Attention): number =>
  (batch * heads * rows * keys * (depth + depthV)) / (causal ? 2 : 1);

export function forwardCost(a: Attention): Cost {
  const { q, k, v, y } = elementsOf(a);
  return { flops: 2 * workOf(a), bytes: bytesOf(a.stored) * (q + k + v + y) };
}

/** Five products where the forward pass has two. */
export function backwardCost(a: Attention): Cost {
  const { q, k, v, y } = elementsOf(a);
  const { depth, depthV } = a;
  return {
    flops: (2 * workOf(a) * (3 * depth + 2 * depthV)) / (depth + depthV),
    bytes: bytesOf(a.stored) * (2 * (q + k + v) + 2 * y),
  };
}
