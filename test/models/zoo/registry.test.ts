// Networks by name: their parameter counts as docs/method.md §9 and torchvision have them, thinner ones, and what is refused.
import { describe, expect, it } from 'vitest';
import { channelClasses } from '../../../src/models/graph/channels.ts';
import { Network } from '../../../src/models/network.ts';
import { GraphError } from '../../../src/models/node/kind.ts';
import { createModel, describeModel, modelNames, widthFor } from '../../../src/models/zoo/registry.ts';

describe('parameter counts', () => {
  it.each([
    ['resnet18', 10, 11_173_962],
    ['resnet18', 100, 11_220_132],
    ['resnet34', 10, 21_282_122],
    ['resnet34', 100, 21_328_292],
    ['densenet-bc-100-12', 10, 769_162],
    ['densenet-bc-100-12', 100, 800_032],
    ['vgg16', 10, 14_728_266],
    ['resnet18-imagenet', undefined, 11_689_512],
    ['resnet34-imagenet', undefined, 21_797_672],
    ['resnet50-imagenet', undefined, 25_557_032],
    ['resnet-small', 10, 78_042],
  ])('%s with %s classes has %i', (name, classes, parameters) => {
    expect(createModel(name, { classes }).parameterCount()).toBe(parameters);
  });
});

it('an unknown model is one line that lists the names', () => {
  expect(() => createModel('resnet19')).toThrow(`there is no model "resnet19"; there are ${modelNames.join(', ')}`);
  expect(() => createModel('toString')).toThrow('there is no model');
});

describe('thinner networks', () => {
  it.each(modelNames)('%s at half its parameters, and not a channel more than fits', (name) => {
    const half = createModel(name).parameterCount() / 2;
    const width = widthFor(name, half);
    const found = createModel(name, { width }).parameterCount();
    expect(found).toBeLessThanOrEqual(half);
    expect(createModel(name, { width: width + 1e-6 }).parameterCount()).toBeGreaterThan(half);
  });

  it('the whole network fits its own count, and where none fits it is the thinnest', () => {
    expect(widthFor('resnet-small', 78_042)).toBe(1);
    const { nodes } = describeModel('resnet-small', { width: widthFor('resnet-small', 1) });
    expect(nodes.flatMap((node) => (node.op === 'conv' ? [node.outputs] : [])).every((width) => width === 1)).toBe(
      true,
    );
    expect(() => createModel('resnet-small', { width: 0 })).toThrow('takes a number from 0 to 1');
  });
});

describe('graphs', () => {
  it('every model is one that hangs together, and survives being written down', () => {
    for (const name of modelNames) {
      const graph = describeModel(name);
      const names = (network: Network) => network.namedParameters().map(([key, { shape }]) => `${key} ${shape}`);
      expect(names(new Network(JSON.parse(JSON.stringify(graph))))).toEqual(names(new Network(graph)));
    }
  });

  it.each([
    [
      'a node that is read before it is made',
      { input: 'conv9' },
      'node conv1 reads conv9, which does not come before it',
    ],
    ['channels that do not fit', { inputs: 4 }, 'node conv1 takes 4 channels and is given 3'],
    ['two nodes of one name', { name: 'image' }, 'there are two nodes image'],
  ])('%s', (_, change, message) => {
    const graph = describeModel('resnet-small');
    Object.assign(graph.nodes[1], change);
    expect(() => new Network(graph)).toThrow(GraphError);
    expect(() => new Network(graph)).toThrow(message);
  });

  it('a residual sum is one class of channels, a concatenation has those of its parts', () => {
    const sums = channelClasses(describeModel('resnet-small')).of;
    expect(sums.get('layer1.0')).toEqual(sums.get('conv1'));
    expect(sums.get('layer2.0')).toEqual(sums.get('layer2.0.downsample.0'));
    expect(sums.get('layer1.0.conv1')![0]).not.toBe(sums.get('conv1')![0]);
    const dense = channelClasses(describeModel('densenet-small')).of;
    const first = 'features.denseblock1.denselayer1';
    expect([...dense.get(first)!]).toEqual([...dense.get('features.conv0')!, ...dense.get(`${first}.conv2`)!]);
    expect(dense.get(`${first}.norm1`)).toEqual(dense.get('features.conv0'));
  });
});
