// Grad-CAM of a gated network, and that a look at a network leaves no trace in it.
import { describe, expect, it } from 'vitest';
import { GateLayout } from '../../../src/astro/gate-layout.ts';
import { type GradCamOptions, gradCam } from '../../../src/explain/maps/grad-cam.ts';
import { ExplainError } from '../../../src/explain/maps/layers.ts';
import { createModel } from '../../../src/models/zoo/registry.ts';
import { loadStateDict, stateDict } from '../../../src/nn/state-dict.ts';
import { relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';
import { images, trained } from './networks.ts';

describe('under gates', () => {
  it('sees the gated network, however the gates are put on', async () => {
    const network = await trained(createModel('resnet-small'));
    const x = images(1, 8);
    const layout = new GateLayout(network, 'filter');
    const gate = values(4, layout.total).map(Math.abs);
    const gates = on(gate, [layout.total]);
    const options: GradCamOptions = { layer: 'layer2.0' };
    const plain = await gradCam(network, x, options);
    const inside = await gradCam(network, x, { ...options, under: (fn) => layout.gated(gates, fn) });
    const around = await layout.gated(gates, () => gradCam(network, x, options));
    // A layer's gated weight outlives a call that did not make it.
    const twice = await layout.gated(gates, () => {
      const masked = layout.entries.at(-1)!.layer.masked!;
      return gradCam(network, x, options).then((maps) => ({ maps, released: masked.released }));
    });

    const dict = await stateDict(network);
    for (const { name, applies, at, length } of layout.entries) {
      const weight = dict.get(`${name}.weight`)!;
      const each = weight.data.length / weight.shape[0];
      for (let i = 0; i < weight.data.length; i++)
        weight.data[i] *= gate[at + (applies === 'filter' ? Math.floor(i / each) : i % length)];
    }
    loadStateDict(network, dict);
    const folded = await gradCam(network, x, options);
    expect(relativeError(inside.maps[0], folded.maps[0], 1e-3)).toBeLessThan(1e-5);
    expect(around).toEqual(inside);
    expect(twice).toEqual({ maps: inside, released: false });
    expect(relativeError(plain.maps[0], folded.maps[0], 1e-3)).toBeGreaterThan(0.1);
    for (const made of [x, gates, network]) made.release();
  });
});

describe('what is left behind', () => {
  it('is nothing: gradients stay as they were and memory is given back', async () => {
    const network = await trained(createModel('resnet-small'));
    const x = images(2, 8);
    const held = network.arena.gradients.set(values(8, network.arena.gradients.size));
    const before = await held.floats();
    const kept = gpu.memory.stats().current;
    for (const layer of ['image', 'conv1', 'layer2.0.conv1', 'layer3.0', undefined])
      for (const classes of [undefined, [3, 3]]) await gradCam(network, x, { layer, classes });
    await expect(gradCam(network, x, { classes: [1, 10] })).rejects.toThrow(ExplainError);
    expect(gpu.memory.stats().current).toBe(kept);
    expect(await held.floats()).toEqual(before);
    expect([...network.arena.tensors.values()].every(({ requiresGrad }) => requiresGrad)).toBe(true);
    expect(x.requiresGrad).toBe(false);
    for (const made of [x, network]) made.release();
  });
});
