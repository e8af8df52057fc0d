// The ResNets (He et al. 2016): for CIFAR with a 3×3 stem without pooling (docs/method.md §9), for ImageNet as torchvision lays them out, with the stride of
// a bottleneck in its 3×3 convolution. Names are torchvision's.
import { needFields } from '../../gpu/index.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph } from '../graph/graph.ts';

/** The stages of a ResNet. */
export interface ResNetConfig {
  model: string;
  /** Blocks in each stage. */
  blocks: readonly number[];
  /** Channels in each stage; the stem has those of the first. */
  widths: readonly number[];
  classes: number;
  stem: 'cifar' | 'imagenet';
  /** How much wider a block's output is than its stage: 1 for basic blocks, 4 for bottlenecks. */
  expansion?: 1 | 4;
  /** Does a bottleneck have its stride in its first 1×1 convolution, as He et al. 2016 published it? Default false: in the 3×3. */
  strideFirst?: boolean;
}

/** A ResNet (He et al. 2016), by torchvision's names: of basic blocks, or of bottlenecks where `expansion` is 4. */
export function resnet(config: ResNetConfig): Graph {
  needFields('resnet', 'config', config, {
    model: 'a text',
    blocks: 'a list',
    widths: 'a list',
    classes: 'a whole number',
    stem: 'a text',
  });
  const { model, blocks, widths, classes, stem, expansion = 1, strideFirst } = config;
  const b = new GraphBuilder();
  let x = b.image();
  if (stem === 'cifar') x = b.conv(x, 'conv1', widths[0], { norm: 'bn1', relu: true });
  else {
    x = b.conv(x, 'conv1', widths[0], { kernel: 7, stride: 2, norm: 'bn1', relu: true });
    x = b.pool('maxPool', 'maxpool', x, 3, 2, 1);
  }
  for (const [s, count] of blocks.entries())
    for (let i = 0; i < count; i++) {
      const name = `layer${s + 1}.${i}`;
      const stride = i === 0 && s > 0 ? 2 : 1;
      const outputs = widths[s] * expansion;
      const inner = (conv: number, input: string, kernel: number, stride: number): string =>
        b.conv(input, `${name}.conv${conv}`, widths[s], { kernel, stride, norm: `${name}.bn${conv}`, relu: true });
      const deep = expansion > 1;
      const [first, second] = strideFirst ? [stride, 1] : [1, stride];
      const y = deep ? inner(2, inner(1, x, 1, first), 3, second) : inner(1, x, 3, stride);
      const residual =
        stride !== 1 || b.width(x) !== outputs
          ? b.conv(x, `${name}.downsample.0`, outputs, { kernel: 1, stride, norm: `${name}.downsample.1` })
          : x;
      const last = deep ? 3 : 2;
      const kernel = deep ? 1 : 3;
      x = b.conv(y, `${name}.conv${last}`, outputs, { name, kernel, norm: `${name}.bn${last}`, residual, relu: true });
    }
  b.linear(b.globalPool(x), 'fc', classes);
  return b.graph(model, stem === 'cifar' ? 32 : 224);
}
