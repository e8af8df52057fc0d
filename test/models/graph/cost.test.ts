// Counted costs against published figures and counts by hand.
import { describe, expect, it } from 'vitest';
import { networkCost } from '../../../src/models/graph/cost.ts';
import { GraphError } from '../../../src/models/node/kind.ts';
import { createModel, describeModel, modelNames } from '../../../src/models/zoo/registry.ts';

describe('multiplications for one image', () => {
  // torchvision's weights carry these as `_ops` (it calls a multiplication with its addition one operation).
  it.each([
    ['resnet18-imagenet', 1.814],
    ['resnet34-imagenet', 3.664],
    ['resnet50-imagenet', 4.089],
  ])('%s at 224: %f G, as torchvision states', (name, giga) => {
    expect(networkCost(describeModel(name)).macs / 1e9).toBeCloseTo(giga, 3);
  });

  it('resnet18 for CIFAR, by hand', () => {
    // Every stage has four 3×3 convolutions, of which the first of stages 2 to 4 takes half the channels; 32²·64² = 16²·128² = ... so all cost alike.
    const one = 9 * 32 ** 2 * 64 ** 2;
    const stem = 9 * 32 ** 2 * 3 * 64;
    const shortcuts = (3 * one) / 9 / 2;
    expect(networkCost(describeModel('resnet18')).macs).toBe(stem + 4 * one + 3 * 3.5 * one + shortcuts + 512 * 10);
  });

  it('vgg16 for CIFAR, by hand', () => {
    // Stages relative to one such convolution: that which widens reads half the channels; the fifth stage widens nothing, at a quarter of the fourth's pixels.
    const one = 9 * 32 ** 2 * 64 ** 2;
    const stem = 9 * 32 ** 2 * 3 * 64;
    expect(networkCost(describeModel('vgg16')).macs).toBe(stem + one * (1 + 1.5 + 2.5 + 2.5 + 3 / 4) + 512 * 10);
  });

  it('densenet-bc-100-12, by hand', () => {
    // Layer k of a block reads c + 12k channels into 48, and those into 12 (Huang et al. 2017, growth 12); blocks begin with 24, 108 and 150.
    const block = (begin: number, side: number): number => {
      let macs = 0;
      for (let k = 0; k < 16; k++) macs += side ** 2 * ((begin + 12 * k) * 48 + 9 * 48 * 12);
      return macs;
    };
    const stem = 9 * 32 ** 2 * 3 * 24;
    const transitions = 32 ** 2 * 216 * 108 + 16 ** 2 * 300 * 150;
    const macs = stem + block(24, 32) + block(108, 16) + block(150, 8) + transitions + 342 * 10;
    expect(networkCost(describeModel('densenet-bc-100-12')).macs).toBe(macs);
    expect(macs / 1e9).toBeCloseTo(0.29, 2);
  });
});

it.each(modelNames)('%s: parameters are those that the network has', (name) => {
  const cost = networkCost(describeModel(name));
  expect(cost.parameters).toBe(createModel(name).parameterCount());
  expect(cost.flops).toBe(2 * cost.macs);
  expect(cost.nodes.reduce((sum, node) => sum + node.macs, 0)).toBe(cost.macs);
});

it('other sizes: sides are followed through strides and pools, and what does not fit is an error', () => {
  const { nodes } = networkCost(describeModel('resnet18-imagenet'), 65);
  const sides = new Map(nodes.map(({ name, side }) => [name, side]));
  expect(
    ['conv1', 'maxpool', 'layer1.0', 'layer2.0', 'layer3.0', 'layer4.0', 'avgpool'].map((n) => sides.get(n)),
  ).toEqual([33, 17, 17, 9, 5, 3, 1]);
  expect(() => networkCost(describeModel('vgg16'), 16)).toThrow(GraphError);
  expect(() => networkCost(describeModel('vgg16'), 16)).toThrow('does not fit images of 16×16');
});
