// Self-attention of tokens with several heads: queries, keys and values come side by side from one linear layer, and heads stand side by side in the result.
import { reshape, scaledDotProductAttention, split } from '../../ops/index.ts';
import { channelwise, type OneInput } from '../node/channelwise.ts';
import { varying } from '../node/compaction.ts';
import { channels, name, positive } from '../node/fields.ts';
import { checkChannels, GraphError, type NodeKind } from '../node/kind.ts';

/** Channels of its input are those of all heads' queries, then keys, then values: heads·(depth + depth + valueDepth). */
export interface AttentionNode extends OneInput {
  op: 'attention';
  heads: number;
  /** Channels of one head's queries and keys. */
  depth: number;
  /** Of its values and its part of the result. */
  valueDepth: number;
  /** What products of queries and keys are multiplied by. */
  scale: number;
}

export const attention: NodeKind<AttentionNode> = {
  ...channelwise,
  op: 'attention',
  fields: {
    input: name,
    heads: channels,
    depth: channels,
    valueDepth: channels,
    scale: positive,
  },
  channels(node, [given]) {
    checkChannels(node, node.heads * (2 * node.depth + node.valueDepth), given);
    return node.heads * node.valueDepth;
  },
  extent({ name }, [given]) {
    if (given.length !== 1)
      throw new GraphError(`node ${name} takes tokens N×T×C and is given ${given.length === 2 ? 'a map' : 'a vector'}`);
    return given;
  },
  forward({ heads, depth, valueDepth, scale }, [x]) {
    const parts = split(x, [heads * depth, heads * depth, heads * valueDepth], -1);
    const [q, k, v] = parts.map((part) => reshape(part, [...part.shape.slice(0, -1), heads, -1]));
    const y = scaledDotProductAttention(q, k, v, { scale, headsLast: true });
    return reshape(y, [...x.shape.slice(0, -1), heads * valueDepth]);
  },
  // Queries with keys, and what they find with values.
  macs: ({ heads, depth, valueDepth }, [tokens]) => heads * tokens ** 2 * (depth + valueDepth),

  // All that is given and made stays or goes as a whole.
  classes({ heads, valueDepth }, [given], space) {
    for (const own of given) space.join(own, given[0]);
    return Array.from({ length: heads * valueDepth }, () => given[0]);
  },
  propagate: ({ heads, valueDepth }, [{ image }]) => ({
    constant: varying(heads * valueDepth),
    image: new Uint8Array(heads * valueDepth).fill(image.some((reached) => reached) ? 1 : 0),
  }),
  needs: (_, own, [given]) => [new Uint8Array(given).fill(own.some((needs) => needs) ? 1 : 0)],
  rectified: () => false,

  onnx({ heads, depth, valueDepth, scale, name }, [x], writer) {
    const integers = (...list: number[]): string => writer.op('Constant', [], { value_ints: list });
    /** Channels from `at` on as heads before tokens, or before depth where `perm` says so. */
    const part = (at: number, depth: number, perm: number[]): string => {
      const cut = writer.op('Slice', [x, integers(at), integers(at + heads * depth), integers(2)]);
      return writer.op('Transpose', [writer.op('Reshape', [cut, integers(0, 0, heads, depth)])], { perm });
    };
    const q = part(0, depth, [0, 2, 1, 3]);
    const k = part(heads * depth, depth, [0, 2, 3, 1]);
    const v = part(2 * heads * depth, valueDepth, [0, 2, 1, 3]);
    const factor = writer.constant(`${name}/scale`, [], Float32Array.of(scale));
    const scores = writer.op('Mul', [writer.op('MatMul', [q, k]), factor]);
    const found = writer.op('MatMul', [writer.op('Softmax', [scores], { axis: -1 }), v]);
    const tokens = writer.op('Transpose', [found], { perm: [0, 2, 1, 3] });
    return writer.op('Reshape', [tokens, integers(0, 0, heads * valueDepth)]);
  },
};
