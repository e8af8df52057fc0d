// An astrocyte on modules written by hand: what has gates, search, guide and finish, steps in a loop of one's own, counting, determinism, and what is refused.
import { describe, expect, it } from 'vitest';
import { GateCut } from '../../../src/astro/gate-cut.ts';
import { ArrayBatches } from '../../../src/data/arrays/array-batches.ts';
import { DeviceArrays } from '../../../src/data/arrays/device-arrays.ts';
import { type CpuBatch, StreamedBatches } from '../../../src/data/arrays/streamed-batches.ts';
import { BatchStream } from '../../../src/data/loader/batch-stream.ts';
import { DeviceData } from '../../../src/data/loader/device-data.ts';
import { GatedModule } from '../../../src/models/gated-module.ts';
import { Network } from '../../../src/models/network.ts';
import { graphOf } from '../../../src/models/trace/graph-of.ts';
import { moduleCost } from '../../../src/models/trace/module-cost.ts';
import { vit } from '../../../src/models/zoo/vit.ts';
import { Conv2d } from '../../../src/nn/layers/conv2d.ts';
import { Linear } from '../../../src/nn/layers/linear.ts';
import { MultiHeadAttention } from '../../../src/nn/layers/multi-head-attention.ts';
import { BATCH_STATS, EVAL, Module, type Pass, TRAIN } from '../../../src/nn/module.ts';
import { Sgd } from '../../../src/nn/optim/sgd.ts';
import { loadStateDict, stateDict } from '../../../src/nn/state-dict.ts';
import { add, mul } from '../../../src/ops/arithmetic/binary.ts';
import { crossEntropy } from '../../../src/ops/loss/cross-entropy.ts';
import { mean, sum } from '../../../src/ops/reduce/sum.ts';
import { noGrad } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { type AttachOptions, attachAstrocyte } from '../../../src/train/attached/attached-astrocyte.ts';
import type { OwnProgress } from '../../../src/train/attached/own-task.ts';
import { NonFiniteLossError } from '../../../src/train/stages/diagnose.ts';
import { calls, only } from '../../support/calls.ts';
import { distance } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { HandMade, Perceptron, patternBatches, patterns, SIDE } from '../../support/own-modules.ts';
import { values } from '../../support/random.ts';
import { SIDE as IMAGE_SIDE, trainImages } from '../../support/training.ts';

const SMALL: AttachOptions = { network: 'fcn', T: 2, anLr: 0.01 };
const size = 2 * SIDE * SIDE;
const images = () => on(values(3, 2 * size), [2, SIDE, SIDE, 2]);

interface Learns extends Module {
  forward(x: Tensor, pass: Pass): Tensor;
}

const lossOf =
  (module: Learns) =>
  ({ x, y }: Readonly<Record<'x' | 'y', Tensor>>, pass: Pass): Tensor =>
    crossEntropy(module.forward(x, pass), y);

async function run(fn: () => Tensor): Promise<Float32Array> {
  const made = noGrad(() => scope(fn));
  const read = await made.floats();
  made.release();
  return read;
}

const sampleOf = (module: Learns) => {
  const x = images();
  return () => module.forward(x, EVAL);
};

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

it('steps in a loop of one’s own are captured, and one submit each from then on', async () => {
  const module = new Perceptron().to(gpu, 1);
  const { train, heldOut, release } = patternBatches(6, [24, 24]);
  const astro = attachAstrocyte(module, { ...SMALL, gates: 'filter' });
  const optimizer = new Sgd(module.arena, { lr: 0.1 });
  const start = await astro.astrocyte.arena.values.floats();
  const search = gpu.capture('search', () => {
    train.next();
    heldOut.next();
    astro.searchStep({
      optimizer,
      loss: () => crossEntropy(module.forward(train.batch.x), train.batch.y),
      heldOutLoss: () => crossEntropy(module.forward(heldOut.batch.x), heldOut.batch.y),
      updates: 'last',
    });
  });
  const guide = gpu.capture('guide', () => {
    train.next();
    astro.regulate();
    astro.nnUpdate(optimizer, () => crossEntropy(module.forward(train.batch.x), train.batch.y));
  });
  expect(
    await calls(async () => {
      for (let i = 0; i < 4; i++) {
        search.replay();
        guide.replay();
      }
    }),
  ).toEqual(only(8));
  expect(await astro.astrocyte.arena.values.floats()).not.toEqual(start);
  const { kept, total } = await astro.finish({ keep: 0.5 });
  expect(kept).toBeLessThan(total);
  // Input neurons of a linear layer have the gates: of 128 + 24 + 16 half stay.
  expect((await astro.regulator.gate.floats()).filter((gate) => gate !== 0)).toHaveLength(84);
  for (const part of [search, guide]) part.dispose();
  for (const part of [optimizer, astro, module]) part.release();
  release();
});

