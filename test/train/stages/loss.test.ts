// Training by the loss that the recipe names: none named is cross-entropy to the bit, another one trains another network, and one of one's own trains too.
import { afterAll, afterEach, expect, it } from 'vitest';
import { addLoss } from '../../../src/nn/loss/registry.ts';
import { scale } from '../../../src/ops/elementwise/scale.ts';
import { crossEntropy } from '../../../src/ops/loss/cross-entropy.ts';
import { checkJob } from '../../../src/train/run/check-job.ts';
import type { NnRecipe } from '../../../src/train/stages/nn-learner.ts';
import type { Stage } from '../../../src/train/stages/stage.ts';
import { gpu } from '../../support/gpu.ts';
import { job, newFolder, plainConfig, removeFolders } from '../../support/jobs.ts';
import { fingerprint, guideStage, type MadeStage, searchStage } from '../../support/training.ts';

const added: (() => void)[] = [];
afterEach(() => {
  for (const remove of added.splice(0)) remove();
});
afterAll(removeFolders);

/** The stage's digests after an epoch, and its mean training loss before the epoch ended. */
async function trained({ stage, release }: MadeStage<Stage>) {
  const steps = stage.stepsPerEpoch;
  for (let i = 0; i < steps; i++) await stage.step(i);
  const { nn, an } = await stage.read();
  await stage.endEpoch(0);
  const digests = await fingerprint(stage);
  release();
  return { digests, loss: nn.loss, anLoss: an?.loss };
}

const stages = {
  guide: (recipe: Partial<NnRecipe>, _anLr?: number) => guideStage({ regulated: true, recipe }),
  search: (recipe: Partial<NnRecipe>, anLr = 1e-3) => searchStage({ recipe, lambda: 0, anLr }),
};

it.each(['guide', 'search'] as const)('%s: no loss named is cross-entropy, and focal another one', async (phase) => {
  const plain = await trained(stages[phase]({}));
  expect(await trained(stages[phase]({ loss: 'cross-entropy' }))).toEqual(plain);
  const focal = await trained(stages[phase]({ loss: 'focal' }));
  expect(focal.loss).toBeGreaterThan(0);
  expect(focal.loss).toBeLessThan(plain.loss);
  expect(focal.digests.nn).not.toBe(plain.digests.nn);
  if (phase === 'search') expect(focal.digests.an).not.toBe(plain.digests.an);
});

it.each(['guide', 'search'] as const)('%s: one of our own is trained by', async (phase) => {
  added.push(addLoss('doubled', (logits, labels, options) => scale(crossEntropy(logits, labels, options), 2)));
  // Twice the loss at half the rate is the same way to the bit: factors of two round nothing, and nothing decays beside it. Adam's way would be nearly the same.
  const still = { weightDecay: 0, lr: 0.1 };
  const plain = await trained(stages[phase](still, 0));
  const own = await trained(stages[phase]({ ...still, loss: 'doubled', lr: 0.05 }, 0));
  expect(own.digests.nn).toBe(plain.digests.nn);
  expect(own.digests['nn buffers']).toBe(plain.digests['nn buffers']);
  expect(own.loss).toBeCloseTo(2 * plain.loss, 6);
  if (phase === 'search') expect(own.anLoss).toBeCloseTo(2 * plain.anLoss!, 6);
});

it('what is wrong with a loss is found in it', async () => {
  added.push(addLoss('endless', (logits, labels) => scale(crossEntropy(logits, labels), Number.POSITIVE_INFINITY)));
  const { stage, release } = guideStage({ recipe: { loss: 'endless' } });
  await stage.step(0);
  const reading = await stage.read();
  expect(reading.nn.badStep).toBe(1);
  expect(await stage.diagnose(reading)).toMatch(/^result \d+ of the forward pass, scale \[1\], element 0$/);
  release();
});

it('a job takes it by name, and refuses a name that is none before anything is trained', async () => {
  const unknown = plainConfig({ loss: 'hinge' });
  expect(() => checkJob({ gpu, config: unknown })).toThrow('there is no loss "hinge"; there are cross-entropy, focal');
  const losses = [];
  for (const loss of ['cross-entropy', 'focal']) {
    const { series } = await job(newFolder(), plainConfig({ loss })).job.run();
    losses.push(series.at(-1)!.loss as number);
  }
  expect(losses[1]).toBeLessThan(losses[0]);
});
