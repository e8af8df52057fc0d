// Which layers of a module written by hand have gates, what normalizes behind them, and what they cost.
import { describe, expect, it } from 'vitest';
import { GatedModule } from '../../../src/models/gated-module.ts';
import { graphOf } from '../../../src/models/trace/graph-of.ts';
import { moduleCost } from '../../../src/models/trace/module-cost.ts';
import { EVAL } from '../../../src/nn/module.ts';
import { attachAstrocyte } from '../../../src/train/attached/attached-astrocyte.ts';
import { gpu, on } from '../../support/gpu.ts';
import { HandMade, SIDE } from '../../support/own-modules.ts';
import { values } from '../../support/random.ts';
import { images, SMALL, sampleOf, size } from './learners.ts';

describe('the layers of a module', () => {
  const names = (options: ConstructorParameters<typeof GatedModule>[1]) =>
    new GatedModule(new HandMade(), options).gatedLayers().map(({ name }) => name);

  it('are found by name, in the order of declaration', () => {
    expect(names({})).toEqual([
      'stem',
      'blocks.0.conv1',
      'blocks.0.conv2',
      'blocks.1.conv1',
      'blocks.1.conv2',
      'blocks.1.around',
      'head',
    ]);
    expect(names({ include: ['blocks.*'], exclude: [/around$/, '*.0.*'] })).toEqual([
      'blocks.1.conv1',
      'blocks.1.conv2',
    ]);
    expect(names({ include: ['head', 'stem'] })).toEqual(['stem', 'head']);
    for (const [options, message] of [
      [{ include: ['body'] }, 'HandMade: no layer that can have gates is called body; there are stem, blocks.0.conv1'],
      [{ exclude: ['norm'] }, 'is called norm'],
      [{ exclude: ['*'] }, 'no layer is left to have gates'],
    ] as const)
      expect(() => names(options)).toThrow(message);
  });

  it('are followed by the normalizations that a run shows', () => {
    const module = new HandMade().to(gpu, 1);
    const gated = new GatedModule(module, { sample: sampleOf(module) });
    expect(gated.gatedLayers().map(({ norm }) => norm?.name)).toEqual([
      'norm',
      'blocks.0.norm1',
      'blocks.0.norm2',
      'blocks.1.norm1',
      'blocks.1.norm2',
      undefined,
      undefined,
    ]);
    expect(() => attachAstrocyte(module, { gates: 'channel' })).toThrow('channel gates need the normalization behind');
    expect(() => attachAstrocyte(module, { input: 'scale' })).toThrow('scales need the normalization behind');
    module.release();
  });

  it('cost what their shapes say, in a run on one item', () => {
    const module = new HandMade().to(gpu, 1);
    const x = on(values(1, size), [1, SIDE, SIDE, 2]);
    const { macs, parameters, layers } = moduleCost(module, () => module.forward(x, EVAL));
    expect(parameters).toBe(module.parameterCount());
    const expected = {
      stem: 64 * 9 * 2 * 8,
      'blocks.0.conv1': 16 * 9 * 64,
      'blocks.0.conv2': 16 * 9 * 64,
      'blocks.1.conv1': 4 * 9 * 8 * 12,
      'blocks.1.conv2': 4 * 9 * 12 * 12,
      'blocks.1.around': 4 * 8 * 12,
      head: 36,
    };
    expect(Object.fromEntries(layers.map((layer) => [layer.name, layer.macs]))).toEqual(expected);
    expect(macs).toBe(Object.values(expected).reduce((a, b) => a + b));
    module.release();
  });
});

it('under `inner` has gates on the inner layers alone, which the graph of a run says', () => {
  const module = new HandMade().to(gpu, 1);
  const graph = graphOf(module, images(), (x) => module.forward(x, EVAL));
  const astro = attachAstrocyte(module, { ...SMALL, gated: 'inner', graph });
  expect(astro.layout.entries.map(({ name }) => name)).toEqual([
    'blocks.0.conv1',
    'blocks.0.conv2',
    'blocks.1.conv1',
    'blocks.1.conv2',
  ]);
  astro.release();
  expect(() => attachAstrocyte(module, { ...SMALL, gated: 'inner', sample: sampleOf(module) })).toThrow(
    "gated inner: which layers are inner ones only the module's graph says",
  );
  module.release();
});
