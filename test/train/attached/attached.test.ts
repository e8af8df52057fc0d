// An astrocyte on modules written by hand: search, guide and finish, what is cut when, what is refused, and the same bits from the same seeds.
import { describe, expect, it } from 'vitest';
import { GateCut } from '../../../src/astro/gate-cut.ts';
import { ArrayBatches } from '../../../src/data/arrays/array-batches.ts';
import { DeviceArrays } from '../../../src/data/arrays/device-arrays.ts';
import { graphOf } from '../../../src/models/trace/graph-of.ts';
import { moduleCost } from '../../../src/models/trace/module-cost.ts';
import { Linear } from '../../../src/nn/layers/linear.ts';
import { MultiHeadAttention } from '../../../src/nn/layers/multi-head-attention.ts';
import { EVAL, Module } from '../../../src/nn/module.ts';
import { loadStateDict, stateDict } from '../../../src/nn/state-dict.ts';
import { add } from '../../../src/ops/arithmetic/binary.ts';
import { mean } from '../../../src/ops/reduce/sum.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { attachAstrocyte } from '../../../src/train/attached/attached-astrocyte.ts';
import type { OwnProgress } from '../../../src/train/attached/own-task.ts';
import { distance } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { HandMade, patternBatches, patterns } from '../../support/own-modules.ts';
import { values } from '../../support/random.ts';
import { images, lossOf, run, SMALL, sampleOf } from './learners.ts';

describe.each(['connection', 'filter', 'channel'] as const)('%s gates', (gates) => {
  it('are searched, guided and finished, and then stand in the weights', async () => {
    const module = new HandMade().to(gpu, 1);
    const { train, heldOut, release } = patternBatches(8, [24, 16]);
    const loss = lossOf(module);
    const astro = attachAstrocyte(module, { ...SMALL, gates, exclude: ['head'], sample: sampleOf(module) });
    const before = await stateDict(module);
    const seen: OwnProgress[] = [];
    const found = await astro.search({
      train,
      heldOut,
      loss,
      epochs: 1,
      lr: 0.05,
      updates: gates === 'connection' ? 'each' : 'last',
      onProgress: (at) => seen.push(at),
    });
    expect(found).toEqual(seen);
    expect(found).toHaveLength(1);
    expect(found[0].step).toBe(3);
    for (const value of [found[0].loss, found[0].anLoss!, found[0].heldOut!, ...found[0].e])
      expect(value).toBeGreaterThan(0);
    expect(await stateDict(module)).not.toEqual(before);

    const guided = await astro.guide({
      train,
      heldOut,
      loss,
      steps: 6,
      every: 3,
      lr: 0.05,
      guideEvery: 2,
      settle: 0.5,
      keep: 0.6,
    });
    expect(guided.map(({ step }) => step)).toEqual([3, 6]);
    const x = images();
    const under = await run(() => astro.gated(() => module.forward(x, EVAL)));
    expect(distance(await run(() => module.forward(x, EVAL)), under)).toBeGreaterThan(0.01);
    const { total, kept, layers } = await astro.finish();
    const open = (await astro.regulator.gate.floats()).filter((gate) => gate !== 0).length;
    expect(open).toBe(Math.round(0.6 * astro.layout.total));
    expect(total).toBe(module.parameterCount());
    if (gates === 'connection') expect(kept).toBeLessThan(total);
    expect(layers.map(({ name }) => name)).toEqual(astro.layout.entries.map(({ name }) => name));
    for (const layer of layers) expect(layer.keptMacs! / layer.macs!).toBeCloseTo(layer.kept / layer.weights, 12);
    // Folded, the module is what it was under its gates: 1e-6 for products that are rounded in another order.
    expect(distance(await run(() => module.forward(x, EVAL)), under)).toBeLessThan(1e-5);
    expect(await run(() => astro.gated(() => module.forward(x, EVAL)))).toEqual(
      await run(() => module.forward(x, EVAL)),
    );
    await expect(astro.finish()).rejects.toThrow('has finished');
    for (const part of [astro, module]) part.release();
    release();
  });
});

it('a guide begins with what the module was before the search, statistics too, unless it is to go on', async () => {
  const module = new HandMade().to(gpu, 1);
  const { train, heldOut, release } = patternBatches(8, [24, 24]);
  const loss = lossOf(module);
  const before = await stateDict(module);
  const astro = attachAstrocyte(module, SMALL);
  await astro.search({ train, heldOut, loss, steps: 2 });
  const searched = await stateDict(module);
  const optimizer = { step: () => {} };
  await astro.guide({ train, loss, steps: 1, optimizer, settle: 0, fresh: false });
  expect((await stateDict(module)).get('head.weight')).toEqual(searched.get('head.weight'));
  await astro.guide({ train, loss, steps: 1, optimizer, settle: 0 });
  expect((await stateDict(module)).get('head.weight')).toEqual(before.get('head.weight'));
  for (const part of [astro, module]) part.release();
  release();
});

