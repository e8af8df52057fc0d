// How an untrained astrocyte starts: with a skip of features of |W| and a last layer of zeros as "keep what is large", whatever the network.
import { afterAll, expect, it } from 'vitest';
import { Astrocyte, type AstrocyteOptions } from '../../src/astro/astrocyte.ts';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import { AstrocyteNetwork } from '../../src/astro/networks/network.ts';
import { addAstrocyteNetwork, astrocyteNames } from '../../src/astro/networks/registry.ts';
import { type RegulationOptions, Regulator } from '../../src/astro/regulation.ts';
import { ConfigError } from '../../src/gpu/device/errors.ts';
import { createModel } from '../../src/models/zoo/registry.ts';
import { gateFeatures } from '../../src/ops/gates/gate-features.ts';
import { backward, frozen, noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { gpu } from '../support/gpu.ts';

const network = createModel('resnet-small', { width: 0.25 }).to(gpu, 3);
afterAll(() => network.release());
const layout = new GateLayout(network, 'connection');
const REGULATION: RegulationOptions = {
  ...{ T: 1, mode: 'replace', feature: 'avg', absolute: true, norm: 'mean', backpropThroughGates: false },
};

/** Position of each in the order of all. */
function ranks(values: Float32Array): Float64Array {
  const found = new Float64Array(values.length);
  for (const [rank, i] of [...values.keys()].sort((a, b) => values[a] - values[b]).entries()) found[i] = rank;
  return found;
}

/** Spearman's correlation of two orders without ties. */
function spearman(a: Float32Array, b: Float32Array): number {
  const [p, q] = [ranks(a), ranks(b)];
  const n = a.length;
  return 1 - (6 * p.reduce((sum, rank, i) => sum + (rank - q[i]) ** 2, 0)) / (n * (n * n - 1));
}

/** Gates of an untrained astrocyte that sees |W|, and these. */
async function untrained(options: AstrocyteOptions): Promise<{ p: Float32Array; size: Float32Array }> {
  const an = new Astrocyte({ maps: layout.maps, logitSkipScale: 1, shift: 2, ...options }).to(gpu, 2);
  const regulator = new Regulator(gpu, layout, an, REGULATION);
  const features = noGrad(() => gateFeatures(layout.weights, { kind: 'avg', absolute: true }));
  scope(() => regulator.regulate());
  const read = { p: await regulator.gate.floats(), size: await features.floats() };
  for (const made of [features, regulator, an]) made.release();
  return read;
}

it.each([
  ['unet', 0, 0.6],
  ['axial', 0.8, 1],
] as const)('without zeros the order of |W| is hidden, or not, by what a %s makes of its own', async (...row) => {
  const [name, low, high] = row;
  const { p, size } = await untrained({ network: name });
  const found = layout.entries.map(({ at, length }) =>
    spearman(p.subarray(at, at + length), size.subarray(at, at + length)),
  );
  const mean = found.reduce((sum, one) => sum + one, 0) / found.length;
  expect(mean).toBeGreaterThan(low);
  expect(mean).toBeLessThan(high);
});

it.each(astrocyteNames)('%s: gates in the order of |W| of their layer, and a last layer that learns', async (name) => {
  const { p, size } = await untrained({ network: name, zeroInit: true });
  for (const { at, length } of layout.entries) {
    const order = Array.from({ length }, (_, i) => at + i).sort((a, b) => size[a] - size[b]);
    for (const [k, i] of order.slice(1).entries()) expect(p[i]).toBeGreaterThanOrEqual(p[order[k]] - 1e-6);
  }
  const an = new Astrocyte({ network: name, maps: layout.maps, logitSkipScale: 1, zeroInit: true }).to(gpu, 2);
  const regulator = new Regulator(gpu, layout, an, REGULATION);
  backward(frozen(network.arena.tensors.values(), () => regulator.iterate(1)).e);
  const gradients = an.network.lastLayers().flatMap((layer) => layer.parameters().map(({ tensor }) => tensor.grad!));
  const moved = await Promise.all(gradients.map(async (g: Tensor) => Math.max(...(await g.floats()).map(Math.abs))));
  expect(Math.max(...moved)).toBeGreaterThan(1e-6);
  for (const made of [regulator, an]) made.release();
});

it('zeros without a skip are refused, and so is a network that does not say its last layer', () => {
  expect(() => new Astrocyte({ zeroInit: true })).toThrow(ConfigError);
  expect(() => new Astrocyte({ zeroInit: true })).toThrow('give logitSkipScale too');
  const silent = class extends AstrocyteNetwork {
    override forward = (features: Tensor): Tensor => features;
  };
  const remove = addAstrocyteNetwork('silent', () => new silent());
  expect(() => new Astrocyte({ network: 'silent', zeroInit: true, logitSkipScale: 1 })).toThrow(
    'the astrocyte network silent does not say its last layers',
  );
  remove();
});
