// Temporal regulation against the equations of docs/method.md §4, computed by hand from the gates that came out.
import { afterAll, describe, expect, it } from 'vitest';
import { Astrocyte } from '../../src/astro/astrocyte.ts';
import { featureAt, layerFeatures } from '../../src/astro/features.ts';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import { gateRange } from '../../src/astro/packing/packed-maps.ts';
import { type RegulationOptions, Regulator } from '../../src/astro/regulation.ts';
import { createModel } from '../../src/models/zoo/registry.ts';
import { Segments } from '../../src/ops/packed/segments.ts';
import type { GateKind } from '../../src/prune/gates.ts';
import { noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { gpu } from '../support/gpu.ts';
import { tinyNet } from '../support/tiny-net.ts';

const network = tinyNet().to(gpu, 7);
const astrocyte = new Astrocyte().to(gpu, 8);
afterAll(() => {
  network.release();
  astrocyte.release();
});

const make = (
  options: Partial<RegulationOptions> = {},
  kind: GateKind = 'connection',
  an = astrocyte,
  of = network,
): Regulator =>
  new Regulator(gpu, new GateLayout(of, kind), an, {
    T: 3,
    mode: 'replace',
    feature: 'mixture',
    absolute: false,
    norm: 'mean',
    backpropThroughGates: false,
    ...options,
  });

const flat = async (gates: Tensor): Promise<number[]> => [...(await gates.floats())];

/** P, gate and e of every iteration. */
async function history(regulator: Regulator): Promise<{ p: number[]; gate: number[]; e: number }[]> {
  const steps = [];
  for (let t = 1; t <= regulator.options.T; t++) {
    const regulated = noGrad(() => regulator.iterate(t));
    steps.push({ p: await flat(regulated.p), gate: await flat(regulated.gate), e: await regulated.e.item() });
    regulator.commit(regulated);
    for (const made of [regulated.p, regulated.gate, regulated.e]) made.release();
  }
  return steps;
}

const norm = (values: number[]): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

describe('iterations', () => {
  it('e is the step of P, and the first one its length', async () => {
    const regulator = make();
    const steps = await history(regulator);
    const root = Math.sqrt(regulator.layout.total);
    expect(steps[0].e).toBeCloseTo(norm(steps[0].p) / root, 5);
    for (let t = 1; t < 3; t++)
      expect(steps[t].e).toBeCloseTo(norm(steps[t].p.map((value, i) => value - steps[t - 1].p[i])) / root, 5);
    regulator.release();
  });

  it('the literal norm is √gates times the mean one', async () => {
    const [mean, sum] = [make(), make({ norm: 'sum' })];
    const [a, b] = [await history(mean), await history(sum)];
    for (let t = 0; t < 3; t++) expect(b[t].e / a[t].e).toBeCloseTo(Math.sqrt(mean.layout.total), 3);
    mean.release();
    sum.release();
  });

  it('replace gates by P alone, compound by the product so far', async () => {
    const [replace, compound] = [make(), make({ mode: 'compound' })];
    for (const { p, gate } of await history(replace)) expect(gate).toEqual(p);
    let product: number[] | undefined;
    for (const { p, gate } of await history(compound)) {
      const expected = p.map((value, i) => value * (product?.[i] ?? 1));
      for (const [i, value] of gate.entries()) expect(value).toBeCloseTo(expected[i], 6);
      product = gate;
    }
    replace.release();
    compound.release();
  });

  it.each([1, 2, 6, 10])('T = %i runs, and leaves finite gates in (0, 1)', async (T) => {
    const regulator = make({ T });
    scope(() => regulator.regulate());
    const gate = await flat(regulator.gate);
    expect(gate.every((value) => value > 0 && value < 1)).toBe(true);
    expect(regulator.errors).toHaveLength(T);
    regulator.release();
  });

  it.each([0, 11, 2.5])('T = %d is refused', (T) => {
    expect(() => make({ T })).toThrow(`T is ${T}; it takes a whole number from 1 to 10`);
  });

  it.each(['filter', 'channel'] as const)('%s gates regulate too', async (kind) => {
    const normed = createModel('resnet-small', { width: 0.25 }).to(gpu, 7);
    const regulator = make({}, kind, astrocyte, normed);
    scope(() => regulator.regulate());
    const values = await flat(regulator.gate);
    expect(values).toHaveLength(4 * 3 + 8 * 3 + 16 * 3 + 16);
    expect(values.every((value) => value > 0 && value < 1)).toBe(true);
    for (const owned of [regulator, normed]) owned.release();
  });
});

describe('penalty', () => {
  it('at T = 2 it is λ·| ‖P² − P¹‖ − ‖P¹‖ |', async () => {
    const regulator = make({ T: 2, norm: 'sum' });
    const first = noGrad(() => regulator.iterate(1));
    expect(regulator.penalty(first, 0.1)).toBeUndefined();
    const p1 = await flat(first.p);
    regulator.commit(first);
    const second = noGrad(() => regulator.iterate(2));
    const p2 = await flat(second.p);
    const value = await noGrad(() => regulator.penalty(second, 0.1))!.item();
    expect(value).toBeCloseTo(0.1 * Math.abs(norm(p2.map((v, i) => v - p1[i])) - norm(p1)), 5);
    expect(regulator.penalty(second, 0)).toBeUndefined();
    regulator.release();
  });
});

describe('features', () => {
  it('the mixture takes the average first, then the largest', () => {
    expect([1, 2, 3].map((t) => featureAt('mixture', t))).toEqual(['avg', 'max', 'max']);
    expect([1, 2].map((t) => featureAt('avg', t))).toEqual(['avg', 'avg']);
    expect([1, 2].map((t) => featureAt('max', t))).toEqual(['max', 'max']);
  });

  it.each(['avg', 'max'] as const)('%s: each layer has mean 0 and standard deviation 1', async (kind) => {
    const layout = new GateLayout(network, 'connection');
    const layers = new Segments(gpu, layout.total, layout.entries.map(gateRange), 'gates of layers');
    const features = await flat(noGrad(() => layerFeatures(layout, layers, undefined, kind, false)));
    for (const { at, length } of layout.entries) {
      const values = features.slice(at, at + length);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      expect(mean).toBeCloseTo(0, 5);
      expect(Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length)).toBeCloseTo(1, 4);
    }
    layers.release();
  });
});

