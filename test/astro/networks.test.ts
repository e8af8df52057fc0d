// The astrocyte networks against PyTorch, and maps alone against maps among others; what they take, and what they refuse.
import { describe, expect, it } from 'vitest';
import { Astrocyte } from '../../src/astro/astrocyte.ts';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import type { AstrocyteNetwork } from '../../src/astro/networks/network.ts';
import { astrocyteNames, createAstrocyteNetwork } from '../../src/astro/networks/registry.ts';
import { type MapRegion, PackedMaps } from '../../src/astro/packing/packed-maps.ts';
import { Regulator } from '../../src/astro/regulation.ts';
import { AstroError } from '../../src/gpu/device/errors.ts';
import { createModel } from '../../src/models/zoo/registry.ts';
import { mul } from '../../src/ops/arithmetic/binary.ts';
import { sum } from '../../src/ops/reduce/sum.ts';
import { reshape } from '../../src/ops/shape/reshape.ts';
import { backward, noGrad } from '../../src/tensor/autograd.ts';
import { keep, scope } from '../../src/tensor/scope.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { fullError, loadGolden } from '../golden/golden.ts';
import { relativeError } from '../support/check.ts';
import { gpu, on } from '../support/gpu.ts';
import { KERNELS, underKernels } from '../support/kernels.ts';
import { values } from '../support/random.ts';
import { tinyNet } from '../support/tiny-net.ts';
import { expectSummaries, fillByFormula, gradientDict, input, toNchw } from '../support/torch.ts';

/** Our f32 rounds in another order than torch's f32, whose error each golden states. */
const FACTOR = 20;

/** Maps one behind the other. */
function maps(sizes: [height: number, width: number, batch: number][]): MapRegion[] {
  let at = 0;
  return sizes.map(([height, width, batch]) => {
    const length = height * width;
    at += length;
    return { height, width, batch, at: at - length, length };
  });
}

describe.each(['unet', 'fcn', 'cnn'] as const)('%s against PyTorch', (name) => {
  const golden = loadGolden(name);

  underKernels(KERNELS, () => {
    it.each(golden.cases.map((one) => ({ one, size: one.input.shape.join('×') })))(
      '$size: logits and gradients',
      async ({ one }) => {
        const [count, , height, width] = one.input.shape;
        const shapes = maps(Array.from({ length: count }, () => [height, width, 0]));
        const network = createAstrocyteNetwork(name, shapes).to(gpu, 1);
        await fillByFormula(network);
        const [x, probe] = [input(one.input), input(one.probe)];
        x.requiresGrad = true;
        const packed = new PackedMaps(gpu, shapes);
        const logits = scope(() => {
          const logits = reshape(network.forward(reshape(x, [-1]), packed), x.shape);
          const kept = keep(logits.alias());
          const loss = sum(mul(logits, probe));
          backward(loss, { gradient: tensor(gpu, [1 / logits.size], [1]) });
          return kept;
        });
        expect(fullError(one.logits, await logits.floats())).toBeLessThan(FACTOR * one.logits.f32);
        // F(4×4) rounds some times more than direct sums do: on an H200 up to 30 times as much as torch.
        const factor = gpu.tuner.force === 'winograd 4' ? 2 * FACTOR : FACTOR;
        const gradients = await gradientDict(network);
        expect([...gradients.keys()].sort()).toEqual(Object.keys(one.gradients).sort());
        expectSummaries(one.gradients, (parameter) => gradients.get(parameter)!, factor);
        expect(fullError(one.inputGradient, toNchw(await x.grad!.floats(), x.shape))).toBeLessThan(
          FACTOR * one.inputGradient.f32,
        );
        for (const made of [x.grad!, x, probe, logits, network, packed]) made.release();
      },
    );
  });
});

