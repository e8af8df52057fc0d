// A source: images N×H×W×channels, as the network takes them.
import { cast } from '../../ops/index.ts';
import { channels } from '../node/fields.ts';
import type { NodeBase, NodeKind } from '../node/kind.ts';

export interface ImageNode extends NodeBase {
  op: 'image';
  channels: number;
}

export const image: NodeKind<ImageNode> = {
  op: 'image',
  fields: { channels },
  source: true,
  reads: () => [],
  channels: ({ channels }) => channels,
  extent: (_node, _given, image) => image,
  layers: () => [],
  // In f16 under precision f16, where a stream with that precision saves the conversion.
  forward: (_, [x], { precision }) => (x.dtype === precision ? x : cast(x, precision)),
  macs: () => 0,
  classes: ({ channels }, _, space) => space.fresh(channels),

  propagate: ({ channels }) => ({
    constant: new Float64Array(channels).fill(Number.NaN),
    image: new Uint8Array(channels).fill(1),
  }),
  needs: () => [],
  rectified: () => false,
  shrink: (node) => node,
  write: () => [],

  onnx({ name, channels }, [input], writer) {
    const { scale } = writer;
    if (!scale) return input;
    const channelwise = (part: 'mean' | 'std'): string =>
      writer.constant(`${name}.${part}`, writer.channelShape(channels), Float32Array.from(scale[part]));
    const [mean, std] = [channelwise('mean'), channelwise('std')];
    return writer.op('Div', [writer.op('Sub', [input, mean]), std]);
  },
};
