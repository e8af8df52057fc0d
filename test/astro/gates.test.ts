// The fact that shapes everything (docs/method.md §1): batch norm cancels a positive scale of a filter. And where each kind of gate acts.
import { afterAll, describe, expect, it } from 'vitest';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import { leftUngated } from '../../src/astro/left-ungated.ts';
import { GatedModule } from '../../src/models/gated-module.ts';
import { GraphBuilder } from '../../src/models/graph/builder.ts';
import { Network } from '../../src/models/network.ts';
import { createModel } from '../../src/models/zoo/registry.ts';
import { vit } from '../../src/models/zoo/vit.ts';
import { TRAIN } from '../../src/nn/module.ts';
import { loadStateDict } from '../../src/nn/state-dict.ts';
import type { GateKind } from '../../src/prune/gates.ts';
import { backward, noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { randomDict } from '../support/evaluate.ts';
import { gpu, on } from '../support/gpu.ts';
import { Perceptron } from '../support/own-modules.ts';
import { generator, values } from '../support/random.ts';

const network = createModel('resnet-small').to(gpu, 3);
const x = on(values(5, 4 * 16 * 16 * 3), [4, 16, 16, 3]);
afterAll(() => {
  network.release();
  x.release();
});

/** Gates between 0.2 and 1.7, all positive. */
function positive({ total }: GateLayout, seed: number): Tensor {
  const next = generator(seed);
  return tensor(
    gpu,
    Float32Array.from({ length: total }, () => 0.2 + 1.5 * next()),
    [total],
    'gates',
  );
}

const logits = async (run: () => Tensor): Promise<Float32Array> => {
  const made = noGrad(() => scope(run));
  const read = await made.floats();
  made.release();
  return read;
};

const largest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** Every convolution but no linear layer, whose input gate no normalization follows. */
const layoutOf = (net: Network, kind: GateKind): GateLayout => new GateLayout(net, kind, ['fc']);

describe('batch norm and a positive gate', () => {
  it('a filter gate changes neither the output ...', async () => {
    const layout = layoutOf(network, 'filter');
    const gates = positive(layout, 11);
    const plain = await logits(() => network.forward(x, TRAIN));
    const gated = await logits(() => layout.gated(gates, () => network.forward(x, TRAIN)));
    // ε = 1e-5 in batch norm keeps the cancellation from being exact: variances here are near 1.
    expect(largest(plain, gated)).toBeLessThan(2e-3);
    gates.release();
  });

  it.each(['connection', 'channel'] as const)('... but a %s gate does', async (kind) => {
    const layout = layoutOf(network, kind);
    const gates = positive(layout, 11);
    const plain = await logits(() => network.forward(x, TRAIN));
    const gated = await logits(() => layout.gated(gates, () => network.forward(x, TRAIN)));
    expect(largest(plain, gated)).toBeGreaterThan(0.1);
    gates.release();
  });

  it('the task gradient of a filter gate is almost none, of the others it is not', async () => {
    const size = async (kind: GateKind): Promise<number> => {
      const layout = layoutOf(network, kind);
      const gates = positive(layout, 11);
      gates.requiresGrad = true;
      scope(() => {
        const out = layout.gated(gates, () => network.forward(x, TRAIN));
        backward(out, { gradient: on(values(9, out.size), out.shape) });
      });
      const total = (await gates.grad!.floats()).reduce((sum, value) => sum + value * value, 0);
      gates.grad!.release();
      gates.release();
      return Math.sqrt(total);
    };
    const [filter, connection, channel] = [await size('filter'), await size('connection'), await size('channel')];
    expect(filter).toBeLessThan(1e-3 * connection);
    expect(filter).toBeLessThan(1e-3 * channel);
  });
});

describe('layer norm and a positive filter gate', () => {
  const graph = vit({ model: 'tiny vit', size: 8, patch: 4, width: 12, blocks: 2, heads: 3, classes: 4 });
  const tiny = new Network(graph).to(gpu, 3);
  loadStateDict(tiny, randomDict(graph, 3));
  const images = on(values(7, 3 * 8 * 8 * 3), [3, 8, 8, 3]);
  const layout = new GateLayout(tiny, 'filter');
  afterAll(() => {
    tiny.release();
    images.release();
  });

  // One layer at a time, so that none stands for the others.
  it.each(layout.entries)('$name: it changes the output, and has a gradient', async ({ at, length }) => {
    const plain = await logits(() => tiny.forward(images, TRAIN));
    const gates = positive(layout, 11);
    gates.set((await gates.floats()).map((gate, i) => (i >= at && i < at + length ? gate : 1)));
    gates.requiresGrad = true;
    const forward = () => layout.gated(gates, () => tiny.forward(images, TRAIN));
    const gated = await logits(forward);
    expect(largest(plain, gated)).toBeGreaterThan(0.01 * Math.max(...plain.map(Math.abs)));
    scope(() => {
      const out = forward();
      backward(out, { gradient: on(values(9, out.size), out.shape) });
    });
    const slopes = (await gates.grad!.floats()).slice(at, at + length);
    expect(Math.max(...slopes.map(Math.abs))).toBeGreaterThan(0.01);
    gates.grad!.release();
    gates.release();
  });

  it('channel gates are refused, with those that there are', () => {
    expect(() => new GateLayout(tiny, 'channel')).toThrow(
      'gate channel: it scales the batch normalization behind a layer, and tiny vit has none behind any: take gate filter or gate connection',
    );
  });
});

describe('layout', () => {
  it.each([
    ['vit-b-16', 'filter', 84_480, 1320],
    ['resnet18', 'filter', 5312, 83],
    ['resnet18', 'channel', 5312, 83],
    ['resnet34', 'filter', 9024, 141],
  ] as const)('%s with %s gates lays %i of them into one matrix', (model, kind, total, height) => {
    const layout = new GateLayout(createModel(model), kind);
    expect(layout.total).toBe(total);
    expect(layout.maps).toEqual([{ height, width: 64, at: 0, length: total, batch: 0, layers: layout.layers }]);
  });

  it('connection maps are Cout×Cin, and equal shapes are one batch', () => {
    const layout = new GateLayout(createModel('resnet18'), 'connection');
    const batches = new Map<number, string[]>();
    for (const { batch, height, width } of layout.maps)
      batches.set(batch, [...(batches.get(batch) ?? []), `${height}×${width}`]);
    expect([...batches.values()]).toEqual([
      ['64×3'],
      Array(4).fill('64×64'),
      ['128×64', '128×64'],
      Array(3).fill('128×128'),
      ['256×128', '256×128'],
      Array(3).fill('256×256'),
      ['512×256', '512×256'],
      Array(3).fill('512×512'),
      ['10×512'],
    ]);
    expect(layout.total).toBe(layout.maps.reduce((sum, { length }) => sum + length, 0));
    for (const [m, { at }] of layout.maps.entries())
      expect(at).toBe(layout.maps.slice(0, m).reduce((sum, { length }) => sum + length, 0));
  });

  it('leaves layers ungated by name, and refuses names that are none', () => {
    const layout = new GateLayout(network, 'connection', ['conv1', 'fc']);
    expect(layout.entries.map(({ name }) => name)).not.toContain('conv1');
    expect(() => new GateLayout(network, 'connection', ['conv9'])).toThrow(
      'there is no layer "conv9" to leave ungated; there are conv1, layer1.0.conv1',
    );
    const all = network.gatedLayers().map(({ name }) => name);
    expect(() => new GateLayout(network, 'connection', all)).toThrow('every layer is left ungated');
  });

  it('leaves the outer layers ungated under `inner`, and those that were named', () => {
    const inner = leftUngated(network, 'inner', ['layer1.0.conv1', 'fc']);
    expect(inner).toEqual(['conv1', 'layer2.0.downsample.0', 'layer3.0.downsample.0', 'fc', 'layer1.0.conv1']);
    const layout = new GateLayout(network, 'connection', inner);
    expect(layout.entries.map(({ name }) => name)).toEqual([
      'layer1.0.conv2',
      'layer2.0.conv1',
      'layer2.0.conv2',
      'layer3.0.conv1',
      'layer3.0.conv2',
    ]);
    expect(leftUngated(network, 'all', ['fc'])).toEqual(['fc']);
  });

  it('needs a graph for `inner`, and inner layers', () => {
    expect(() => leftUngated(new GatedModule(new Perceptron()), 'inner')).toThrow(
      "gated inner: which layers are inner ones only the module's graph says: give it (graphOf makes one of a sample run), or leave layers out by name",
    );
    const b = new GraphBuilder();
    b.linear(b.globalPool(b.conv(b.image(), 'stem', 4)), 'head', 2);
    expect(() => leftUngated(new Network(b.graph('flat', 8)), 'inner')).toThrow(
      'gated inner: flat has no inner layers, only stem, head; take gated all',
    );
  });

  it('takes its gates off again, also after an error', async () => {
    const layout = new GateLayout(network, 'connection');
    const gates = positive(layout, 2);
    expect(() =>
      layout.gated(gates, () => {
        throw new Error('stop');
      }),
    ).toThrow('stop');
    for (const { layer, norm } of network.gatedLayers()) {
      expect(layer.masked).toBeUndefined();
      expect(norm?.layer.gate).toBeUndefined();
    }
    gates.release();
  });
});
