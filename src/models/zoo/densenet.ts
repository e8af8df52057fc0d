// DenseNet-BC (Huang et al. 2017) for CIFAR: layers of BN-ReLU-1×1-BN-ReLU-3×3 whose inputs are all that came before them in their block, and transitions
// that halve channels and sides. Names are torchvision's.
import { needFields } from '../../gpu/index.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph } from '../graph/graph.ts';

/** What decides a DenseNet-BC. */
export interface DenseNetConfig {
  model: string;
  /** Layers in each block. */
  layers: readonly number[];
  /** Channels that a layer adds. */
  growth: number;
  /** Channels of the stem. */
  stem: number;
  classes: number;
}

/** Channels of the 1×1 convolution, in growths. */
const BOTTLENECK = 4;

/** A DenseNet-BC (Huang et al. 2017) for images of 32×32: `layers` in each block, `growth` channels from each, `stem` before the first. */
export function densenet(config: DenseNetConfig): Graph {
  needFields('densenet', 'config', config, {
    model: 'a text',
    layers: 'a list',
    growth: 'a whole number',
    stem: 'a whole number',
    classes: 'a whole number',
  });
  const { model, layers, growth, stem, classes } = config;
  const b = new GraphBuilder();
  let x = b.conv(b.image(), 'features.conv0', stem);
  for (const [i, count] of layers.entries()) {
    for (let k = 1; k <= count; k++) {
      const name = `features.denseblock${i + 1}.denselayer${k}`;
      const narrow = b.conv(b.norm(x, `${name}.norm1`, { relu: true }), `${name}.conv1`, BOTTLENECK * growth, {
        kernel: 1,
        norm: `${name}.norm2`,
        relu: true,
      });
      x = b.concat(name, x, b.conv(narrow, `${name}.conv2`, growth));
    }
    if (i === layers.length - 1) continue;
    const name = `features.transition${i + 1}`;
    const halved = b.conv(b.norm(x, `${name}.norm`, { relu: true }), `${name}.conv`, b.width(x) >> 1, { kernel: 1 });
    x = b.pool('avgPool', `${name}.pool`, halved, 2);
  }
  b.linear(b.globalPool(b.norm(x, 'features.norm5', { relu: true })), 'classifier', classes);
  return b.graph(model, 32);
}
