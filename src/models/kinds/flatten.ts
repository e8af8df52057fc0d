// A map as one vector: N×H×W×C to N×(H·W·C), position by position, as a reshape lays it.
import { cast, reshape } from '../../ops/index.ts';
import { channelwise, type OneInput } from '../node/channelwise.ts';
import { MOST_CHANNELS, name, whole } from '../node/fields.ts';
import { GraphError, type NodeKind } from '../node/kind.ts';
import type { TracedOp } from '../node/traced.ts';

export interface FlattenNode extends OneInput {
  op: 'flatten';
  /** H·W: what it fits, and how often each channel comes. */
  positions: number;
}

/** A shape that lays everything behind the images into one side. */
function flattenOf({ inputs: [x], output, fresh }: TracedOp): FlattenNode | undefined {
  const [count, ...sides] = x.shape;
  if (x.node === undefined || output.length !== 2 || output[0] !== count || sides.length < 2) return undefined;
  const positions = sides.slice(0, -1).reduce((a, b) => a * b, 1);
  return { op: 'flatten', name: fresh('flatten'), input: x.node, positions };
}

export const flatten: NodeKind<FlattenNode> = {
  ...channelwise,
  op: 'flatten',
  fields: { input: name, positions: whole(1, MOST_CHANNELS) },
  channels: ({ positions }, [given]) => positions * given,
  extent({ name, positions }, [given]) {
    if (given.reduce((a, b) => a * b, 1) !== positions)
      throw new GraphError(
        `node ${name} lays maps of ${positions} positions flat and is given ${given.join('×') || 'none'}`,
      );
    return [];
  },
  traced: { reshape: flattenOf, flatten: flattenOf, squeeze: flattenOf },
  // Linear layers take f32.
  forward(_, [x]) {
    const flat = reshape(x, [x.shape[0], -1]);
    return flat.dtype === 'f32' ? flat : cast(flat, 'f32');
  },
  classes: ({ positions }, [given]) => Array.from({ length: positions }, () => given).flat(),

  propagate: ({ positions }, [{ constant, image }]) => ({
    constant: Float64Array.from({ length: positions * constant.length }, (_, i) => constant[i % constant.length]),
    image: Uint8Array.from({ length: positions * image.length }, (_, i) => image[i % image.length]),
  }),
  needs(_, own, [given]) {
    const needed = new Uint8Array(given);
    for (const [i, needs] of own.entries()) needed[i % given] |= needs;
    return [needed];
  },

  // Channels of maps stand before the positions there.
  onnx: (_, [input], writer) =>
    writer.op(
      'Flatten',
      [writer.given[0].length === 2 ? writer.op('Transpose', [input], { perm: [0, 2, 3, 1] }) : input],
      {
        axis: 1,
      },
    ),
};
