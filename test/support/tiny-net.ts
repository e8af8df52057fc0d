// A network small enough to reason about: two convolutions, a pool and a linear layer, without normalization.
import { GraphBuilder } from '../../src/models/graph/builder.ts';
import { Network } from '../../src/models/network.ts';

export function tinyNet(): Network {
  const b = new GraphBuilder();
  const hidden = b.conv(b.conv(b.image(), 'conv1', 6, { relu: true }), 'conv2', 10, { relu: true });
  b.linear(b.globalPool(hidden), 'fc', 4);
  return new Network(b.graph('tiny', 8));
}
