// The fact that shapes everything (METHOD.md §1): batch norm cancels a positive scale of a filter. And where each kind of gate acts.
import { afterAll, describe, expect, it } from 'vitest';
import { type GateKind, GateLayout } from '../../src/astro/index.ts';
import { createModel, type Network } from '../../src/models/index.ts';
import { TRAIN } from '../../src/nn/index.ts';
import { backward, noGrad, scope, type Tensor, tensor } from '../../src/tensor/index.ts';
import { gpu, on } from '../support/gpu.ts';
import { generator, values } from '../support/random.ts';

const network = createModel('resnet-small').to(gpu, 3);
const x = on(values(5, 4 * 16 * 16 * 3), [4, 16, 16, 3]);
afterAll(() => {
  network.release();
  x.release();
});

/** Gates between 0.2 and 1.7, all positive. */
const positive = (layout: GateLayout, seed: number): Tensor[] =>
  layout.groups.map(({ image, length }, g) => {
    const next = generator(seed + g);
    return tensor(
      gpu,
      Float32Array.from({ length: image[0] * length }, () => 0.2 + 1.5 * next()),
      [image[0], length],
      'gates',
    );
  });

const logits = async (run: () => Tensor): Promise<Float32Array> => {
  const made = noGrad(() => scope(run));
  const read = await made.floats();
  made.release();
  return read;
};

const largest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** Every convolution but no linear layer, whose input gate no normalisation follows. */
const layoutOf = (net: Network, kind: GateKind): GateLayout => new GateLayout(net, kind, ['fc']);

describe('batch norm and a positive gate', () => {
  it('a filter gate changes neither the output ...', async () => {
    const layout = layoutOf(network, 'filter');
    const gates = positive(layout, 11);
    const plain = await logits(() => network.forward(x, TRAIN));
    const gated = await logits(() => layout.gated(gates, () => network.forward(x, TRAIN)));
    // ε = 1e-5 in batch norm keeps the cancellation from being exact: variances here are near 1.
    expect(largest(plain, gated)).toBeLessThan(2e-3);
    for (const gate of gates) gate.release();
  });

  it.each(['connection', 'channel'] as const)('... but a %s gate does', async (kind) => {
    const layout = layoutOf(network, kind);
    const gates = positive(layout, 11);
    const plain = await logits(() => network.forward(x, TRAIN));
    const gated = await logits(() => layout.gated(gates, () => network.forward(x, TRAIN)));
    expect(largest(plain, gated)).toBeGreaterThan(0.1);
    for (const gate of gates) gate.release();
  });

  it('the task gradient of a filter gate is almost none, of the others it is not', async () => {
    const size = async (kind: GateKind): Promise<number> => {
      const layout = layoutOf(network, kind);
      const gates = positive(layout, 11);
      for (const gate of gates) gate.requiresGrad = true;
      scope(() => {
        const out = layout.gated(gates, () => network.forward(x, TRAIN));
        backward(out, { gradient: on(values(9, out.size), out.shape) });
      });
      let total = 0;
      for (const gate of gates) {
        total += (await gate.grad!.floats()).reduce((sum, value) => sum + value * value, 0);
        gate.grad!.release();
        gate.release();
      }
      return Math.sqrt(total);
    };
    const [filter, connection, channel] = [await size('filter'), await size('connection'), await size('channel')];
    expect(filter).toBeLessThan(1e-3 * connection);
    expect(filter).toBeLessThan(1e-3 * channel);
  });
});

describe('layout', () => {
  it.each([
    ['resnet18', 'filter', 5312, [1, 83, 64]],
    ['resnet18', 'channel', 5312, [1, 83, 64]],
    ['resnet34', 'filter', 9024, [1, 141, 64]],
  ] as const)('%s with %s gates lays %i of them into one matrix', (model, kind, total, image) => {
    const layout = new GateLayout(createModel(model), kind);
    expect(layout.total).toBe(total);
    expect(layout.groups).toHaveLength(1);
    expect(layout.groups[0].image).toEqual(image);
  });

  it('connection maps are Cout×Cin, and equal shapes are one batch', () => {
    const layout = new GateLayout(createModel('resnet18'), 'connection');
    const shapes = new Map(layout.groups.map(({ image: [batch, height, width] }) => [`${height}×${width}`, batch]));
    expect(Object.fromEntries(shapes)).toEqual({
      '64×3': 1,
      '64×64': 4,
      '128×64': 2,
      '128×128': 3,
      '256×128': 2,
      '256×256': 3,
      '512×256': 2,
      '512×512': 3,
      '10×512': 1,
    });
    expect(layout.total).toBe(layout.groups.reduce((sum, { image: [b, h, w] }) => sum + b * h * w, 0));
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

  it('takes its gates off again, also after an error', async () => {
    const layout = new GateLayout(network, 'connection');
    const gates = positive(layout, 2);
    expect(() =>
      layout.gated(gates, () => {
        throw new Error('stop');
      }),
    ).toThrow('stop');
    for (const { layer, norm } of network.gatedLayers()) {
      expect(layer.gate).toBeUndefined();
      expect(norm?.layer.gate).toBeUndefined();
    }
    for (const gate of gates) gate.release();
  });
});
