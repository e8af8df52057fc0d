// Steps in a loop of one's own: captured, one submit each, without an allocation, and all memory goes back.
import { expect, it } from 'vitest';
import { Sgd } from '../../../src/nn/optim/sgd.ts';
import { crossEntropy } from '../../../src/ops/loss/cross-entropy.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { attachAstrocyte } from '../../../src/train/attached/attached-astrocyte.ts';
import { calls, only } from '../../support/calls.ts';
import { gpu } from '../../support/gpu.ts';
import { Perceptron, patternBatches } from '../../support/own-modules.ts';
import { SMALL } from './learners.ts';

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
