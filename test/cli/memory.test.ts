// What a run says of memory before its first step: what it will need, and what fits of it, as far as anybody knows.
import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { checkBudget, estimatedMemory, neededMemory } from '../../src/cli/train/memory.ts';
import { ConfigError } from '../../src/gpu/device/errors.ts';
import type { Gpu } from '../../src/gpu/gpu.ts';
import { configure } from '../../src/train/config.ts';
import { estimateMemory } from '../../src/train/run/memory-estimate.ts';
import { trainImages } from '../support/training.ts';

const train = trainImages(48);
const config = configure(
  { model: 'resnet-small', batch: 24, phase: ['guide'], arms: ['plain'] },
  { software: true, available: { train: 48, test: 4 } },
);
const plan = estimateMemory(config, train);
const machine = (budget: number, software: boolean): Gpu => ({ memory: { budget }, adapter: { software } }) as Gpu;
const said = (budget: number, software = true): string => {
  const [needs, fits, ...others] = estimatedMemory(machine(budget, software), config, train);
  expect(needs).toMatch(/^memory: .* with 24 images at once \(estimated by its shapes\): parameters and gradients /);
  expect(others).toEqual([]);
  return fits;
};

describe('a run that does not ask', () => {
  it('is told the largest micro-batch that fits by the estimate', () => {
    expect(said(plan.total(24) + 1)).toMatch(
      /^memory: the budget, .*, holds micro-batches of 24, the whole batch, by this estimate$/,
    );
    expect(said(plan.total(9))).toMatch(
      /^memory: the budget, .*, holds micro-batches of 8, by this estimate; --micro-batch auto measures it/,
    );
    expect(said(plan.total(0.5))).toMatch(/, does not hold one image, by this estimate; --micro-batch auto measures/);
  });

  it('without a budget goes by half of the memory of a machine without a GPU', () => {
    expect(totalmem() / 2).toBeGreaterThan(plan.total(24));
    expect(said(Number.POSITIVE_INFINITY)).toMatch(
      /^memory: half of the machine's memory, .*, holds micro-batches of 24, the whole batch, by this estimate$/,
    );
  });

  it('learns on a GPU without a budget how to say one', () => {
    expect(said(Number.POSITIVE_INFINITY, false)).toMatch(
      /^memory: no device says how much it has; with --memory GIB a run says the largest micro-batch that fits/,
    );
  });
});

it('a run that goes on is told what it takes with its micro-batch, and of no more images than it has', () => {
  const { line, bytes } = neededMemory({ ...config, microBatch: 5 }, train);
  expect(line).toMatch(/^memory: .* with 4 images at once \(estimated by its shapes\): /);
  expect(bytes).toBe(plan.total(4));
  const { images, perImage } = estimateMemory({ ...config, images: 12 }, train);
  expect([images, perImage]).toEqual([plan.images / 4, plan.perImage]);
});

it('a micro-batch that is to be found needs a budget that somebody knows', () => {
  const gpu = machine(Number.POSITIVE_INFINITY, false);
  expect(() => checkBudget(gpu, { microBatch: 'auto' })).toThrow(ConfigError);
  expect(() => checkBudget(gpu, { microBatch: 'auto' })).toThrow('no device says how much memory it has: give memory');
  for (const known of [machine(1e9, false), machine(Number.POSITIVE_INFINITY, true)])
    checkBudget(known, { microBatch: 'auto' });
  for (const microBatch of [8, undefined]) checkBudget(gpu, { microBatch });
});
