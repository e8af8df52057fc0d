// Losses and data of a module's own: iterators, parts of one set, batches that come in parts, and passes.
import { expect, it } from 'vitest';
import { ArrayBatches } from '../../../src/data/arrays/array-batches.ts';
import { type CpuBatch, StreamedBatches } from '../../../src/data/arrays/streamed-batches.ts';
import { BatchStream } from '../../../src/data/loader/batch-stream.ts';
import { DeviceData } from '../../../src/data/loader/device-data.ts';
import { Network } from '../../../src/models/network.ts';
import { vit } from '../../../src/models/zoo/vit.ts';
import { Conv2d } from '../../../src/nn/layers/conv2d.ts';
import { BATCH_STATS, EVAL, Module, type Pass, TRAIN } from '../../../src/nn/module.ts';
import { mul } from '../../../src/ops/arithmetic/binary.ts';
import { crossEntropy } from '../../../src/ops/loss/cross-entropy.ts';
import { sum } from '../../../src/ops/reduce/sum.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { attachAstrocyte } from '../../../src/train/attached/attached-astrocyte.ts';
import { NonFiniteLossError } from '../../../src/train/stages/diagnose.ts';
import { distance } from '../../support/check.ts';
import { gpu } from '../../support/gpu.ts';
import { HandMade, patternBatches, patterns, SIDE } from '../../support/own-modules.ts';
import { SIDE as IMAGE_SIDE, trainImages } from '../../support/training.ts';
import { lossOf, SMALL } from './learners.ts';

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
