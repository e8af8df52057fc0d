// An astrocyte network of one's own: a file with its class and a line that registers it, and it regulates a network like those that come along.
import { afterEach, expect, it } from 'vitest';
import { Astrocyte } from '../../src/astro/astrocyte.ts';
import { layerFeatures } from '../../src/astro/features.ts';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import { AstrocyteNetwork } from '../../src/astro/networks/network.ts';
import { addAstrocyteNetwork, createAstrocyteNetwork } from '../../src/astro/networks/registry.ts';
import { gateRange, type PackedMaps } from '../../src/astro/packing/packed-maps.ts';
import { Regulator } from '../../src/astro/regulation.ts';
import { AstroError } from '../../src/gpu/device/errors.ts';
import { Conv2d } from '../../src/nn/index.ts';
import { BATCH_STATS } from '../../src/nn/module.ts';
import { Adam } from '../../src/nn/optim/adam.ts';
import { Segments } from '../../src/ops/packed/segments.ts';
import { frozen, noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { RunningMetrics } from '../../src/train/stages/running-metrics.ts';
import { anUpdate, taskLoss } from '../../src/train/stages/updates.ts';
import { gpu, on } from '../support/gpu.ts';
import { values } from '../support/random.ts';
import { tinyNet } from '../support/tiny-net.ts';

/** Looks at each connection alone: one weight and one bias, times the feature. */
class Pixelwise extends AstrocyteNetwork {
  readonly score = new Conv2d(1, 1, { kernel: 1, bias: true });

  override forward(features: Tensor, packed: PackedMaps): Tensor {
    return packed.unpack(packed.pack(features).map((image) => this.score.forward(image)));
  }
}

let remove = (): void => {};
afterEach(() => remove());

/** A network with connection gates under an astrocyte of the sample. */
function regulated() {
  remove = addAstrocyteNetwork('sample', () => new Pixelwise());
  const network = tinyNet().to(gpu, 7);
  const layout = new GateLayout(network, 'connection');
  const astrocyte = new Astrocyte({ network: 'sample', maps: layout.maps }).to(gpu, 8);
  const regulator = new Regulator(gpu, layout, astrocyte, {
    ...{ T: 2, mode: 'replace', feature: 'avg', absolute: false, norm: 'mean', backpropThroughGates: false },
  });
  const release = (): void => {
    for (const made of [regulator, astrocyte, network]) made.release();
  };
  return { network, layout, astrocyte, regulator, release };
}

it.each([3, -3])('regulates: P is the sigmoid of the feature by the sign of its weight (%d)', async (weight) => {
  const { network, layout, astrocyte, regulator, release } = regulated();
  astrocyte.arena.tensors.get('network.score.weight')!.set([weight]);
  astrocyte.arena.tensors.get('network.score.bias')!.set([0.7]);
  const layers = new Segments(gpu, layout.total, layout.entries.map(gateRange), 'layers');
  const features = noGrad(() => layerFeatures(layout, layers, undefined, 'avg', false));
  const expected = (await features.floats()).map((f) => 1 / (1 + Math.exp(-Math.sign(weight) * f)));
  const first = noGrad(() => scope(() => regulator.iterate(1).p));
  for (const [i, p] of (await first.floats()).entries()) expect(p).toBeCloseTo(expected[i], 4);

  // The committed gates are what the network runs under.
  const x = on(values(1, 2 * 8 * 8 * 3), [2, 8, 8, 3]);
  scope(() => regulator.regulate());
  const pass = { batchStatistics: true, momentum: 0 };
  const run = async (fn: () => Tensor): Promise<Float32Array> => {
    const logits = noGrad(() => scope(fn));
    const read = await logits.floats();
    logits.release();
    return read;
  };
  const gated = await run(() => regulator.gated(() => network.forward(x, pass)));
  expect(gated).not.toEqual(await run(() => network.forward(x, pass)));
  for (const made of [layers, features, first, x]) made.release();
  release();
});

it('learns: an update moves its parameters', async () => {
  const { network, astrocyte, regulator, release } = regulated();
  const metrics = new RunningMetrics(gpu);
  const optimizer = new Adam(astrocyte.arena, { lr: 0.01 });
  const batch = { x: on(values(1, 2 * 8 * 8 * 3), [2, 8, 8, 3]), y: on([0, 1], [2], 'u32') };
  const before = await astrocyte.arena.values.floats();
  scope(() => {
    const step = frozen(network.arena.tensors.values(), () => regulator.iterate(1));
    const penalty = { lambda: 0, sparsityWeight: 0 };
    anUpdate({ optimizer, metrics }, taskLoss(network, batch, BATCH_STATS, {}), penalty, regulator, step);
  });
  const after = await astrocyte.arena.values.floats();
  const { weight, bias } = astrocyte.u;
  for (const { tensor } of [weight, bias]) {
    const at = (tensor.slice.offset - astrocyte.arena.values.slice.offset) / 4;
    expect(Math.abs(after[at] - before[at])).toBeCloseTo(0.01, 4);
  }
  expect(after).not.toEqual(before);
  for (const made of [batch.x, batch.y, optimizer, metrics]) made.release();
  release();
});

it('is known by its name until it is taken out, and takes no name that another has', () => {
  remove = addAstrocyteNetwork('sample', () => new Pixelwise());
  expect(createAstrocyteNetwork('sample').parameterCount()).toBe(2);
  expect(() => addAstrocyteNetwork('unet', () => new Pixelwise())).toThrow(
    'there is an astrocyte network "unet" already; take another name',
  );
  remove();
  expect(() => createAstrocyteNetwork('sample')).toThrow(AstroError);
});
