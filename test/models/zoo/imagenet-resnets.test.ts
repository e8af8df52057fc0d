// The ResNets as torchvision lays them out for ImageNet, against PyTorch: 7×7 stem, overlapping max-pool, bottlenecks, images with odd sides.
import { describe } from 'vitest';
import { agreesWithTorch } from '../../support/backbone.ts';

describe.each(['resnet18-imagenet', 'resnet34-imagenet', 'resnet50-imagenet'] as const)('%s against PyTorch', (name) =>
  agreesWithTorch(name),
);
