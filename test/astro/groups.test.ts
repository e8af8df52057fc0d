// Gates that are one: pooled and spread against sums in float64, gradients through them, and a regulator whose e and cut count groups.
import { afterAll, describe, expect, it } from 'vitest';
import { Astrocyte } from '../../src/astro/astrocyte.ts';
import { layerFeatures } from '../../src/astro/features.ts';
import { GateCut } from '../../src/astro/gate-cut.ts';
import { GateGroups } from '../../src/astro/gate-groups.ts';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import { gateRange, PackedMaps } from '../../src/astro/packing/packed-maps.ts';
import { type RegulationOptions, Regulator } from '../../src/astro/regulation.ts';
import { AstroError, ConfigError } from '../../src/gpu/device/errors.ts';
import { GatedModule } from '../../src/models/gated-module.ts';
import { layersOf } from '../../src/models/graph/layers.ts';
import { Network } from '../../src/models/network.ts';
import { resnet } from '../../src/models/zoo/resnet.ts';
import { EVAL } from '../../src/nn/module.ts';
import { stateDict } from '../../src/nn/state-dict.ts';
import { mul } from '../../src/ops/arithmetic/binary.ts';
import { Segments } from '../../src/ops/packed/segments.ts';
import { compact } from '../../src/prune/compact.ts';
import { readGates, survivalOf } from '../../src/prune/count.ts';
import { deadChannelMasks, silenced } from '../../src/prune/dead-channels.ts';
import { foldGates } from '../../src/prune/fold.ts';
import { noGrad } from '../../src/tensor/autograd.ts';
import { checkGradients } from '../../src/tensor/check-gradients.ts';
import { scope } from '../../src/tensor/scope.ts';
import { evaluate } from '../support/evaluate.ts';
import { gpu, on } from '../support/gpu.ts';
import { values } from '../support/random.ts';

const of = Uint32Array.of(0, 1, 0, 2, 1, 0, 2, 2, 2, 3);
const groups = new GateGroups(gpu, { groups: { of, count: 4 } });
const graph = resnet({ model: 'two blocks', blocks: [1, 1], widths: [8, 16], classes: 4, stem: 'cifar' });
const network = new Network(graph).to(gpu, 7);
const astrocyte = new Astrocyte({ shift: 1 }).to(gpu, 8);
afterAll(() => {
  for (const owned of [groups, network, astrocyte]) owned.release();
});

const regulated = (kind: 'filter' | 'channel', options: Partial<RegulationOptions> = {}): Regulator =>
  new Regulator(gpu, new GateLayout(network, kind, [], 4), astrocyte, {
    T: 2,
    mode: 'replace',
    feature: 'mixture',
    absolute: true,
    norm: 'mean',
    backpropThroughGates: false,
    ...options,
  });

const length = (list: ArrayLike<number>): number => Math.sqrt(Array.from(list).reduce((sum, v) => sum + v * v, 0));

describe('GateGroups', () => {
  it('gives the mean of each group, and each gate the value of its group', async () => {
    const given = values(3, of.length);
    const mean = groups.mean(on(given, [of.length]));
    const found = await mean.floats();
    for (let g = 0; g < 4; g++) {
      const own = [...given].filter((_, i) => of[i] === g);
      expect(found[g]).toBeCloseTo(own.reduce((a, b) => a + b, 0) / own.length, 6);
    }
    expect([...(await groups.spread(mean).floats())]).toEqual([...of].map((g) => found[g]));
  });

  it('has gradients both ways', async () => {
    const weights = on(values(4, of.length), [of.length]);
    const through = (x: typeof weights) => mul(groups.spread(mul(groups.mean(x), groups.mean(x))), weights);
    expect((await checkGradients(through, [on(values(5, of.length), [of.length])])).error).toBeLessThan(1e-2);
  });
});

describe('a layout with groups', () => {
  it('holds a gate for each channel, and shows the astrocyte a feature for each group', async () => {
    const { total, groups, probabilities, maps } = new GateLayout(network, 'filter', [], 4);
    // 8 + 8·2 and 16·3 channels and the 16 inputs of the classifier: two groups of the stem, two within the first block, four and four in the second.
    expect(total).toBe(3 * 8 + 3 * 16 + 16);
    expect(probabilities).toBe(2 + 2 + 4 + 4);
    expect(groups!.of).toHaveLength(total);
    expect(maps).toMatchObject([{ length: probabilities, width: 64, height: 1 }]);
    expect(new GateLayout(network, 'filter').probabilities).toBe(total);
  });

  it('leaves layers ungated whose channels could not go', () => {
    const { entries } = new GateLayout(network, 'channel', ['conv1', 'fc'], 4);
    expect(entries.map(({ name }) => name)).toEqual(
      layersOf(graph)
        .map(({ layer }) => layer)
        .filter((name) => !['conv1', 'fc', 'layer1.0.conv2'].includes(name)),
    );
  });

  it('is of channels, and needs a graph with some that can go', () => {
    expect(() => new GateLayout(network, 'connection', [], 4)).toThrow(ConfigError);
    expect(() => new GateLayout(new GatedModule(network), 'filter', [], 4)).toThrow(/its graph says: give it/);
    expect(() => new GateLayout(new GatedModule(network), 'filter', [], 4)).toThrow(AstroError);
    expect(() => new GateLayout(new GatedModule(network, { graph }), 'filter', [], 4)).not.toThrow();
    const inner = layersOf(graph).flatMap(({ layer }) => (layer.endsWith('.conv1') ? [layer] : []));
    expect(() => new GateLayout(network, 'filter', ['conv1', 'layer2.0.downsample.0', ...inner], 4)).toThrow(
      ConfigError,
    );
  });
});

