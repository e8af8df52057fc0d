// Attention of tokens to each other whose queries, keys and values one linear layer has made side by side: kernels read and write them where they lie.
import { count, needFloats, type Storage, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { where } from '../arithmetic/where.ts';
import { attend, extraOf, scaleOf } from './attend.ts';
import type { AttentionOptions } from './scaled-dot-product-attention.ts';

const OP = 'selfAttention';

/** How the channels of tokens are shared out, and what a query may see: masks and biases as of scaledDotProductAttention. */
export interface SelfAttentionOptions extends Omit<AttentionOptions, 'headsLast'> {
  heads: number;
  /** Channels of one head's queries, and of its keys; its values have what is left. Default a third of a head's channels. */
  depth?: number;
}

/**
 * Attention of tokens x [..., N, heads·(2·depth + Dv)], which have the queries of all heads, then their keys, then their values: [..., N, heads·Dv], head by head, as
 * scaledDotProductAttention of the three parts gives it with `headsLast`. Nothing is copied, forward or backward. f32 or f16. Throws TensorError.
 *
 * @example
 * const seen = selfAttention(qkv.forward(x), { heads: 12 }); // [8, 197, 2304] to [8, 197, 768]
 */
export function selfAttention(x: Tensor, options: SelfAttentionOptions): Tensor {
  needFloats(OP, x);
  if (typeof options !== 'object' || options === null)
    throw new TensorError(`${OP}: its options must say how many heads there are`);
  const { mask, bias, heads, causal = false } = options;
  if (mask && bias)
    return selfAttention(x, { ...options, mask: undefined, bias: where(mask, bias, Number.NEGATIVE_INFINITY) });
  const [tokens, channels] = [1, ...x.shape].slice(-2);
  const { depth = channels / (3 * heads) } = options;
  const depthV = channels / heads - 2 * depth;
  if (x.shape.length < 2 || ![heads, depth, depthV].every((n) => Number.isInteger(n) && n >= 1))
    throw new TensorError(
      `${OP}: ${x.label} ${shapeText(x.shape)} are no tokens [..., N, C] of ${heads} heads with queries and keys of ${depth} channels and values of ${depthV}`,
    );
  const before = x.shape.slice(0, -2);
  const attention = {
    ...{ batch: count(before), heads, group: 1, rows: tokens, keys: tokens, depth, depthV },
    ...{ scale: scaleOf(OP, options.scale, depth), causal, headsLast: true, joined: true, stored: x.dtype as Storage },
    extra: extraOf(OP, options, [...before, heads, tokens, tokens]),
  };
  const { scale } = attention;
  return attend(OP, attention, [x], [...before, tokens, heads * depthV], options, {
    heads,
    depth,
    depthV,
    scale,
    hides: causal || mask !== undefined || bias !== undefined,
  });
}
