// Schedules of learning rates against values in float64.
import { describe, expect, it } from 'vitest';
import * as schedules from '../../../src/nn/optim/schedule.ts';

describe('schedules', () => {
  const { cosine, linearDecay, multiStepDecay, oneCycle, stepDecay, warmUp } = schedules;
  it.each<[string, Float32Array, number[]]>([
    [
      'cosine',
      cosine(8, 0.5, { floor: 0.01 }),
      [0.5, 0.481350485, 0.428241161, 0.348757441, 0.255, 0.161242559, 0.0817588386, 0.0286495145],
    ],
    ['linearDecay', linearDecay(8, 0.5, 0.1), [0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15]],
    ['stepDecay', stepDecay(8, 0.5, { every: 3, factor: 0.5 }), [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125]],
    ['multiStepDecay', multiStepDecay(8, 0.5, { at: [2, 5, 6] }), [0.5, 0.5, 0.05, 0.05, 0.05, 0.005, 0.0005, 0.0005]],
    [
      'oneCycle',
      oneCycle(10, 0.5),
      [0.02, 0.26, 0.5, 0.475242316, 0.405872827, 0.305631011, 0.194370989, 0.094129173, 0.024759684, 2e-6],
    ],
    [
      'oneCycle of one’s own',
      oneCycle(7, 0.5, { rise: 0.5, divide: 10, endDivide: 100 }),
      [0.05, 0.205471176, 0.457028824, 0.475266975, 0.305824603, 0.094533422, 0.0005],
    ],
    // torch: LinearLR from 0.2 + 0.8 / 4 over three steps, then the cosine.
    [
      'warmUp',
      warmUp(cosine(6, 0.5), 4, 0.2),
      [0.2, 0.3, 0.4, 0.5, 0.5, 0.466506351, 0.375, 0.25, 0.125, 0.0334936491],
    ],
  ])('%s gives torch’s rates', (_, actual, expected) => {
    expect(actual.length).toBe(expected.length);
    for (const [i, rate] of expected.entries()) expect(Math.abs(actual[i] / rate - 1), `step ${i}`).toBeLessThan(3e-7);
  });

  it('have at least one rate, and refuse what is no number of steps', () => {
    for (const rates of [cosine(0, 1), linearDecay(0, 1), oneCycle(0, 1), oneCycle(1, 1), schedules.constantRate(1)])
      expect(Array.from(rates).every(Number.isFinite) && rates.length).toBe(1);
    expect(() => cosine(-1, 1)).toThrow('cosine: steps is -1');
    expect(() => oneCycle(5, 1, { rise: 2 })).toThrow('oneCycle: rise is 2, it must be from 0 to 1');
  });
});