describe('U', () => {
  it.each([
    ['relu', (v: number) => v === 0, (v: number) => v >= 0],
    ['hard', (v: number) => v === 0, (v: number) => v === 0 || v === 1],
  ] as const)('%s gives exact zeros', async (activation, some, every) => {
    const an = new Astrocyte({ activation }).to(gpu, 8);
    const regulator = make({ T: 1 }, 'connection', an);
    scope(() => regulator.regulate());
    const gate = await flat(regulator.gate);
    expect(gate.some(some)).toBe(true);
    expect(gate.every(every)).toBe(true);
    expect(gate.some((value) => value > 0)).toBe(true);
    regulator.release();
    an.release();
  });

  it('a positive shift starts the gates nearer to 1', async () => {
    const an = new Astrocyte({ shift: 2 }).to(gpu, 8);
    const [zero, shifted] = [make({ T: 1 }), make({ T: 1 }, 'connection', an)];
    const mean = async (regulator: Regulator): Promise<number> => {
      scope(() => regulator.regulate());
      const gate = await flat(regulator.gate);
      return gate.reduce((a, b) => a + b, 0) / gate.length;
    };
    expect(await mean(zero)).toBeGreaterThan(0.4);
    expect(await mean(zero)).toBeLessThan(0.6);
    expect(await mean(shifted)).toBeGreaterThan(0.8);
    for (const made of [zero, shifted, an]) made.release();
  });
});
