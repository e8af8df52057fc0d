// VGG16 with batch norm (Simonyan and Zisserman 2015, configuration D) as it is used on CIFAR: one linear layer on 512 channels. The names are those of
// `features.N` and `classifier`, N counting convolutions, normalizations, ReLUs and pools.
import { needFields } from '../../gpu/index.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph } from '../graph/graph.ts';

/** What decides a VGG. */
export interface VggConfig {
  model: string;
  /** Channels of the convolutions between two pools. */
  stages: readonly (readonly number[])[];
  classes: number;
}

/** A VGG with batch norm (Simonyan and Zisserman 2015) for images of 32×32: the widths of each stage's convolutions, a pool behind each stage. */
export function vgg(config: VggConfig): Graph {
  needFields('vgg', 'config', config, { model: 'a text', stages: 'a list', classes: 'a whole number' });
  const { model, stages, classes } = config;
  const b = new GraphBuilder();
  let x = b.image();
  let n = 0;
  for (const widths of stages) {
    for (const width of widths) {
      x = b.conv(x, `features.${n}`, width, { bias: true, norm: `features.${n + 1}`, relu: true });
      n += 3;
    }
    x = b.pool('maxPool', `features.${n++}`, x, 2);
  }
  b.linear(b.globalPool(x), 'classifier', classes);
  return b.graph(model, 2 ** stages.length);
}
