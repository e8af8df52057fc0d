// One token of a sequence as a vector, N×T×C to N×C: the class token, which a transformer's head reads.
import { cast, reshape, slice } from '../../ops/index.ts';
import { channelwise, type OneInput } from '../node/channelwise.ts';
import { MOST_CHANNELS, name, whole } from '../node/fields.ts';
import { GraphError, type NodeKind } from '../node/kind.ts';
import { partOf, type TracedOp } from '../node/traced.ts';

export interface TokenNode extends OneInput {
  op: 'token';
  /** Its place, from 0. */
  at: number;
}

/** A part [N, 1, C] of tokens as [N, C]. */
function tokenOf({ inputs: [x], output, fresh }: TracedOp): TokenNode | undefined {
  const { node, shape, begin } = partOf(x) ?? {};
  if (node === undefined || shape?.length !== 3 || x.shape[1] !== 1) return undefined;
  if (output.join() !== [shape[0], shape[2]].join()) return undefined;
  return { op: 'token', name: fresh('token'), input: node, at: begin![1] };
}

export const token: NodeKind<TokenNode> = {
  ...channelwise,
  op: 'token',
  fields: { input: name, at: whole(0, MOST_CHANNELS) },
  extent({ name, at }, [given]) {
    if (given.length !== 1 || at >= given[0])
      throw new GraphError(
        `node ${name} takes token ${at} of a sequence and is given ${given.length === 1 ? `${given[0]} tokens` : 'none'}`,
      );
    return [];
  },
  // Linear layers on vectors take f32.
  forward({ at }, [x]) {
    const [count, , channels] = x.shape;
    const one = reshape(slice(x, [0, at, 0], [count, 1, channels]), [count, channels]);
    return one.dtype === 'f32' ? one : cast(one, 'f32');
  },
  traced: { reshape: tokenOf, flatten: tokenOf, squeeze: tokenOf },
  propagate: (_, [{ constant, image, alike }]) => ({ constant, image, alike }),
  wants: (_, { wanted }) => [wanted],

  onnx: ({ at }, [x], writer) =>
    writer.op('Squeeze', [
      writer.op('Slice', [x, ...[at, at + 1, 1].map((n) => writer.op('Constant', [], { value_ints: [n] }))]),
      writer.op('Constant', [], { value_ints: [1] }),
    ]),
};
