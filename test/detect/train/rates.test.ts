// Learning rates as Detectron2's WarmupMultiStepLR has them, and what a configuration makes of its options.
import { describe, expect, it } from 'vitest';
import { configureDetector } from '../../../src/detect/train/config.ts';
import { detectorRates } from '../../../src/detect/train/rates.ts';
import { ConfigError } from '../../../src/gpu/index.ts';

describe('the learning rate', () => {
  const rates = detectorRates({ iterations: 90, lr: 1, warmup: 10, steps: [2 / 3, 8 / 9] });
  it.each([
    [0, 0.001],
    [5, 0.5005],
    [10, 1],
    [59, 1],
    [60, 0.1],
    [79, 0.1],
    [80, 0.01],
    [89, 0.01],
  ])('of iteration %i is %f', (i, rate) => expect(rates[i]).toBeCloseTo(rate, 6));
});

describe('a configuration', () => {
  it('is the published one where nothing is said', () =>
    expect(configureDetector({ data: 'coco', backbone: 'weights' })).toMatchObject({
      ...{ iterations: 90_000, batch: 16, lr: 0.01, warmup: 1000, pairwiseWarmup: 10_000, momentum: 0.9 },
      ...{ weightDecay: 1e-4, freeze: 2, trainNorms: false, short: [640, 672, 704, 736, 768, 800], testShort: 800 },
    }));

  it('scales its warm-ups to fewer iterations, and trains all of a backbone that begins with random values', () =>
    expect(configureDetector({ iterations: 90, data: 'coco' })).toMatchObject({
      ...{ warmup: 9, pairwiseWarmup: 10, freeze: 0, trainNorms: true },
    }));

  it.each([
    [{ batch: 5, microBatch: 2 }, 'microBatch'],
    [{ pad: 48 }, 'pad'],
  ])('refuses %o', (given, field) => {
    expect(() => configureDetector(given)).toThrow(ConfigError);
    expect(() => configureDetector(given)).toThrow(field);
  });
});
