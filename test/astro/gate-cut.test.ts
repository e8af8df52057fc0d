// Cuts of a network's gates: how many stay, which go first, what those are that stay, and that a weight that is cut learns nothing.
import { afterAll, describe, expect, it } from 'vitest';
import { Astrocyte } from '../../src/astro/astrocyte.ts';
import { GateCut, type GateCutOptions } from '../../src/astro/gate-cut.ts';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import type { NetworkGates } from '../../src/astro/network-gates.ts';
import { OpenGates } from '../../src/astro/open-gates.ts';
import { Regulator } from '../../src/astro/regulation.ts';
import { EVAL } from '../../src/nn/module.ts';
import { mul } from '../../src/ops/arithmetic/binary.ts';
import { gateFeatures } from '../../src/ops/gates/gate-features.ts';
import { sum } from '../../src/ops/reduce/sum.ts';
import { backward, noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { full } from '../../src/tensor/tensor.ts';
import { gpu, on } from '../support/gpu.ts';
import { values as random } from '../support/random.ts';
import { tinyNet } from '../support/tiny-net.ts';

const network = tinyNet().to(gpu, 7);
const astrocyte = new Astrocyte().to(gpu, 8);
const layout = new GateLayout(network, 'connection');
const regulator = new Regulator(gpu, layout, astrocyte, {
  T: 1,
  mode: 'replace',
  feature: 'avg',
  absolute: false,
  norm: 'mean',
  backpropThroughGates: false,
});
const open = new OpenGates(gpu, layout);
afterAll(() => {
  for (const owned of [regulator, open, astrocyte, network]) owned.release();
});

/** The gates before and after a cut. */
async function cutTo(part: number, gates: NetworkGates, options?: GateCutOptions) {
  const cut = new GateCut(gates, options);
  cut.keep(part);
  scope(() => gates.regulate());
  const before = [...(await gates.gate.floats())];
  cut.apply();
  const after = [...(await gates.gate.floats())];
  cut.release();
  return { before, after };
}

/** The positions of the `count` largest. */
const largest = (scores: number[], count: number): Set<number> =>
  new Set([...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b).slice(0, count));

const strengths = async (): Promise<number[]> => {
  const sizes = noGrad(() => gateFeatures(layout.weights, { kind: 'avg', absolute: true }));
  return [...(await sizes.floats())];
};

describe('under an astrocyte', () => {
  it.each([1, 0.68, 0.1])('%f of the network stays, the largest as they were', async (part) => {
    const { before, after } = await cutTo(part, regulator);
    const stays = largest(before, Math.round(part * layout.total));
    expect(after).toEqual(before.map((p, i) => (stays.has(i) ? p : 0)));
  });

  it('of each layer the same part stays, one gate at least', async () => {
    for (const part of [0.5, 1e-6]) {
      const { before, after } = await cutTo(part, regulator, { ranking: 'layer' });
      for (const { at, length } of layout.entries) {
        const stays = largest(before.slice(at, at + length), Math.max(1, Math.round(part * length)));
        for (let i = 0; i < length; i++) expect(after[at + i]).toBe(stays.has(i) ? before[at + i] : 0);
      }
    }
  });

  it('by strength, those stay whose P times mean |W| is largest', async () => {
    const { before, after } = await cutTo(0.4, regulator, { ranking: 'strength', values: 'binary' });
    const sizes = await strengths();
    const stays = largest(
      before.map((p, i) => Math.fround(p * sizes[i])),
      Math.round(0.4 * layout.total),
    );
    expect(after).toEqual(before.map((_, i) => (stays.has(i) ? 1 : 0)));
  });

  it('a threshold cuts all below it, and binary gates are 1 then', async () => {
    const { before, after } = await cutTo(1, regulator, { threshold: 0.5, values: 'binary' });
    expect(after).toEqual(before.map((p) => (p >= 0.5 ? 1 : 0)));
  });

  it('costs stay within the part of all of them', async () => {
    const costs = Uint32Array.from({ length: layout.total }, (_, i) => 1 + (i % 7));
    const all = costs.reduce((sum, cost) => sum + cost, 0);
    for (const part of [1, 0.6, 0.05, 0]) {
      const { after } = await cutTo(part, regulator, { costs });
      const spent = after.reduce((sum, p, i) => sum + (p > 0 ? costs[i] : 0), 0);
      expect(spent).toBeLessThanOrEqual(part * all);
      expect(spent).toBeGreaterThan(part * all - 7);
    }
  });

  it('what was cut returns with the next regulation', async () => {
    const { before } = await cutTo(0.1, regulator);
    expect((await cutTo(1, regulator)).after).toEqual(before);
  });
});

describe('gates that are equal', () => {
  const under = (activation: 'hard' | 'relu', shift: number) => {
    const an = new Astrocyte({ activation, shift }).to(gpu, 8);
    const gates = new Regulator(gpu, layout, an, regulator.options);
    const release = (): void => {
      for (const owned of [gates, an]) owned.release();
    };
    return { gates, release };
  };

  it('go by |W| in parts of their layer, so that no layer goes for standing last', async () => {
    const { gates, release } = under('hard', 9);
    const sizes = noGrad(() => gates.sizes());
    const { before, after } = await cutTo(0.5, gates, { values: 'binary' });
    expect(before.every((p) => p === 1)).toBe(true);
    const stays = largest([...(await sizes.floats())], Math.round(0.5 * layout.total));
    expect(after).toEqual(before.map((_, i) => (stays.has(i) ? 1 : 0)));
    for (const { name, at, length } of layout.entries)
      expect(after.slice(at, at + length).filter(Boolean).length / length, name).toBeGreaterThan(0.25);
    release();
  });

  it('and are 0 are not made 1', async () => {
    const { gates, release } = under('relu', -0.5);
    for (const options of [{}, { threshold: 0 }]) {
      const { before, after } = await cutTo(0.9, gates, { values: 'binary', ...options });
      expect(before.filter((p) => p === 0).length).toBeGreaterThan(0.5 * layout.total);
      expect(after).toEqual(before.map((p) => (p > 0 ? 1 : 0)));
    }
    release();
  });
});

it.each(['probability', 'binary'] as const)(
  '%s gates of a cut pass on the gradient of those that stay',
  async (values) => {
    const cut = new GateCut(regulator, { values });
    cut.keep(0.5);
    const p = on(random(4, layout.total).map(Math.abs), [layout.total]);
    p.requiresGrad = true;
    const held = scope(() => {
      const gates = cut.made(p);
      const kept = gates.detach();
      backward(sum(mul(gates, 3)));
      return kept;
    });
    const [made, gradient] = [[...(await held.floats())], [...(await p.grad!.floats())]];
    const before = [...(await p.floats())];
    const stays = largest(before, Math.round(layout.total / 2));
    expect(made).toEqual(before.map((v, i) => (stays.has(i) ? (values === 'binary' ? 1 : v) : 0)));
    expect(gradient).toEqual(before.map((_, i) => (stays.has(i) ? 3 : 0)));
    cut.release();
  },
);

describe('without an astrocyte', () => {
  it('all gates are 1, and nothing is refined', async () => {
    expect((await cutTo(1, open)).after.every((gate) => gate === 1)).toBe(true);
    expect(open.errors).toHaveLength(0);
    expect([...open.state().keys()]).toEqual(['gate']);
  });

  it('the largest |W| of the network stay, or of each layer', async () => {
    const sizes = await strengths();
    const { after } = await cutTo(0.3, open, { ranking: 'strength' });
    const stays = largest(sizes, Math.round(0.3 * layout.total));
    expect(after).toEqual(sizes.map((_, i) => (stays.has(i) ? 1 : 0)));
    const { after: byLayer } = await cutTo(0.5, open, { ranking: 'layer' });
    for (const { at, length } of layout.entries) {
      const own = largest(sizes.slice(at, at + length), Math.round(0.5 * length));
      for (let i = 0; i < length; i++) expect(byLayer[at + i]).toBe(own.has(i) ? 1 : 0);
    }
  });

  it('relative to their layer, each layer keeps about the same part', async () => {
    const { after } = await cutTo(0.5, open);
    for (const { at, length } of layout.entries) {
      const kept = after.slice(at, at + length).reduce((sum, gate) => sum + gate, 0) / length;
      expect(kept).toBeGreaterThan(0.3);
      expect(kept).toBeLessThan(0.7);
    }
  });
});

it('a weight that is cut has no gradient, and one that stays has', async () => {
  const { after } = await cutTo(0.5, open);
  const x = full(gpu, [2, 8, 8, 3], 0.5);
  scope(() => backward(open.gated(() => sum(network.forward(x, EVAL)))));
  const { layer, at, inputs, outputs } = layout.entries[0];
  const gradient = await layer.weight.tensor.grad!.floats();
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++)
      if (after[at + o * inputs + i] === 0)
        for (let k = 0; k < 9; k++) expect(Math.abs(gradient[(k * inputs + i) * outputs + o])).toBe(0);
  expect(gradient.some((value) => value !== 0)).toBe(true);
});
