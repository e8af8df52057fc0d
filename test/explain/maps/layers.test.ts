// What gradCam calls a layer, how large its map is, and what it refuses.
import { describe, expect, it } from 'vitest';
import { type GradCamOptions, gradCam } from '../../../src/explain/maps/grad-cam.ts';
import { ExplainError, findLayer, mapSizes } from '../../../src/explain/maps/layers.ts';
import { GraphBuilder } from '../../../src/models/graph/builder.ts';
import { readsOf } from '../../../src/models/graph/graph.ts';
import { Network } from '../../../src/models/network.ts';
import { describeModel } from '../../../src/models/zoo/registry.ts';
import { gpu } from '../../support/gpu.ts';
import { tinyNet } from '../../support/tiny-net.ts';
import { images } from './networks.ts';

describe('what cannot be explained', () => {
  const failure = (options: GradCamOptions): Promise<unknown> => {
    const network = tinyNet().to(gpu, 1);
    const x = images(2, 8);
    return gradCam(network, x, options).then(
      () => undefined,
      (error: unknown) => {
        for (const made of [x, network]) made.release();
        return error;
      },
    );
  };

  it.each([
    [{ layer: 'conv9' }, 'there is no layer "conv9" in tiny; layers with a map: image, conv1, conv2'],
    [
      { layer: 'avgpool' },
      'layer "avgpool" of tiny comes after the global pooling or the class token and has no map; layers with a map: image, conv1, conv2',
    ],
    [{ classes: [0, 4] }, 'class 4 for image 1: tiny has 4 classes, 0 to 3'],
    [{ classes: [0.5, 1] }, 'class 0.5 for image 0: tiny has 4 classes, 0 to 3'],
    [{ classes: [1] }, '1 classes are given for 2 images; gradCam takes one for each'],
  ])('%o', async (options, message) => {
    const error = await failure(options);
    expect(error).toBeInstanceOf(ExplainError);
    expect((error as Error).message).toBe(message);
  });

  it('a network without classes', async () => {
    const b = new GraphBuilder();
    b.conv(b.image(), 'map', 4);
    const network = new Network(b.graph('mapping', 8)).to(gpu, 1);
    const x = images(1, 8);
    const error = await gradCam(network, x).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ExplainError);
    expect((error as Error).message).toBe('mapping tells no classes apart, so there is no class to explain');
    for (const made of [x, network]) made.release();
  });

  it('a layer that the logits do not depend on', async () => {
    const b = new GraphBuilder();
    b.conv(b.image(), 'aside', 4);
    b.linear(b.globalPool(b.conv('image', 'conv', 4)), 'fc', 3);
    const network = new Network(b.graph('forked', 8)).to(gpu, 1);
    const x = images(1, 8);
    const held = gpu.memory.stats().current;
    await expect(gradCam(network, x, { layer: 'aside' })).rejects.toThrow(
      'the logits of forked do not depend on its layer aside',
    );
    expect(gpu.memory.stats().current).toBe(held);
    for (const made of [x, network]) made.release();
  });
});

describe('layers', () => {
  it('go by the names of their nodes and parameters', () => {
    const graph = describeModel('resnet18');
    const side = { height: 32, width: 32 };
    expect(findLayer(graph, side)).toBe('layer4.1');
    for (const name of ['layer4.1', 'layer4.1.conv2', 'layer4.1.bn2'])
      expect(findLayer(graph, side, name)).toBe('layer4.1');
    expect(findLayer(graph, side, 'bn1')).toBe('conv1');
    expect(findLayer(describeModel('densenet-bc-100-12'), side)).toBe('features.norm5');
    // After its last pool a VGG on CIFAR has one position left.
    expect(findLayer(describeModel('vgg16'), side)).toBe('features.40');
    expect(findLayer(describeModel('vgg16'), { height: 64, width: 64 })).toBe('features.43');
    expect(() => findLayer(graph, side, 'fc')).toThrow('"fc" of resnet18 comes after the global pooling');
  });

  it.each(['resnet18', 'densenet-small', 'resnet50-imagenet'])('of %s have a size where they have a map', (model) => {
    const { nodes } = describeModel(model);
    const sizes = mapSizes({ model, size: 32, nodes }, { height: 33, width: 64 });
    expect(nodes.filter(({ name }) => !sizes.has(name)).map(({ op }) => op)).toEqual(['globalPool', 'linear']);
    for (const node of nodes.filter(({ op }) => op === 'concat' || op === 'norm'))
      expect(sizes.get(node.name)).toEqual(sizes.get(readsOf(node)[0]));
  });
});

it('tokens of patches are maps, and the default is what the last attention is made of', () => {
  const graph = describeModel('vit-tiny-cifar');
  const side = { height: 32, width: 32 };
  const sizes = mapSizes(graph, side);
  const without = graph.nodes.filter(({ name }) => !sizes.has(name)).map(({ name }) => name);
  expect(without).toEqual(['token', 'head']);
  expect(sizes.get('patch_embed.proj')).toEqual({ height: 8, width: 8 });
  for (const name of ['tokens', 'blocks.0.attn', 'blocks.5.mlp.fc1', 'norm'])
    expect(sizes.get(name), name).toEqual({ height: 8, width: 8 });
  expect(findLayer(graph, side)).toBe('blocks.5.norm1');
  expect(findLayer(graph, side, 'blocks.2.attn.qkv')).toBe('blocks.2.attn.qkv');
  expect(() => findLayer(graph, side, 'head')).toThrow('or the class token and has no map');
});
