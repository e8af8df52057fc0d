// Vision transformers: sizes and names as they are published, and a small one through everything that is done with graphs.
import { describe, expect, it } from 'vitest';
import { networkCost, networkParameters } from '../../../src/models/graph/cost.ts';
import { Network } from '../../../src/models/network.ts';
import { describeModel } from '../../../src/models/zoo/registry.ts';
import { vit } from '../../../src/models/zoo/vit.ts';
import { agreesWithItself } from '../../support/graph.ts';

const small = vit({ model: 'small vit', size: 12, patch: 4, width: 6, blocks: 2, heads: 2, classes: 3 });

describe('a small vit', () => agreesWithItself(small));

describe('sizes', () => {
  it.each([
    ['vit-b-16', 224, 86_567_656],
    ['vit-b-16', 384, 86_859_496],
    ['vit-s-16', 224, 22_050_664],
    ['vit-t-16', 224, 5_717_416],
    ['vit-tiny-cifar', 32, 2_693_578],
  ])('%s for images of %i has %i parameters', (name, size, parameters) => {
    const graph = describeModel(name, { size });
    expect(networkParameters(graph)).toBe(parameters);
    expect(networkCost(graph).parameters).toBe(parameters);
  });

  it('thinner ones have whole heads of about the same depth', () => {
    for (const width of [0.9, 0.75, 0.5, 0.1, 2 ** -12])
      for (const node of describeModel('vit-b-16', { width }).nodes) {
        if (node.op !== 'attention') continue;
        expect(node.depth).toBe(node.valueDepth);
        if (width >= 0.5) expect(Math.abs(Number(node.depth) - 64)).toBeLessThan(6);
      }
  });

  it('an image that patches do not fill is refused', () => {
    expect(() => describeModel('vit-t-16', { size: 100 })).toThrow(
      "model vit-t-16: size 100 is no multiple of its patches' side, 16",
    );
    expect(() => networkCost(describeModel('vit-tiny-cifar'), 64)).toThrow(
      'node tokens has places for 8×8 tokens and is given 16×16; make the model for images of that size',
    );
  });
});

it("parameters have timm's names and shapes, and gates go by outputs but for the head's", () => {
  const network = new Network(small);
  const names = network.namedParameters().map(([name]) => name);
  expect(names.slice(0, 8)).toEqual([
    'patch_embed.proj.weight',
    'patch_embed.proj.bias',
    'cls_token',
    'pos_embed',
    'blocks.0.norm1.weight',
    'blocks.0.norm1.bias',
    'blocks.0.attn.qkv.weight',
    'blocks.0.attn.qkv.bias',
  ]);
  expect(names.slice(-4)).toEqual(['norm.weight', 'norm.bias', 'head.weight', 'head.bias']);
  expect(network.gatedLayers().map(({ name, filter }) => `${name} ${filter}`)).toEqual([
    'patch_embed.proj output',
    ...[0, 1].flatMap((i) =>
      ['attn.qkv', 'attn.proj', 'mlp.fc1', 'mlp.fc2'].map((name) => `blocks.${i}.${name} output`),
    ),
    'head input',
  ]);
});