it('a step of search and guide is one submit and allocates nothing, and all memory goes back', async () => {
  const module = new Perceptron().to(gpu, 1);
  const { train, heldOut, release } = patternBatches(6, [12, 12]);
  const loss = ({ x, y }: typeof train.batch): Tensor => crossEntropy(module.forward(x), y);
  const before = gpu.memory.stats().current;
  const astro = attachAstrocyte(module, { ...SMALL, gates: 'filter' });
  const learn = { search: () => astro.search(options), guide: () => astro.guide({ ...options, settle: 0 }) };
  let look = (): Record<string, number> => ({});
  const seen: Record<string, number>[] = [];
  const watched = {
    batch: train.batch,
    prepare: async () => {
      seen.push(look());
    },
    next: () => train.next(),
  };
  const options = { train: watched, heldOut, loss, steps: 5, lr: 0.01, updates: 'last' as const };
  for (const phase of Object.values(learn)) {
    seen.length = 0;
    await calls(async (now) => {
      look = now;
      await phase();
    });
    // Before the second step and before the fifth.
    for (const [name, count] of Object.entries(seen[4]))
      expect(count - seen[1][name], name).toBe(name === 'submit' ? 3 : 0);
  }
  astro.release();
  await gpu.idle();
  expect(gpu.memory.stats().current).toBe(before);
  module.release();
  release();
});

it('a module learns by a loss of its own, from an iterator, under a search with little to search', async () => {
  class Smooth extends Module {
    readonly first = new Conv2d(2, 4);
    readonly last = new Conv2d(4, 2, { kernel: 1 });

    forward = (x: Tensor): Tensor => this.last.forward(this.first.forward(x));
  }
  const module = new Smooth().to(gpu, 1);
  function* source(): Generator<CpuBatch<'x'>> {
    for (let i = 0; i < 3; i++) yield { x: { data: patterns(4, i).x, shape: [4, SIDE, SIDE, 2] } };
  }
  const [train, heldOut] = [await StreamedBatches.open(gpu, source), await StreamedBatches.open(gpu, source)];
  const astro = attachAstrocyte(module, SMALL);
  // The energy of the output: least where all is 0.
  const loss = ({ x }: { readonly x: Tensor }): Tensor => {
    const y = module.forward(x);
    return sum(mul(y, y));
  };
  const found = await astro.search({ train, heldOut, loss, steps: 6, every: 3, lr: 1e-4, updates: 'last' });
  expect(found.map(({ step }) => step)).toEqual([3, 6]);
  expect(found[1].loss).toBeLessThan(found[0].loss);
  await expect(astro.guide({ train, loss, epochs: 2 })).rejects.toThrow('nobody knows how many batches');
  await expect(astro.guide({ train, loss })).rejects.toThrow('steps is missing');
  await expect(astro.guide({ train, loss, steps: 1.5 })).rejects.toThrow('takes a whole number from 1');
  await expect(astro.guide({ train, loss, steps: 8, every: 4, lr: 1e30 })).rejects.toThrow(NonFiniteLossError);
  await expect(astro.compact()).rejects.toThrow('Smooth is a program, and compaction needs a graph');
  for (const part of [train, heldOut, astro, module]) part.release();
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

it('parts of one set serve both sides of a search', () => {
  const { train, release } = patternBatches(4, [12, 12]);
  const part = new ArrayBatches(train.data, { batch: 2, items: [3, 4, 5] });
  expect([...part.order(0)].sort()).toEqual([3, 4, 5]);
  part.release();
  release();
});

it('passes are those of the main job: statistics move in training alone', async () => {
  const module = new HandMade().to(gpu, 1);
  const { train, heldOut, release } = patternBatches(4, [8, 8]);
  const passes = new Set<Pass>();
  const astro = attachAstrocyte(module, SMALL);
  const loss: Parameters<typeof astro.search>[0]['loss'] = (batch, pass) => {
    passes.add(pass);
    return lossOf(module)(batch as Readonly<Record<'x' | 'y', Tensor>>, pass);
  };
  await astro.search({ train, heldOut, loss, steps: 1, updates: 'last' });
  for (const pass of [TRAIN, BATCH_STATS, EVAL]) expect(passes).toContain(pass);
  for (const part of [astro, module]) part.release();
  release();
});

it('a source whose batches come in parts gives the guide that whole batches give', async () => {
  const network = new Network(
    vit({ model: 'tiny', size: IMAGE_SIDE, patch: 8, width: 8, blocks: 1, heads: 2, classes: 10 }),
  );
  const guided = async (parts: number) => {
    network.to(gpu, 3);
    const data = new DeviceData(gpu, trainImages(16));
    const [train, heldOut] = [1, 2].map((seed) => new BatchStream(data, { batch: 8, seed, parts }));
    const astro = attachAstrocyte(network, { ...SMALL, gates: 'filter' });
    const loss = ({ x, y }: BatchStream['batch'], pass: Pass) => crossEntropy(network.forward(x, pass), y);
    const recipe = { loss, steps: 1, momentum: 0, lr: 0.01, warmup: 0, train, heldOut };
    const found = [await astro.search({ ...recipe, updates: 'last' }), await astro.guide(recipe)].flat();
    const values = await network.arena.values.floats();
    for (const owned of [astro, train, heldOut, data, network]) owned.release();
    return { values: values.map((value) => value || 0), losses: found.map(({ loss, heldOut }) => [loss, heldOut!]) };
  };
  const [whole, parts] = [await guided(1), await guided(4)];
  // The same sums in another order.
  expect(distance(parts.values, whole.values)).toBeLessThan(1e-3);
  expect(distance(parts.losses.flat(), whole.losses.flat())).toBeLessThan(1e-4);
});
