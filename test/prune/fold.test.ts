// Folded gates against running under them, for every kind, and cuts to a part of all gates.
import { describe, expect, it } from 'vitest';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import { ConfigError } from '../../src/gpu/device/errors.ts';
import { Network } from '../../src/models/network.ts';
import { describeModel } from '../../src/models/zoo/registry.ts';
import { EVAL } from '../../src/nn/module.ts';
import { loadStateDict } from '../../src/nn/state-dict.ts';
import { readGates } from '../../src/prune/count.ts';
import { CompactError } from '../../src/prune/error.ts';
import { cutToFraction, foldGates } from '../../src/prune/fold.ts';
import type { GateKind } from '../../src/prune/gates.ts';
import { noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { randomDict } from '../support/evaluate.ts';
import { gpu, on } from '../support/gpu.ts';
import { generator, values } from '../support/random.ts';

const kinds: GateKind[] = ['connection', 'filter', 'channel'];
const SIDE = 16;

describe.each(['resnet-small', 'densenet-small', 'vgg16'])('%s', (name) => {
  const graph = describeModel(name, { width: name === 'vgg16' ? 0.08 : 0.5 });
  const side = name === 'vgg16' ? 32 : SIDE;

  it.each(kinds)('%s gates', async (kind) => {
    const dict = randomDict(graph, 1);
    const network = new Network(graph).to(gpu, 1);
    loadStateDict(network, dict);
    const layout = new GateLayout(network, kind);
    const next = generator(2);
    const gates = on(
      Float32Array.from({ length: layout.total }, () => Math.max(0, next() - 0.2)),
      [layout.total],
    );
    const x = on(values(3, side * side * 3), [1, side, side, 3]);
    const logits = async (run: () => Tensor): Promise<Float32Array> => {
      const y = noGrad(() => scope(run));
      const read = await y.floats();
      y.release();
      return read;
    };
    const plain = await logits(() => network.forward(x, EVAL));
    const gated = await logits(() => layout.gated(gates, () => network.forward(x, EVAL)));
    loadStateDict(network, foldGates(graph, dict, await readGates(layout, gates), kind));
    const folded = await logits(() => network.forward(x, EVAL));
    for (const made of [x, gates, network]) made.release();
    const largest = Math.max(...gated.map(Math.abs));
    const apart = (a: Float32Array): number => Math.max(...a.map((value, i) => Math.abs(value - gated[i]))) / largest;
    // The same products of f32 on the CPU as on the GPU, so that nothing but the order of roundings in the batch norm's folding may differ.
    expect(apart(folded)).toBeLessThan(1e-6);
    expect(apart(plain)).toBeGreaterThan(0.01);
  });
});

describe('what does not fit', () => {
  const graph = describeModel('resnet-small');
  const dict = randomDict(graph, 1);
  it.each([
    [
      'a layer of another network',
      new Map([['conv9', [1]]]),
      'there are gates for conv9, which is not one of its layers',
    ],
    ['gates of another kind', new Map([['conv1', new Float32Array(16)]]), 'conv1 takes 48 gates (connection), not 16'],
  ])('%s', (_, gates, message) => {
    expect(() => foldGates(graph, dict, gates, 'connection')).toThrow(CompactError);
    expect(() => foldGates(graph, dict, gates, 'connection')).toThrow(message);
  });

  it('a state dict of another model', () => {
    const other = randomDict(describeModel('densenet-small'), 1);
    const gates = new Map([['conv1', new Float32Array(48)]]);
    expect(() => foldGates(graph, other, gates, 'connection')).toThrow('the state dict has no tensor conv1.weight');
  });
});

describe('cutToFraction', () => {
  const gates = new Map([
    ['a', [0.1, 0.9, 0, 0.5]],
    ['b', [0.5, 0, 0.3, 0]],
  ]);
  const cut = (keep: number): number[][] =>
    [...cutToFraction(gates, keep).values()].map((list) => [...list].map((gate) => Number(gate.toFixed(3))));

  it('keeps the largest over all layers, with those equal to the last', () => {
    expect(cut(1 / 8)).toEqual([
      [0, 0.9, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(cut(2 / 8)).toEqual([
      [0, 0.9, 0, 0.5],
      [0.5, 0, 0, 0],
    ]);
    expect(cut(5 / 8)).toEqual([
      [0.1, 0.9, 0, 0.5],
      [0.5, 0, 0.3, 0],
    ]);
  });

  it('asking for more than there is, or for nothing, is an error', () => {
    expect(() => cut(6 / 8)).toThrow('keep 0.75: 6 of 8 gates would stay, but only 5 are open');
    expect(() => cut(0)).toThrow('keep 0: the part of the gates that stays is in (0, 1]');
    expect(() => cut(1.5)).toThrow(ConfigError);
  });
});
