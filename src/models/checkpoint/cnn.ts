// What convolutional networks are called elsewhere. Ours have torchvision's names; these are of timm and the common CIFAR repositories.
import type { Rule } from './rule.ts';

export const CNN_RULES: readonly Rule[] = [
  // Detectron2's ResNets.
  [/^stem\.conv1\.norm\./, 'bn1.'],
  [/^stem\.(?=conv1\.)/, ''],
  [/^res([2-5])\.(?=\d)/, (_, stage) => `layer${Number(stage) - 1}.`],
  [/\.conv([1-3])\.norm\./, '.bn$1.'],
  [/\.shortcut\.norm\./, '.downsample.1.'],
  [/\.shortcut\.(?=weight$)/, '.downsample.0.'],
  // pytorch-cifar's blocks and many after it.
  [/\.shortcut\.(?=\d)/, '.downsample.'],
  // torchvision's DenseNets before names could have no dots.
  [/(\.denselayer\d+\.(?:norm|conv))\.(?=\d)/, '$1'],
  // efficient_densenet_pytorch.
  [/^features\.norm_final\./, 'features.norm5.'],
  // pytorch-cifar100's ResNets: sequences in place of names.
  [/^conv1\.0\./, 'conv1.'],
  [/^conv1\.1\./, 'bn1.'],
  [/^conv([2-5])_x\./, (_, stage) => `layer${Number(stage) - 1}.`],
  [
    /\.residual_function\.(\d)\./,
    (_, place) => `.${Number(place) % 3 === 0 ? 'conv' : 'bn'}${Math.floor(Number(place) / 3) + 1}.`,
  ],
];