describe('parameters', () => {
  it('unet and fcn have as many whatever the maps', () => {
    expect(createAstrocyteNetwork('unet').parameterCount()).toBe(loadGolden('unet').parameterCount);
    expect(createAstrocyteNetwork('fcn').parameterCount()).toBe(loadGolden('fcn').parameterCount);
  });

  it.each([
    // 16×3, 16×16, 32×16 twice, 32×32, 64×32 twice, 64×64, 10×64.
    { model: 'resnet-small', kind: 'connection', pixels: 48 + 256 + 512 + 1024 + 2048 + 4096 + 640 },
    { model: 'resnet18', kind: 'filter', pixels: 83 * 64 },
  ] as const)('cnn has 64 weights and a bias for each pixel of each distinct map: $model, $kind gates', (one) => {
    const { maps } = new GateLayout(createModel(one.model), one.kind);
    const network = createAstrocyteNetwork('cnn', maps);
    expect(network.parameterCount()).toBe(loadGolden('cnn').parameterCount + 65 * one.pixels);
    const names = network.namedParameters().map(([parameter]) => parameter);
    const shapes = new Set(maps.map(({ height, width }) => `${height}x${width}`));
    expect(names.filter((parameter) => parameter.startsWith('heads.'))).toEqual(
      [...shapes].flatMap((shape) => [`heads.${shape}.weight`, `heads.${shape}.bias`]),
    );
  });
});

/** Logits, the gradient of the features, and those of all parameters, one behind the other, of Σ logits · probe. */
async function run(
  network: AstrocyteNetwork,
  shapes: MapRegion[],
  data: Float32Array,
  probe: Float32Array,
  most?: number,
): Promise<{ logits: Float32Array; features: Float32Array; parameters: Float32Array[] }> {
  const packed = new PackedMaps(gpu, shapes, most);
  const x = on(data, [data.length]);
  x.requiresGrad = true;
  for (const { grad } of network.arena.tensors.values()) gpu.fill(grad!.slice, 0);
  const logits = scope(() => {
    const made = network.forward(x, packed);
    const kept = keep(made.alias());
    backward(sum(mul(made, on(probe, made.shape))));
    return kept;
  });
  const read = {
    logits: await logits.floats(),
    features: await x.grad!.floats(),
    parameters: await Promise.all([...network.arena.tensors.values()].map(({ grad }) => grad!.floats())),
  };
  for (const made of [logits, x.grad!, x, packed]) made.release();
  return read;
}

describe.each(astrocyteNames)('%s on maps among others', (name) => {
  const shapes = maps([
    [24, 8, 0],
    [10, 3, 1],
    [9, 40, 2],
    [10, 3, 1],
    [1, 1, 3],
    [24, 8, 0],
    [17, 5, 4],
    [16, 3, 5],
  ]);

  it('gives the logits and gradients that it gives them alone', async () => {
    const network = createAstrocyteNetwork(name, shapes).to(gpu, 3);
    // Biases that would show between the maps.
    for (const [parameter, made] of network.arena.tensors)
      if (parameter.endsWith('bias')) made.set(values(parameter.length, made.size).map((v) => 0.5 + v / 4));
    const total = shapes.reduce((all, { length }) => all + length, 0);
    const [data, probe] = [values(2, total), values(4, total)];
    const together = await run(network, shapes, data, probe);
    const parameters = together.parameters.map(({ length }) => new Float64Array(length));
    for (let batch = 0; batch < 6; batch++) {
      const members = shapes.filter((map) => map.batch === batch);
      const own = (all: Float32Array): Float32Array =>
        Float32Array.from(members.flatMap(({ at, length }) => [...all.subarray(at, at + length)]));
      const alone = await run(
        network,
        maps(members.map(({ height, width }) => [height, width, 0])),
        own(data),
        own(probe),
      );
      // The same sums in another order, through up to seven convolutions and normalizations.
      expect(relativeError(alone.logits, own(together.logits), 1e-3), `logits of batch ${batch}`).toBeLessThan(1e-5);
      expect(relativeError(alone.features, own(together.features), 1e-3), `gradient of batch ${batch}`).toBeLessThan(
        1e-4,
      );
      for (const [i, gradient] of alone.parameters.entries())
        for (const [k, value] of gradient.entries()) parameters[i][k] += value;
    }
    for (const [i, parameter] of [...network.arena.tensors.keys()].entries())
      expect(relativeError(together.parameters[i], parameters[i], 1e-2), parameter).toBeLessThan(1e-4);
    network.release();
  });

  it('gives them in several images as in one: statistics are of all', async () => {
    const network = createAstrocyteNetwork(name, shapes).to(gpu, 3);
    for (const [parameter, made] of network.arena.tensors)
      if (parameter.endsWith('bias')) made.set(values(parameter.length, made.size).map((v) => 0.5 + v / 4));
    const total = shapes.reduce((all, { length }) => all + length, 0);
    const [data, probe] = [values(2, total), values(4, total)];
    const one = await run(network, shapes, data, probe);
    // Both maps of 24×8 are a batch, and lie in two images.
    const several = await run(network, shapes, data, probe, 16 * 40);
    // The same sums in another order, through up to seven convolutions and normalizations.
    expect(relativeError(several.logits, one.logits, 1e-3)).toBeLessThan(1e-5);
    expect(relativeError(several.features, one.features, 1e-3)).toBeLessThan(1e-4);
    for (const [i, parameter] of [...network.arena.tensors.keys()].entries())
      expect(relativeError(several.parameters[i], one.parameters[i], 1e-2), parameter).toBeLessThan(1e-4);
    network.release();
  });

  it('answers by what each map holds', async () => {
    const network = createAstrocyteNetwork(name, shapes).to(gpu, 5);
    const total = shapes.reduce((all, { length }) => all + length, 0);
    const packed = new PackedMaps(gpu, shapes);
    const answer = async (seed: number): Promise<Float32Array> => {
      const logits = scope(() => noGrad(() => network.forward(on(values(seed, total), [total]), packed)));
      const read = await logits.floats();
      logits.release();
      return read;
    };
    const [a, b] = [await answer(1), await answer(2)];
    for (const { height, width, at, length } of shapes) {
      // One value among zeros is the same whatever its size, once it is normalized.
      if (length === 1) continue;
      const change = Math.max(...a.subarray(at, at + length).map((v, i) => Math.abs(v - b[at + i])));
      expect(change, `${height}×${width}`).toBeGreaterThan(1e-2);
    }
    for (const made of [packed, network]) made.release();
  });
});

