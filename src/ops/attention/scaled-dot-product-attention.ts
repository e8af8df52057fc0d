// Attention, softmax(q·kᵀ·scale + bias)·v, in one kernel forward that never holds the matrix of scores: it keeps the logarithm of each row's sum of powers, and the
// backward pass makes the scores again from it (Dao, "FlashAttention-2", 2023).
import { needFloats, type Storage, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { where } from '../arithmetic/where.ts';
import { attend, extraOf, scaleOf } from './attend.ts';
import type { Attention } from './kernels/attention.ts';

const OP = 'scaledDotProductAttention';

/** What a query may see, and how scores are made. */
export interface AttentionOptions {
  /** Where it is not zero a query sees a key (torch's boolean mask): f32, f16 or u32 that broadcasts to [..., H, N, M]. No gradient. */
  mask?: Tensor;
  /** Added to the scores after the scale (torch's mask of floats): f32 or f16 that broadcasts to [..., H, N, M]. −Infinity hides a key. Has a gradient. */
  bias?: Tensor;
  /** Query i sees keys 0 to i. */
  causal?: boolean;
  /** What q·kᵀ is multiplied by. Default 1 / √D. */
  scale?: number;
  /** Heads stand behind tokens, q [..., N, H, D], as a linear layer gives them: nothing is copied. */
  headsLast?: boolean;
}

/**
 * Attention of q [..., H, N, D] to keys k [..., H, M, D] with values v [..., H, M, Dv]: [..., H, N, Dv]. k and v may have fewer heads, each for as many of q's in a row
 * (grouped queries). All f32 or all f16, which the result is, too; sums are f32. A query that sees no key gets zeros. The scores are never stored, except where a bias
 * wants its gradient: then the backward pass stores them. Throws TensorError.
 */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  const { mask, bias } = options;
  if (mask && bias) {
    const both = where(mask, bias, Number.NEGATIVE_INFINITY);
    return scaledDotProductAttention(q, k, v, { ...options, mask: undefined, bias: both });
  }
  const attention = attentionOf(q, k, v, options);
  const shape = [...q.shape.slice(0, -1), attention.depthV];
  return attend(OP, attention, [q, k, v], shape, options, {
    headsLast: options.headsLast === true,
    hides: options.causal === true || options.mask !== undefined || options.bias !== undefined,
    scale: attention.scale,
  });
}

/** Heads, tokens and depth of a tensor. */
function sidesOf({ shape }: Tensor, headsLast: boolean): { heads: number; tokens: number; depth: number } {
  const [first, second, depth] = [1, 1, 1, ...shape].slice(-3);
  return headsLast ? { heads: second, tokens: first, depth } : { heads: first, tokens: second, depth };
}

function attentionOf(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Attention {
  const { causal = false, headsLast = false } = options;
  for (const x of [q, k, v]) {
    needFloats(OP, x);
    if (x.shape.length < (headsLast ? 3 : 2) || x.shape.length !== q.shape.length)
      throw new TensorError(
        `${OP}: ${x.label} ${shapeText(x.shape)} must have ${headsLast ? '3 sides, tokens, heads and depth,' : '2 sides, tokens and depth,'} or more, as many as q, k and v all have`,
      );
    if (x.dtype !== q.dtype)
      throw new TensorError(
        `${OP}: ${q.label} is ${q.dtype} and ${x.label} ${x.dtype}; all must be stored alike, see cast`,
      );
  }
  const [sq, sk, sv] = [q, k, v].map((x) => sidesOf(x, headsLast));
  const batch = q.shape.slice(0, -3).reduce((a, b) => a * b, 1);
  const fits = (x: Tensor): boolean => x.shape.slice(0, -3).join() === q.shape.slice(0, -3).join();
  if (
    !fits(k) ||
    !fits(v) ||
    sk.depth !== sq.depth ||
    sv.tokens !== sk.tokens ||
    sv.heads !== sk.heads ||
    sq.heads % sk.heads !== 0
  )
    throw new TensorError(
      `${OP}: ${q.label} ${shapeText(q.shape)}, ${k.label} ${shapeText(k.shape)} and ${v.label} ${shapeText(v.shape)} do not fit: q and k need the same depth, ` +
        `k and v the same tokens and heads, and q so many heads or a multiple${headsLast ? '' : '; see headsLast for [..., tokens, heads, depth]'}`,
    );
  const scale = scaleOf(OP, options.scale, sq.depth);
  return {
    ...{ batch, heads: sq.heads, group: sq.heads / sk.heads, rows: sq.tokens, keys: sk.tokens },
    ...{ depth: sq.depth, depthV: sv.depth, scale, causal, headsLast, joined: false, stored: q.dtype as Storage },
    extra: extraOf(OP, options, [...q.shape.slice(0, -3), sq.heads, sq.tokens, sk.tokens]),
  };
}
