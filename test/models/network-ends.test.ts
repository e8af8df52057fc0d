// Networks that do not go from one image to logits: values by hand, and as the sum of their parts.
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/models/graph/builder.ts';
import { networkCost } from '../../src/models/graph/cost.ts';
import type { Graph } from '../../src/models/graph/graph.ts';
import { Network } from '../../src/models/network.ts';
import { EVAL, TRAIN } from '../../src/nn/module.ts';
import { loadStateDict, type StateTensor } from '../../src/nn/state-dict.ts';
import { add } from '../../src/ops/arithmetic/binary.ts';
import { sum } from '../../src/ops/reduce/sum.ts';
import { backward, noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { distance } from '../support/check.ts';
import { evaluateOutputs, randomDict } from '../support/evaluate.ts';
import { gpu, on } from '../support/gpu.ts';
import { imagesFor, outputsFor, valuesOf } from '../support/graph.ts';

const weight = (value: number): StateTensor => ({ shape: [1, 1, 1, 1], data: Float32Array.of(value) });

/** 2·left + 3·right, each an image of one channel. */
function sumOfTwo(): Network {
  const b = new GraphBuilder();
  const [left, right] = [b.image(1, 'left'), b.image(1, 'right')];
  b.conv(right, 'three', 1, { kernel: 1, residual: b.conv(left, 'two', 1, { kernel: 1 }) });
  const network = new Network(b.graph('sum of two', 2)).to(gpu, 1);
  loadStateDict(
    network,
    new Map([
      ['two.weight', weight(2)],
      ['three.weight', weight(3)],
    ]),
  );
  return network;
}

/** A trunk with a map of scores and logits. */
function twoHeads(outputs = ['score', 'fc']): Graph {
  const b = new GraphBuilder();
  const trunk = b.conv(b.image(), 'trunk', 8, { norm: 'trunk.norm', relu: true });
  b.conv(trunk, 'score', 5, { kernel: 1, bias: true });
  b.linear(b.globalPool(b.conv(trunk, 'deep', 6, { stride: 2, norm: 'deep.norm', relu: true })), 'fc', 4);
  return b.graph('two heads', 8, outputs);
}

describe('two sources', () => {
  it('by hand, and the map that it ends in', async () => {
    const network = sumOfTwo();
    const left = on([1, 2, 3, 4], [1, 2, 2, 1]);
    const right = on([10, 20, 30, 40], [1, 2, 2, 1]);
    const y = noGrad(() => scope(() => network.forward({ left, right }, EVAL)));
    expect(y.shape).toEqual([1, 2, 2, 1]);
    expect([...(await y.floats())]).toEqual([32, 64, 96, 128]);
    expect([left.released, right.released]).toEqual([false, false]);
    for (const made of [y, left, right, network]) made.release();
  });

  it('others than there are is one line that names them', () => {
    const network = sumOfTwo();
    const x = on([1, 2, 3, 4], [1, 2, 2, 1]);
    const refused = (given: Parameters<Network['forward']>[0], what: string): void =>
      expect(() => network.forward(given, EVAL)).toThrow(
        `sum of two takes images for left, right, a tensor for each, and is given ${what}`,
      );
    refused(x, 'one tensor');
    refused({ left: x }, 'left');
    refused({ left: x, up: x }, 'left, up');
    for (const made of [x, network]) made.release();
  });

  it('one source may be given by its name', async () => {
    const network = new Network(twoHeads(['fc'])).to(gpu, 2);
    const x = on(imagesFor(network.graph, 1).image.values, imagesFor(network.graph, 1).image.shape);
    const [bare, named] = [x, { image: x }].map((given) => noGrad(() => scope(() => network.forward(given, EVAL))));
    expect(await named.floats()).toEqual(await bare.floats());
    for (const made of [bare, named, x, network]) made.release();
  });
});

describe('two outputs', () => {
  const graph = twoHeads();
  const dict = randomDict(graph, 3);

  it('are those of two networks with one each, to the bit, and those of float64', async () => {
    const images = imagesFor(graph, 5);
    const both = await outputsFor(graph, dict, images);
    expect(Object.keys(both)).toEqual(['score', 'fc']);
    for (const name of ['score', 'fc'])
      expect((await outputsFor(twoHeads([name]), dict, images))[name]).toEqual(both[name]);
    const { values, shape } = images.image;
    const each = values.length / shape[0];
    for (const i of [0, 1]) {
      const expected = evaluateOutputs(graph, dict, values.slice(i * each, (i + 1) * each));
      for (const name of ['score', 'fc']) {
        const part = both[name].length / shape[0];
        expect(distance(both[name].slice(i * part, (i + 1) * part), expected[name])).toBeLessThan(1e-5);
      }
    }
  });

  it('hold nothing but themselves without a tape, and forward() says to ask for them', async () => {
    const network = new Network(graph).to(gpu, 1);
    expect(() => network.forward({}, EVAL)).toThrow('two heads has 2 outputs, score, fc: outputs() gives them all');
    const { values, shape } = imagesFor(graph, 5).image;
    const x = on(values, shape);
    const { current } = gpu.memory.stats();
    const made = noGrad(() => network.outputs(x, EVAL));
    expect(made.score.shape).toEqual([2, 8, 8, 5]);
    expect(made.fc.shape).toEqual([2, 4]);
    await made.fc.floats();
    for (const tensor of Object.values(made)) tensor.release();
    expect(gpu.memory.stats().current).toBe(current);
    for (const owned of [x, network]) owned.release();
  });

  it('both give gradients to what they share', async () => {
    const gradients: Float32Array[] = [];
    for (const outputs of [['score'], ['fc'], ['score', 'fc']]) {
      const network = new Network({ ...graph, outputs }).to(gpu, 1);
      loadStateDict(network, dict);
      const { values, shape } = imagesFor(graph, 5).image;
      const x = on(values, shape);
      scope(() => {
        const totals = Object.values(network.outputs(x, TRAIN)).map((y) => sum(y));
        backward(totals.reduce((a, b) => add(a, b)));
      });
      gradients.push(await network.arena.tensors.get('trunk.weight')!.grad!.floats());
      for (const made of [x, network]) made.release();
    }
    const [score, fc, both] = gradients;
    expect(
      distance(
        both,
        score.map((g, i) => g + fc[i]),
      ),
    ).toBeLessThan(1e-5);
    expect([score, fc].every((list) => list.some((g) => g !== 0))).toBe(true);
  });

  it('cost what their parts cost', () => {
    const cost = networkCost(graph);
    const trunk = { parameters: 3 * 8 * 9 + 16, macs: 3 * 8 * 9 * 64 };
    const score = { parameters: 8 * 5 + 5, macs: 8 * 5 * 64 };
    const deep = { parameters: 8 * 6 * 9 + 12, macs: 8 * 6 * 9 * 16 };
    const fc = { parameters: 6 * 4 + 4, macs: 6 * 4 };
    for (const of of ['parameters', 'macs'] as const) expect(cost[of]).toBe(trunk[of] + score[of] + deep[of] + fc[of]);
  });

  it('a block of channels that is an output on its way is whole there', async () => {
    const b = new GraphBuilder();
    let x = b.conv(b.image(), 'stem', 4);
    for (const i of [0, 1]) x = b.concat(`block${i}`, x, b.conv(b.norm(x, `norm${i}`), `conv${i}`, 4));
    const made = b.graph('block', 6, ['block0', 'block1']);
    const network = new Network(made).to(gpu, 1);
    const { block0, block1 } = await valuesOf(network, imagesFor(made, 2));
    expect(block0.data).toEqual(
      Float32Array.from(block0.data, (_, i) => block1.data[Math.floor(i / 8) * 12 + (i % 8)]),
    );
    network.release();
  });
});