it('an astrocyte that sees sets and Taylor terms, and starts as what is large, learns to change that', async () => {
  const module = new HandMade().to(gpu, 1);
  const { train, heldOut, release } = patternBatches(8, [24, 24]);
  const loss = lossOf(module);
  const start = { absolute: true, logitSkipScale: 1, shift: 2, zeroInit: true } as const;
  const astro = attachAstrocyte(module, { ...SMALL, ...start, network: 'axial', input: 'taylor', temperature: 0.5 });
  const last = (): Promise<Float32Array> => astro.astrocyte.arena.tensors.get('network.score.own.weight')!.floats();
  expect((await last()).every((v) => v === 0)).toBe(true);
  await astro.search({ train, heldOut, loss, steps: 2, lr: 0.05 });
  const learned = await last();
  expect(learned.every((v) => Number.isFinite(v) && v !== 0)).toBe(true);
  const terms = await astro.regulator.state().get('taylor')!.floats();
  expect(terms.every((v) => Number.isFinite(v) && v >= 0)).toBe(true);
  expect(Math.max(...terms)).toBeGreaterThan(0);
  await astro.guide({ train, loss, steps: 4, lr: 0.05, keep: 0.5, settle: 0.5 });
  const { kept, total } = await astro.finish({ train, loss });
  expect(kept).toBeLessThan(0.8 * total);
  for (const part of [astro, module]) part.release();
  release();
});

it('a guide lets what stays fall, by its ranking, and is refused where nothing is to stay', async () => {
  const module = new HandMade().to(gpu, 1);
  const { train, release } = patternBatches(4, [8, 8]);
  const loss = lossOf(module);
  const astro = attachAstrocyte(module, { ...SMALL, gates: 'filter', include: ['blocks.*'] });
  await expect(astro.guide({ train, loss, steps: 4, fall: 0 })).rejects.toThrow('say how much stays by keep 0.5');
  await expect(astro.guide({ train, loss, steps: 4, targetParams: 0.5 })).rejects.toThrow('only a graph says');
  const options = { ranking: 'strength', gateValues: 'binary', fall: 0.25 } as const;
  await astro.guide({ train, loss, steps: 4, lr: 0.05, guideEvery: 1, settle: 0.25, keep: 0.5, ...options });
  const gates = await astro.regulator.gate.floats();
  expect(gates.every((gate) => gate === 0 || gate === 1)).toBe(true);
  expect(gates.filter((gate) => gate === 1)).toHaveLength(Math.round(gates.length / 2));
  for (const part of [astro, module]) part.release();
  release();
});

it('a guide that nothing settles in cuts at its end, if it was told how, and finish leaves that alone', async () => {
  const module = new HandMade().to(gpu, 1);
  const { train, release } = patternBatches(4, [8, 8]);
  const loss = lossOf(module);
  const graph = graphOf(module, images(), (x) => module.forward(x, EVAL));
  const astro = attachAstrocyte(module, { ...SMALL, gates: 'filter', include: ['blocks.*'], graph });
  const guide = (options: Partial<Parameters<typeof astro.guide>[0]>) =>
    astro.guide({ train, loss: loss as never, steps: 4, lr: 0.05, settle: 0, ...options });
  await guide({});
  expect(astro.regulator.gatesFinal).toBe(false);
  await guide({ keep: 0.1, ranking: 'strength', fall: 0.25, gateValues: 'binary' });
  expect(astro.regulator.gatesFinal).toBe(true);
  const open = async (): Promise<number[]> => [...(await astro.regulator.gate.floats())].filter((gate) => gate !== 0);
  expect(await open()).toEqual(Array(Math.round(0.1 * astro.layout.total)).fill(1));
  // In another guide no channel stays silent.
  const silent = (): boolean => astro.regulator.gated(() => module.blocks[0].norm1.bias.mask !== undefined);
  expect(silent()).toBe(true);
  await guide({});
  expect(silent()).toBe(false);
  await guide({ keep: 0.5, gateValues: 'binary' });
  const gates = await astro.regulator.gate.floats();
  const { kept } = await astro.finish();
  expect(await astro.regulator.gate.floats()).toEqual(gates);
  expect(kept).toBeLessThan(module.parameterCount());
  for (const part of [astro, module]) part.release();
  release();
});

it('refuses options and words that there are not, and a training without a loss', async () => {
  const module = new HandMade().to(gpu, 1);
  const { train, heldOut, release } = patternBatches(4, [8, 8]);
  const attach = (options: object) => (): unknown => attachAstrocyte(module, { ...SMALL, ...options });
  expect(attach({ gate: 'filter' })).toThrow('attachAstrocyte: there is no option gate; did you mean gates?');
  expect(attach({ gates: 'filters' })).toThrow(
    'gates filters: takes one of connection, filter, channel; did you mean filter?',
  );
  for (const [name, word] of Object.entries({ mode: 'sum', feature: 'mean', norm: 'max', activation: 'tanh' }))
    expect(attach({ [name]: word })).toThrow(`${name} ${word}: takes one of`);
  const astro = attachAstrocyte(module, SMALL);
  const options = { train, heldOut, loss: lossOf(module), steps: 4 };
  const given = (change: object): never => ({ ...options, ...change }) as never;
  await expect(astro.search(given({ epoch: 1 }))).rejects.toThrow('search: there is no option epoch; did you mean');
  await expect(astro.search(given({ loss: undefined }))).rejects.toThrow(
    'search: its argument options.loss is missing',
  );
  await expect(astro.search(given({ heldOut: undefined }))).rejects.toThrow('options.heldOut is missing');
  await expect(astro.guide(given({ kep: 0.5 }))).rejects.toThrow('guide: there is no option kep; did you mean keep?');
  await expect(astro.finish({ kep: 0.5 } as never)).rejects.toThrow('finish: there is no option kep; did you mean');
  for (const part of [astro, module]) part.release();
  release();
});

