// What docs/architecture.md promises of a training step once it was captured: one submit, and no call that allocates, uploads or reads back.
import { expect, it, vi } from 'vitest';
import type { Program } from '../../../src/gpu/kernel/program.ts';
import type { Stage } from '../../../src/train/stages/stage.ts';
import { calls, only } from '../../support/calls.ts';
import { gpu } from '../../support/gpu.ts';
import { guideStage, runSteps, searchStage } from '../../support/training.ts';

/** Two steps are captured (with and without a regulation); the six after them are looked at, all within the first epoch. */
async function expectSteady({ stage, release }: { stage: Stage; release(): void }): Promise<void> {
  expect(stage.stepsPerEpoch).toBeGreaterThanOrEqual(8);
  await runSteps(stage, 0, 2);
  expect(
    await calls(async () => {
      for (let i = 2; i < 8; i++) await stage.step(i);
    }),
  ).toEqual(only(6));
  await gpu.idle();
  release();
}

it('the calls are seen when they are made', async () => {
  const seen = await calls(async () => {
    const { stage, release } = guideStage({ images: 80 });
    await stage.step(0);
    await stage.read();
    release();
  });
  for (const name of ['submit', 'writeBuffer', 'createBuffer', 'createBindGroup', 'mapAsync'])
    expect(seen[name], name).toBeGreaterThan(0);
});

it('a plain guide step is one submit', () => expectSteady(guideStage({ images: 80 })));

it('a guide step with and without its regulation is one submit', () =>
  expectSteady(guideStage({ regulated: true, images: 80 })));

it('a pair of search updates is one submit', () => expectSteady(searchStage({ images: 120 })));

it('they are in micro-batches, too', async () => {
  await expectSteady(guideStage({ regulated: true, images: 80, recipe: { microBatch: 4, clipNorm: 1 } }));
  await expectSteady(searchStage({ images: 120, recipe: { microBatch: 4 } }));
});

it.skipIf(!gpu.capabilities.f16)('in f16 they are, too', async () => {
  await expectSteady(guideStage({ regulated: true, images: 80, precision: 'f16' }));
  await expectSteady(searchStage({ images: 120, precision: 'f16' }));
});

// The optimizer keeps the copies of the weights, the mask makes its own, and the stream draws in f16.
it.skipIf(!gpu.capabilities.f16).each([false, true])(
  'a step in f16 converts nothing, regulated: %s',
  async (regulated) => {
    const capture = vi.spyOn(gpu, 'capture');
    gpu.tuner.force = 'plain';
    const { stage, release } = guideStage({ precision: 'f16', regulated });
    try {
      await stage.step(0);
      const labels = (capture.mock.results[0].value as Program).dispatches.map(({ label }) => label);
      expect(labels).toContain('sgd');
      expect(labels.filter((label) => label.startsWith('cast'))).toEqual([]);
    } finally {
      gpu.tuner.force = undefined;
      capture.mockRestore();
      release();
    }
  },
);
