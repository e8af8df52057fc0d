// What a run is said to take, against what its steps take when they are made; and the micro-batch that a budget holds.
import { expect, it } from 'vitest';
import { configure } from '../../../src/train/config.ts';
import { gateCosts } from '../../../src/train/run/job-gates.ts';
import { estimateMemory } from '../../../src/train/run/memory-estimate.ts';
import { largestMicroBatch, measureStep, planMemory } from '../../../src/train/run/memory-plan.ts';
import { gpu } from '../../support/gpu.ts';
import { testImages, trainImages } from '../../support/training.ts';

const config = configure(
  {
    recipe: 'paper',
    model: 'resnet-small',
    width: 0.25,
    batch: 24,
    microBatch: 'auto',
    phase: ['guide'],
    arms: ['random'],
    gate: 'filter',
  },
  { software: true, available: { train: 48, test: 4 } },
);
const question = { gpu, config, train: trainImages(48), test: testImages(4) };

it('is within 15 % of what a step of 24 images takes, and names the micro-batch that fits', async () => {
  const before = gpu.memory.stats().current;
  const plan = await planMemory(question);
  const { peak, parameters, optimizer } = await measureStep(question, 24);
  const predicted = plan.total(24) - plan.images;
  // Buffers come in classes of size, a fifth apart at most.
  expect(Math.abs(predicted / peak - 1)).toBeLessThan(0.15);
  expect(plan).toMatchObject({ parameters, optimizer, images: 48 * 16 * 16 * 3 });
  expect(gpu.memory.stats().current).toBe(before);

  const estimate = estimateMemory(config, question.train, gateCosts(gpu, config));
  expect(estimate.images).toBe(plan.images);
  expect(Math.abs(estimate.perImage / plan.perImage - 1)).toBeLessThan(0.2);
  // Each parameter begins at a multiple of 128 places, which is much of a network this small.
  for (const part of ['parameters', 'optimizer'] as const) {
    expect(estimate[part]).toBeLessThanOrEqual(plan[part]);
    expect(estimate[part]).toBeGreaterThan(plan[part] / 2);
  }

  expect(largestMicroBatch(plan, config, plan.total(24))).toBe(24);
  expect(largestMicroBatch(plan, config, plan.total(11))).toBe(8);
  expect(() => largestMicroBatch(plan, config, plan.total(0.5))).toThrow('microBatch auto: one image takes');
});

it('counts the gates of the paper’s arm, which are its own', () => {
  const job = configure(
    { model: 'resnet-small', width: 0.25, recipe: 'astrogpu', gate: 'channel', arms: ['paper', 'trained'] },
    { software: true, available: { train: 48, test: 4 } },
  );
  const costs = gateCosts(gpu, job);
  expect(costs.map(({ config, role }) => [config.gate, role])).toEqual([
    ['channel', undefined],
    ['connection', 'paper'],
  ]);
  const [own, paper] = costs.map((cost) => estimateMemory(job, question.train, [cost]).astrocyte);
  expect(paper).toBeGreaterThan(own);
  expect(estimateMemory(job, question.train, costs).astrocyte).toBe(paper);
});