describe.each(astrocyteNames)('regulation by %s', (name) => {
  // The filters' gates are one map, 26 of 1×64.
  it.each(['connection', 'filter'] as const)(
    '%s gates: finite e, and gates that follow the weights, captured as well',
    async (kind) => {
      const network = tinyNet().to(gpu, 7);
      const layout = new GateLayout(network, kind);
      const astrocyte = new Astrocyte({ network: name, maps: layout.maps }).to(gpu, 8);
      const regulator = new Regulator(gpu, layout, astrocyte, {
        ...{ T: 3, mode: 'replace', feature: 'mixture', absolute: false, norm: 'mean', backpropThroughGates: false },
      });
      const program = gpu.capture('regulation', () => regulator.regulate());
      const before = await regulator.gate.floats();
      expect(before.every((p) => p > 0 && p < 1)).toBe(true);
      const steps = await Promise.all(regulator.errors.map((e) => e.item()));
      expect(steps.every((e) => Number.isFinite(e) && e > 0)).toBe(true);

      program.replay();
      expect(await regulator.gate.floats()).toEqual(before);
      for (const { weight } of layout.weights) weight.set(values(weight.size, weight.size));
      program.replay();
      const after = await regulator.gate.floats();
      for (const { name: layer, at, length } of layout.entries) {
        const change = Math.max(...after.subarray(at, at + length).map((p, i) => Math.abs(p - before[at + i])));
        expect(change, layer).toBeGreaterThan(1e-3);
      }
      program.dispose();
      for (const made of [regulator, astrocyte, network]) made.release();
    },
  );
});

describe('what is refused', () => {
  it('an unknown network, by a line that lists the names', () => {
    const make = (): Astrocyte => new Astrocyte({ network: 'vit' });
    expect(make).toThrow(AstroError);
    expect(make).toThrow('there is no astrocyte network "vit"; there are unet, fcn, cnn, axial');
  });

  it('a cnn without maps, and maps that it was not made for', () => {
    expect(() => new Astrocyte({ network: 'cnn' })).toThrow('the astrocyte network cnn is built for the shapes');
    const network = createAstrocyteNetwork('cnn', [{ height: 4, width: 3 }]).to(gpu, 1);
    const packed = new PackedMaps(gpu, maps([[3, 4, 0]]));
    expect(() => scope(() => network.forward(on(values(1, 12), [12]), packed))).toThrow(
      'the astrocyte network cnn has no linear layer for maps of 3x4; it was made for 4x3',
    );
    for (const made of [packed, network]) made.release();
  });
});
