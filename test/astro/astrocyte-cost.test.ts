// What an astrocyte costs, said beforehand, against what it does.
import { expect, it } from 'vitest';
import { Astrocyte } from '../../src/astro/astrocyte.ts';
import { astrocyteCost } from '../../src/astro/astrocyte-cost.ts';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import { astrocyteNames } from '../../src/astro/networks/registry.ts';
import { PackedMaps } from '../../src/astro/packing/packed-maps.ts';
import { moduleCost } from '../../src/models/trace/module-cost.ts';
import { createModel } from '../../src/models/zoo/registry.ts';
import { noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { gpu, on } from '../support/gpu.ts';
import { values } from '../support/random.ts';

it.each(astrocyteNames)('%s', (network) => {
  const layout = new GateLayout(createModel('resnet-small'), 'connection');
  const cost = astrocyteCost(gpu, { network }, layout);
  expect(cost).toMatchObject({ gates: 11_440, maps: 10, shapes: 7 });
  const { maps, total } = layout;
  const astrocyte = new Astrocyte({ network, maps }).to(gpu, 1);
  const packed = new PackedMaps(gpu, maps);
  const features = on(values(1, total), [total]);
  const done = noGrad(() => scope(() => ({ ...moduleCost(astrocyte, () => astrocyte.forward(features, packed)) })));
  expect(cost.parameters).toBe(done.parameters);
  // Its image has pixels between the maps, and sides filled up to multiples of 8.
  expect(done.macs / cost.macs).toBeGreaterThan(0.99);
  expect(done.macs / cost.macs).toBeLessThan(1.6);
  for (const owned of [features, packed, astrocyte]) owned.release();
});

it('maps of connections of a ViT-B/16 are counted without being made', () => {
  const { gates, macs, bytes } = astrocyteCost(gpu, {}, new GateLayout(createModel('vit-b-16'), 'connection'));
  expect(gates).toBe(12 * (4 + 8) * 768 ** 2 + 768 * 3 + 1000 * 768);
  expect(macs).toBeGreaterThan(1e12);
  expect(bytes).toBeGreaterThan(2 ** 34);
});
