// Compacted networks against those that they came from: every backbone under random cuts.
import { describe, expect, it } from 'vitest';
import { networkCost } from '../../src/models/graph/cost.ts';
import type { Graph } from '../../src/models/graph/graph.ts';
import { Network } from '../../src/models/network.ts';
import { describeModel } from '../../src/models/zoo/registry.ts';
import { EVAL } from '../../src/nn/module.ts';
import { loadStateDict, type StateTensor } from '../../src/nn/state-dict.ts';
import { compact } from '../../src/prune/compact.ts';
import { CompactError } from '../../src/prune/error.ts';
import { noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { cutWeights, evaluate, randomDict, shapesOf } from '../support/evaluate.ts';
import { gpu, on } from '../support/gpu.ts';
import { differentModels } from '../support/models.ts';
import { generator, values } from '../support/random.ts';

/** docs/method.md §7. */
const TOLERANCE = 1e-4;

/** Models made thin, with a side of images that is large enough for borders to matter. */
const thin = (name: string): { graph: Graph; side: number } => {
  if (name.startsWith('vit')) return { graph: describeModel(name, { width: 0.02, classes: 7, size: 32 }), side: 32 };
  const imagenet = name.endsWith('imagenet');
  const width = imagenet ? 0.06 : name.startsWith('densenet-bc') ? 0.2 : name.endsWith('small') ? 0.5 : 0.08;
  return { graph: describeModel(name, { width, classes: 7 }), side: imagenet ? 64 : name === 'vgg16' ? 32 : 16 };
};

const cutAtRandom = (graph: Graph, dict: Map<string, StateTensor>, seed: number, density: number): void => {
  const next = generator(seed);
  cutWeights(graph, dict, () => next() < density);
};

function expectSame(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = TOLERANCE): void {
  const largest = Math.max(...Array.from(expected, Math.abs));
  const error = Math.max(...Array.from(expected, (value, i) => Math.abs(value - actual[i])));
  expect(actual.length).toBe(expected.length);
  expect(error / largest).toBeLessThan(tolerance);
}

/** Compacts, to all that can go and to multiples of four, compares logits in float64, and that the dict is the smaller graph's. Returns the smallest. */
function expectEqual(graph: Graph, dict: Map<string, StateTensor>, side: number): ReturnType<typeof compact> {
  const [smallest, even] = [1, 4].map((multiple) => compact(graph, dict, { multiple }));
  const image = values(31, side * side * 3);
  const expected = evaluate(graph, dict, image);
  for (const compacted of [smallest, even]) {
    expectSame(evaluate(compacted.graph, compacted.dict, image), expected, TOLERANCE / 10);
    expect(new Map([...compacted.dict].map(([name, { shape }]) => [name, shape]))).toEqual(shapesOf(compacted.graph));
  }
  expect(even.removed.parameters).toBeLessThanOrEqual(smallest.removed.parameters);
  return smallest;
}

describe.each(differentModels)('%s', (name) => {
  const { graph, side } = thin(name);

  it('whole, it stays as it is', () => {
    const dict = randomDict(graph, 1);
    const compacted = compact(graph, dict);
    expect(compacted).toEqual({ graph, dict, removed: { parameters: 0, layers: [] } });
  });

  it.each([0.9, 0.5])('cut to %f, its outputs stay', (density) => {
    const dict = randomDict(graph, 2);
    cutAtRandom(graph, dict, 3, density);
    const { graph: smaller, removed } = expectEqual(graph, dict, side);
    expect(networkCost(smaller).parameters).toBe(networkCost(graph).parameters - removed.parameters);
  });

  it.each([0.2, 0.05])('cut to %f, they stay, or the image did not reach them', (density) => {
    const dict = randomDict(graph, 2);
    cutAtRandom(graph, dict, 3, density);
    try {
      expect(expectEqual(graph, dict, side).removed.parameters).toBeGreaterThan(0);
    } catch (error) {
      if (!(error instanceof CompactError)) throw error;
      const [a, b] = [4, 5].map((seed) => evaluate(graph, dict, values(seed, side * side * 3)));
      expect(a).toEqual(b);
    }
  });

  it('and on the GPU', async () => {
    const dict = randomDict(graph, 6);
    cutAtRandom(graph, dict, 7, 0.4);
    const compacted = compact(graph, dict, { multiple: 1 });
    expect(compacted.removed.parameters).toBeGreaterThan(0);
    const x = on(values(8, 2 * side * side * 3), [2, side, side, 3]);
    const logits: Float32Array[] = [];
    for (const made of [{ graph, dict }, compacted]) {
      const network = new Network(made.graph).to(gpu, 1);
      loadStateDict(network, made.dict);
      const y = noGrad(() => scope(() => network.forward(x, EVAL)));
      logits.push(await y.floats());
      y.release();
      network.release();
    }
    x.release();
    expectSame(logits[1], logits[0]);
  });
});

describe('multiples of four', () => {
  it.each(['resnet18', 'densenet-small', 'vgg16'])(
    '%s: what can go stays until every space counts four, as far as it had them',
    (name) => {
      const graph = describeModel(name, { width: 0.25 });
      const dict = randomDict(graph, 3);
      // Every third filter is cut.
      cutWeights(graph, dict, (_, output) => output % 3 > 0);
      const [smallest, even] = [1, 4].map((multiple) => compact(graph, dict, { multiple }));
      const outputs = (of: Graph) =>
        of.nodes.flatMap((node) => (node.op === 'conv' ? [[node.conv, node.outputs] as const] : []));
      const [before, least] = [new Map(outputs(graph)), new Map(outputs(smallest.graph))];
      for (const [conv, found] of outputs(even.graph))
        expect(found, conv).toBe(Math.min(before.get(conv)!, Math.ceil(least.get(conv)! / 4) * 4));
    },
  );
});
