// What a report says of its own numbers: intervals that hold, and a plain word where a run is too small to judge by.
import { describe, expect, test } from 'vitest';
import { trustTexts } from '../../../src/report/sections/trust.ts';
import { halfWidth, leastDifference } from '../../../src/report/tables/noise.ts';
import { packAnswers } from '../../../src/report/tables/paired.ts';
import { sampleReport } from '../sample.ts';

describe('the interval of a share', () => {
  // Wilson's interval, worked out by hand: 0.5 of 1,000 is 0.46907 to 0.53093, 0.9 of 100 is 0.82563 to 0.94476, 0 of 10 is 0 to 0.27754.
  test.each([
    [0.5, 1000, 0.0309],
    [0.9, 100, 0.0596],
    [0, 10, 0.1388],
    [1, 10, 0.1388],
  ])('%d of %i images is ±%d', (share, count, half) => expect(halfWidth(share, count)).toBeCloseTo(half, 3));

  test('holds in 95 of 100 draws', () => {
    // A fixed generator (Numerical Recipes' LCG), so that the test is the same every time.
    let state = 1;
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    let held = 0;
    for (let run = 0; run < 2000; run++) {
      let hits = 0;
      for (let i = 0; i < 200; i++) if (random() < 0.4) hits++;
      const share = hits / 200;
      // Wilson's interval is not centered on the share; this is its center.
      const center = (share + 1.96 ** 2 / 400) / (1 + 1.96 ** 2 / 200);
      if (Math.abs(center - 0.4) <= halfWidth(share, 200)) held++;
    }
    // Two standard errors of 0.95 over 2,000 draws are 0.0097.
    expect(held / 2000).toBeGreaterThan(0.94);
    expect(held / 2000).toBeLessThan(0.97);
  });

  test('of a difference adds up as independent errors do', () =>
    expect(leastDifference(0.5, 0.5, 1000)).toBeCloseTo(Math.SQRT2 * halfWidth(0.5, 1000), 10));
});

describe('the words on it', () => {
  test('name the number of images, the noise, the seed, and a run that is too small', () => {
    const text = trustTexts(sampleReport()).join(' ');
    expect(text).toContain('200 test images');
    expect(text).toMatch(/±6\.9 points/);
    expect(text).toContain('one seed (7)');
    expect(text).toContain('(1,000 training images, 200 test images, 20 updates) judges nothing');
  });

  test('compare two arms by the images that one of both alone tells right, where it is known which', () => {
    const right = (count: number): string => packAnswers(Uint8Array.from({ length: 200 }, (_, i) => Number(i < count)));
    const { arms, ...report } = sampleReport();
    const answered = arms.map((arm) => ({ ...arm, answers: right(200 * arm.accuracy) }));
    expect(trustTexts({ arms, ...report })[1]).toMatch(/^Two arms that differ by less than about 9\.6 points/);
    // 1.96·√(20 + 1 − 400/202)/202, by hand.
    expect(trustTexts({ arms: answered, ...report })[1]).toBe(
      'Two arms are compared by the images that one of both alone tells right: here their differences are known to ±4.2 points or closer (95 % interval), and the best and the worst are 10.0 points ± 4.2 apart.',
    );
  });

  test('leave that out where it is not small', () => {
    const arm = { parametersTotal: 1, parametersKept: 1, parametersStructural: 1, updates: 23_400, seconds: 1 };
    const report = {
      arms: [{ arm: 'plain NN', accuracy: 0.94, ...arm }],
      data: { name: 'CIFAR-10', standIn: false, trainImages: 50_000, testImages: 10_000 },
      seed: 1,
    };
    const texts = trustTexts(report);
    expect(texts).toHaveLength(2);
    expect(texts.join(' ')).not.toMatch(/judges nothing|Two arms/);
  });

  test('are none where nothing was measured', () => expect(trustTexts(sampleReport({ arms: [] }))).toEqual([]));
});
