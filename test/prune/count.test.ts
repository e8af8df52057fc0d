// Kept and structural parameters on masks whose outcome can be said by hand.
import { describe, expect, it } from 'vitest';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import { networkParameters } from '../../src/models/graph/cost.ts';
import { classesOf } from '../../src/models/graph/graph.ts';
import { Network } from '../../src/models/network.ts';
import { createModel, describeModel } from '../../src/models/zoo/registry.ts';
import { compact } from '../../src/prune/compact.ts';
import { countParameters, survivalOf } from '../../src/prune/count.ts';
import { deadChannelMasks, silenced } from '../../src/prune/dead-channels.ts';
import { CompactError } from '../../src/prune/error.ts';
import { foldGates } from '../../src/prune/fold.ts';
import type { GateKind } from '../../src/prune/gates.ts';
import { randomDict } from '../support/evaluate.ts';
import { differentModels } from '../support/models.ts';
import { generator } from '../support/random.ts';
import { tinyNet } from '../support/tiny-net.ts';

const full = (layout: GateLayout): Map<string, Float32Array> =>
  new Map(layout.entries.map(({ name, rows, columns }) => [name, new Float32Array(rows * columns).fill(1)]));

describe('a plain chain', () => {
  // conv1 6×3 (3×3), conv2 10×6 (3×3), fc 4×10 and 4 biases.
  const network = tinyNet();
  const layout = new GateLayout(network, 'connection');
  const total = 162 + 540 + 40 + 4;

  it('without gates nothing is missing', () => {
    expect(countParameters(network, undefined, new Map())).toEqual({ total, kept: total, structural: total });
    expect(countParameters(network, layout, full(layout))).toEqual({ total, kept: total, structural: total });
  });

  it('scattered cuts lower what is kept, not the structure', () => {
    const gates = full(layout);
    gates.get('conv2')![3] = 0;
    gates.get('fc')![7] = 0;
    expect(countParameters(network, layout, gates)).toEqual({ total, kept: total - 9 - 1, structural: total });
  });

  it('a channel that nothing feeds takes its readers along', () => {
    const gates = full(layout);
    gates.get('conv1')!.fill(0, 2 * 3, 3 * 3); // output channel 2
    const { kept, structural } = countParameters(network, layout, gates);
    expect(kept).toBe(total - 27);
    expect(structural).toBe(total - 27 - 10 * 9);
  });

  it('a channel that nothing reads takes its producers along', () => {
    const gates = full(layout);
    for (let o = 0; o < 4; o++) gates.get('fc')![o * 10 + 5] = 0; // conv2's channel 5
    const { kept, structural } = countParameters(network, layout, gates);
    expect(kept).toBe(total - 4);
    expect(structural).toBe(total - 4 - 6 * 9);
  });

  it('what dies spreads through the chain', () => {
    const gates = full(layout);
    // conv2's channels 0..8 are read by nobody, and channel 9 hears only conv1's channel 0.
    for (let o = 0; o < 4; o++) for (let i = 0; i < 9; i++) gates.get('fc')![o * 10 + i] = 0;
    for (let i = 1; i < 6; i++) gates.get('conv2')![9 * 6 + i] = 0;
    expect(countParameters(network, layout, gates).structural).toBe(3 * 9 + 9 + 4 + 4);
  });
});

describe('a residual network', () => {
  const network = createModel('resnet-small');
  const layout = new GateLayout(network, 'filter');
  const total = network.parameterCount();

  it('a channel of a residual sum lives while one producer feeds it', () => {
    const gates = full(layout);
    gates.get('layer1.0.conv2')![4] = 0; // the stem still feeds the sum's channel 4
    const { kept, structural } = countParameters(network, layout, gates);
    expect(kept).toBe(total - 9 * 16);
    expect(structural).toBe(total);
  });

  it('and goes when every producer lost it', () => {
    const gates = full(layout);
    gates.get('layer1.0.conv2')![4] = 0;
    gates.get('conv1')![4] = 0;
    // conv1 and its norm, layer1's conv1 input, conv2 output and norm, layer2's conv1 and shortcut inputs.
    const gone = 3 * 9 + 2 + 16 * 9 + 16 * 9 + 2 + 32 * 9 + 32;
    expect(countParameters(network, layout, gates).structural).toBe(total - gone);
  });

  it('an inner channel of a block goes alone', () => {
    const gates = full(layout);
    gates.get('layer3.0.conv1')![0] = 0;
    expect(countParameters(network, layout, gates).structural).toBe(total - (32 * 9 + 2 + 64 * 9));
  });

  it('input neurons of the linear layer are channels of the last sum', () => {
    const gates = full(layout);
    gates.get('fc')![0] = 0;
    const { kept, structural } = countParameters(network, layout, gates);
    expect(kept).toBe(total - 10);
    // Nobody reads channel 0 of the last stage: conv2's filter and norm, the shortcut's filter and norm, fc's column.
    expect(structural).toBe(total - (64 * 9 + 2 + 32 + 2 + 10));
  });
});

describe.each(differentModels)('%s: the structure counted is what compaction writes', (name) => {
  const isVit = name.startsWith('vit');
  const graph = describeModel(name, isVit ? { width: 0.02, size: 32 } : { width: name.endsWith('small') ? 0.5 : 0.1 });
  const network = new Network(graph);
  const kinds: GateKind[] = isVit ? ['connection', 'filter'] : ['connection', 'filter', 'channel'];

  it.each(kinds)('where what nothing feeds is silent, for %s gates', (kind) => {
    const layout = new GateLayout(network, kind);
    let smaller = 0;
    for (const [n, density] of [0.9, 0.5, 0.3].entries()) {
      const next = generator(n + 1);
      const gates = new Map(
        layout.entries.map(({ name, length }) => [
          name,
          Float32Array.from({ length }, () => (next() < density ? 1 - next() / 2 : 0)),
        ]),
      );
      const dict = silenced(
        foldGates(graph, randomDict(graph, n), gates, kind),
        deadChannelMasks(graph, survivalOf(layout, gates)),
      );
      const { structural, total } = countParameters(network, layout, gates);
      try {
        expect(networkParameters(compact(graph, dict, { multiple: 1 }).graph)).toBe(structural);
        smaller += structural < total ? 1 : 0;
      } catch (error) {
        if (!(error instanceof CompactError)) throw error;
        expect(structural).toBe(classesOf(graph));
      }
    }
    expect(smaller).toBeGreaterThan(0);
  });
});
