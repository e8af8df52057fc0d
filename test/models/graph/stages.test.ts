// Graphs without their heads: where stages end, also of what compaction left, and the part up to there.
import { expect, it } from 'vitest';
import { partOf, stageEnds, stemEnd } from '../../../src/models/graph/stages.ts';
import { Network } from '../../../src/models/network.ts';
import { GraphError } from '../../../src/models/node/kind.ts';
import { describeModel } from '../../../src/models/zoo/registry.ts';
import { resnet } from '../../../src/models/zoo/resnet.ts';
import { EVAL } from '../../../src/nn/module.ts';
import { noGrad } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { smallBackbone } from '../../support/detector.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

it.each([
  ['resnet50-imagenet', [4, 8, 16, 32], ['layer1.2', 'layer2.3', 'layer3.5', 'layer4.2'], 'maxpool'],
  ['resnet18', [1, 2, 4, 8], ['layer1.1', 'layer2.1', 'layer3.1', 'layer4.1'], 'conv1'],
  ['vgg16', [1, 2, 4], ['features.3', 'features.10', 'features.20'], 'features.0'],
])('of %s end with blocks', (model, strides, ends, stem) => {
  const graph = describeModel(model);
  expect(stageEnds(graph, strides)).toEqual(ends);
  expect(stemEnd(graph)).toBe(stem);
});

it('have the stride where a bottleneck has it', () => {
  const strides = (strideFirst: boolean): number[] =>
    resnet({
      model: 'm',
      blocks: [1, 1],
      widths: [4, 4],
      classes: 2,
      stem: 'imagenet',
      expansion: 4,
      strideFirst,
    }).nodes.flatMap((node) => (node.op === 'conv' && node.name.startsWith('layer2.0') ? [node.stride] : []));
  expect(strides(false)).toEqual([1, 2, 2, 1]);
  expect(strides(true)).toEqual([2, 1, 2, 1]);
});

it('the part up to some nodes gives their values, and has no more', async () => {
  const whole = smallBackbone();
  const part = partOf(whole, ['layer1.0', 'layer3.0']);
  expect(part.nodes.at(-1)!.name).toBe('layer3.0');
  const networks = [new Network(whole).to(gpu, 1), new Network(part).to(gpu, 1)];
  expect(networks[1].parameterCount()).toBeLessThan(networks[0].parameterCount());
  const x = on(values(1, 32 * 32 * 3), [1, 32, 32, 3]);
  const seen = networks.map((network) => noGrad(() => scope(() => network.values(x, EVAL, part.outputs!))));
  for (const i of [0, 1]) expect(await seen[1][i].floats()).toEqual(await seen[0][i].floats());
  expect(Object.keys(noGrad(() => scope(() => networks[1].outputs(x, EVAL))))).toEqual(part.outputs);
  for (const one of [x, ...networks, ...seen.flat()]) one.release();
});

it('a node that is none is refused', () => {
  expect(() => partOf(smallBackbone(), ['layer9'])).toThrow(GraphError);
});