it('refuses what the main job refuses', async () => {
  const module = new HandMade().to(gpu, 1);
  const { train, release } = patternBatches(4, [8, 8]);
  const loss = lossOf(module);
  const astro = attachAstrocyte(module, SMALL);
  const guide = { train, loss, steps: 4 };
  await expect(astro.guide({ ...guide, keep: 0.5, threshold: 0.5 })).rejects.toThrow('both say how much stays');
  await expect(astro.guide({ ...guide, ranking: 'layer' })).rejects.toThrow('it ranks gates for a part of them');
  await expect(astro.guide({ ...guide, keep: 0.5, fall: 0.8 })).rejects.toThrow('the fall has to begin before');
  await expect(astro.finish({ keep: 0.5, threshold: 0.5 })).rejects.toThrow('both say how much stays');
  for (const part of [astro, module]) part.release();
  release();
  if (!gpu.capabilities.f16) return;
  const half = new HandMade().to(gpu, 1, { precision: 'f16' });
  for (const input of ['taylor', 'gradient'] as const)
    expect(() => attachAstrocyte(half, { ...SMALL, input })).toThrow(`input ${input}: gradients in f16 may overflow`);
  half.release();
});

it('the same seeds give the same bits, in f16 too where there is f16', async () => {
  const weights = async (dtype: 'f32' | 'f16'): Promise<Float32Array> => {
    const module = new HandMade().to(gpu, 1, { precision: dtype });
    const { train, heldOut, release } = patternBatches(4, [8, 8], dtype);
    const loss = lossOf(module);
    const astro = attachAstrocyte(module, { ...SMALL, gates: 'filter', include: ['blocks.*'] });
    await astro.search({ train, heldOut, loss, steps: 1, lr: 0.05 });
    await astro.guide({ train, loss, steps: 2, lr: 0.05, keep: 0.5, settle: 0.5 });
    await astro.finish({ train, loss });
    const made = await module.arena.values.floats();
    for (const part of [astro, module]) part.release();
    release();
    return made;
  };
  const once = await weights('f32');
  expect(once.every(Number.isFinite)).toBe(true);
  expect(await weights('f32')).toEqual(once);
  if (!gpu.capabilities.f16) return;
  const half = await weights('f16');
  expect(half.every(Number.isFinite)).toBe(true);
  expect(await weights('f16')).toEqual(half);
});

it('attention has gates on all its projections', async () => {
  class Attends extends Module {
    readonly attention = new MultiHeadAttention(8, 2);
    readonly head = new Linear(8, 3);

    forward(x: Tensor): Tensor {
      return this.head.forward(mean(add(x, this.attention.forward(x)), [1]));
    }
  }
  const module = new Attends().to(gpu, 1);
  const one = on(values(1, 32), [1, 4, 8]);
  const items = { x: { data: values(2, 12 * 32), shape: [4, 8] }, y: { data: patterns(12, 1).y, shape: [] } };
  const data = new DeviceArrays(gpu, items);
  const [train, heldOut] = [1, 2].map((seed) => new ArrayBatches(data, { batch: 4, seed }));
  const astro = attachAstrocyte(module, { ...SMALL, sample: () => module.forward(one) });
  await astro.search({ train, heldOut, loss: lossOf(module), steps: 2, updates: 'last' });
  astro.regulate();
  const cut = new GateCut(astro.regulator);
  cut.keep(0.5);
  cut.apply();
  cut.release();
  const under = await run(() => astro.gated(() => module.forward(one)));
  expect((await astro.count()).layers).toMatchObject([
    { name: 'attention.in_proj', weights: 192, macs: 4 * 192 },
    { name: 'attention.out_proj', weights: 64, macs: 4 * 64 },
    { name: 'head', weights: 24, macs: 24 },
  ]);
  expect(moduleCost(module, () => module.forward(one)).macs).toBe(4 * 256 + 24 + 2 * 4 * 4 * 8);
  expect(await run(() => module.forward(one))).not.toEqual(under);
  const folded = await astro.stateDict();
  loadStateDict(module, folded);
  expect(distance(await run(() => module.forward(one)), under)).toBeLessThan(1e-5);
  for (const part of [train, heldOut, data, astro, module]) part.release();
});
