// Evaluation, recalibration and predictions take as many images at once as fit the device and the budget, by themselves, with the results of any other number.
import { afterAll, expect, it } from 'vitest';
import { logitsOf } from '../../../src/cli/common/forward.ts';
import { DeviceData } from '../../../src/data/loader/device-data.ts';
import { drawStandIn } from '../../../src/data/synthetic/stand-in.ts';
import { OutOfMemoryError } from '../../../src/gpu/device/errors.ts';
import { Gpu } from '../../../src/gpu/gpu.ts';
import { fittingBatch } from '../../../src/models/graph/fitting-batch.ts';
import { createModel, describeModel } from '../../../src/models/zoo/registry.ts';
import { Evaluator, recalibrate } from '../../../src/train/stages/evaluate.ts';
import { gpu } from '../../support/gpu.ts';

const { test } = drawStandIn({ train: 0, test: 60, seed: 3 });
const small = await Gpu.open();
afterAll(() => small.close());

/** Of a recalibrated network its accuracy, its loss, and what it takes three images for. */
async function worth(on: Gpu, room?: number): Promise<unknown[]> {
  const network = createModel('resnet-small', { width: 0.25 }).to(on, 1);
  const data = new DeviceData(on, test);
  await recalibrate(network, data, { batch: 20, seed: 1, augment: false });
  if (room !== undefined) on.memory.budget = on.memory.stats().current + room;
  const evaluator = new Evaluator(data, 60);
  const { accuracy, loss } = await evaluator.score(network);
  const predictions = await evaluator.predict(network, [3, 50]);
  const logits = await logitsOf(network, on, test, { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] }, 60);
  await recalibrate(network, data, { batch: 60, seed: 1, augment: false });
  on.memory.budget = Number.POSITIVE_INFINITY;
  for (const part of [evaluator, data, network]) part.release();
  return [
    accuracy,
    loss.toFixed(4),
    predictions.map(({ label }) => label),
    [...logits].map((logit) => logit.toFixed(3)),
  ];
}

it('a small budget changes no result', async () => {
  const before = small.memory.stats().current;
  // 60 images have values of 1 MiB in the first layers, and 20 of a third of that.
  expect(await worth(small, 3 * 2 ** 20)).toEqual(await worth(gpu));
  expect(small.memory.stats().current).toBe(before);
});

it('where not even one image fits, the error names what would help', async () => {
  const error = await worth(small, 4096).catch((error: unknown) => error);
  small.memory.budget = Number.POSITIVE_INFINITY;
  expect(error).toBeInstanceOf(OutOfMemoryError);
  expect((error as Error).message).toMatch(/; try a smaller (batch|size or width)$/);
});

it('large images are taken in smaller batches before anything is allocated', () => {
  const [at32, at512] = [32, 512].map((size) => fittingBatch(gpu, describeModel('resnet-small', { size }), 250));
  expect(at32).toBe(250);
  expect(at512).toBeLessThan(16);
  expect(fittingBatch(gpu, describeModel('resnet-small', { size: 4096 }), 250)).toBe(1);
});
