// A batch in several passes against the batch at once, on a network that does not normalize by the batch: the same images, gradients, metrics and steps.
import { expect, it } from 'vitest';
import { vit } from '../../../src/models/zoo/vit.ts';
import { partsOf } from '../../../src/train/config.ts';
import type { NnRecipe } from '../../../src/train/stages/nn-learner.ts';
import type { Stage } from '../../../src/train/stages/stage.ts';
import { gpu } from '../../support/gpu.ts';
import { guideStage, type MadeStage, SIDE, searchStage } from '../../support/training.ts';

const GRAPH = vit({ model: 'tiny', size: SIDE, patch: 8, width: 8, blocks: 1, heads: 2, classes: 10 });
/** Without momentum a step is as long as the gradient. */
const RECIPE: Partial<NnRecipe> = { momentum: 0, weightDecay: 0, lr: 0.01, warmup: 0 };

type Make = (recipe: Partial<NnRecipe>) => MadeStage<Stage>;

/** What one step does to a stage: the change of the network's parameters, Adam's first moment of the astrocyte's, a tenth of their gradient, and the metrics. */
async function stepOf(make: Make, recipe: Partial<NnRecipe>) {
  const { stage, release } = make({ ...RECIPE, ...recipe });
  const { values } = stage.network.arena;
  const before = await values.floats();
  await stage.step(0);
  // What lies between parameters was never written.
  const moved = (await values.floats()).map((value, i) => value - before[i] || 0);
  const moment = await stage.tensors().get('an-optimizer.m')?.floats();
  const read = await stage.read();
  release();
  return { changes: moment ? [moved, moment] : [moved], read };
}

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const search =
  (through: boolean): Make =>
  (recipe) =>
    searchStage({ graph: GRAPH, images: 36, updates: 'last', through, recipe });

it.each<[string, Make, Partial<NnRecipe>]>([
  ['a plain guide', (recipe) => guideStage({ graph: GRAPH, recipe }), {}],
  ['a guide with clipped gradients', (recipe) => guideStage({ graph: GRAPH, recipe }), { clipNorm: 0.05 }],
  ['a search', search(false), {}],
  ['a search that keeps the path through gates', search(true), {}],
])('%s makes the step in four passes that it makes in one', async (_, make, recipe) => {
  const whole = await stepOf(make, recipe);
  const parts = await stepOf(make, { ...recipe, microBatch: 2 });
  for (const [k, change] of whole.changes.entries()) {
    expect(largest(change)).toBeGreaterThan(0);
    // The same sums in another order.
    expect(largest(change.map((value, i) => value - parts.changes[k][i])) / largest(change)).toBeLessThan(1e-3);
  }
  for (const of of ['nn', 'an'] as const) {
    const [one, other] = [whole.read[of], parts.read[of]];
    if (!one || !other) continue;
    expect(other.loss).toBeCloseTo(one.loss, 3);
    expect({ ...other, loss: 0 }).toEqual({ ...one, loss: 0 });
  }
});

it('takes the fewest equal parts that keep each within a micro-batch', () => {
  expect([undefined, 64, 50, 100, 7, 1].map((microBatch) => partsOf(100, { microBatch }))).toEqual([
    1, 2, 2, 1, 20, 100,
  ]);
  expect(partsOf(7, { microBatch: 3 })).toBe(7);
});

it.skipIf(!gpu.capabilities.f16)('keeps the loss scale in f16', async () => {
  const make: Make = (recipe) => guideStage({ graph: GRAPH, precision: 'f16', recipe });
  const [whole, parts] = [await stepOf(make, {}), await stepOf(make, { microBatch: 4 })];
  const apart = largest(whole.changes[0].map((value, i) => value - parts.changes[0][i]));
  expect(apart / largest(whole.changes[0])).toBeLessThan(0.05);
});