describe('a regulator of groups', () => {
  it('makes P of the mean features, one for a group, and counts groups in e', async () => {
    const regulator = regulated('filter');
    const { layout } = regulator;
    const layers = new Segments(gpu, layout.total, layout.entries.map(gateRange), 'gates of layers');
    const packed = new PackedMaps(gpu, layout.maps);
    const first = noGrad(() => regulator.iterate(1));
    const p = await first.p.floats();
    const features = await noGrad(() => layerFeatures(layout, layers, undefined, 'avg', true)).floats();
    const means = new Float64Array(layout.probabilities);
    const counts = new Float64Array(layout.probabilities);
    for (const [i, g] of layout.groups!.of.entries()) {
      means[g] += features[i];
      counts[g]++;
    }
    const wanted = await noGrad(() =>
      astrocyte.forward(
        on(
          means.map((sum, g) => sum / counts[g]),
          [means.length],
        ),
        packed,
      ),
    ).floats();
    for (const [g, value] of wanted.entries()) expect(p[g]).toBeCloseTo(value, 5);
    expect([...(await first.gate.floats())]).toEqual([...layout.groups!.of].map((g) => p[g]));
    expect(await first.e.item()).toBeCloseTo(length(p) / Math.sqrt(p.length), 5);
    regulator.commit(first);
    const second = noGrad(() => regulator.iterate(2));
    const step = (await second.p.floats()).map((value, g) => value - p[g]);
    expect(await second.e.item()).toBeCloseTo(length(step) / Math.sqrt(p.length), 5);
    for (const owned of [regulator, layers, packed]) owned.release();
  });

  it('has gradients in the astrocyte, through the gates of all layers', async () => {
    const regulator = regulated('channel', { T: 1 });
    const weights = on(values(6, regulator.layout.total), [regulator.layout.total]);
    const { weight, bias } = astrocyte.u;
    const fn = () => mul(regulator.iterate(1).gate, weights);
    expect((await checkGradients(fn, [weight.tensor, bias.tensor])).error).toBeLessThan(1e-2);
    regulator.release();
  });

  it.each(['filter', 'channel'] as const)(
    'cuts a part of all groups of %s gates, which compaction takes out',
    async (kind) => {
      const regulator = regulated(kind, { mode: 'compound' });
      const { layout } = regulator;
      scope(() => regulator.regulate());
      const cut = new GateCut(regulator);
      cut.keep(0.5);
      cut.apply();
      cut.release();
      await regulator.finalizeGates();
      const all = await regulator.gate.floats();
      const left = Array.from({ length: layout.probabilities }, (_, group) => all[layout.groups!.of.indexOf(group)]);
      expect(left.filter((value) => value > 0)).toHaveLength(Math.round(layout.probabilities / 2));

      const gates = await readGates(layout, regulator.gate);
      const dict = silenced(
        foldGates(graph, await stateDict(network), gates, kind),
        deadChannelMasks(graph, survivalOf(layout, gates)),
      );
      // No channel has to be kept to fill up a multiple of four.
      const smaller = compact(graph, dict, { multiple: 4 });
      const channels = new Map(layersOf(graph).map(({ layer, filter }) => [layer, filter]));
      for (const { layer, inputs, outputs } of layersOf(smaller.graph))
        expect(channels.get(layer) === 'input' ? inputs : outputs).toBe(gates.get(layer)!.filter((v) => v > 0).length);
      const x = values(9, 32 * 32 * 3);
      const [whole, small] = [evaluate(graph, dict, x), evaluate(smaller.graph, smaller.dict, x)];
      const run = noGrad(() => scope(() => regulator.gated(() => network.forward(on(x, [1, 32, 32, 3]), EVAL))));
      for (const [i, value] of (await run.floats()).entries()) {
        expect(small[i]).toBeCloseTo(whole[i], 4);
        expect(value).toBeCloseTo(whole[i], 4);
      }
      regulator.release();
    },
  );
});
