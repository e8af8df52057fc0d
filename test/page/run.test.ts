// What the page keeps of a training and says of it at the end: plain functions of events, and the colors of maps.
import { colorAt } from 'astrogpu/report';
import { describe, expect, it } from 'vitest';
import type { ArmId, GatesEvent, ProgressEvent, Started } from '../../page/protocol.ts';
import { HEAT, heatOver, whereIn } from '../../page/ui/heat.ts';
import { leftOf, noise, resultWords } from '../../page/ui/result.ts';
import { epochsIn, Run } from '../../page/ui/run.ts';
import { duration, number, percent } from '../../page/ui/words.ts';

const begun = (arms: ArmId[], testImages = 1000): Started => ({
  arms: arms.map((id) => ({ id, name: id, gated: id !== 'plain' })),
  searchSteps: 20,
  guideSteps: 40,
  searchStepsPerEpoch: 10,
  guideStepsPerEpoch: 10,
  parameters: 1000,
  flops: 50_000,
  settings: { testImages } as Started['settings'],
});

const progress = (step: number, of: Partial<ProgressEvent> = {}): ProgressEvent => ({
  type: 'progress',
  arm: 'trained',
  phase: 'guide',
  step,
  epoch: step / 10,
  loss: step,
  trainAccuracy: 0.5,
  imagesPerSecond: 1,
  done: 0.5,
  ...of,
});

const gates = (step: number, of: Partial<GatesEvent> = {}): GatesEvent => ({
  type: 'gates',
  arm: 'trained',
  phase: 'guide',
  step,
  differences: [step, 0],
  final: false,
  mean: 0.5,
  parameters: 400,
  flops: 30_000,
  layers: [],
  ...of,
});

const epoch = (run: Run, arm: ArmId, accuracy: number, step = 40): void =>
  run.take({ type: 'epoch', arm, phase: 'guide', step, epoch: step / 10, accuracy });

describe('a run', () => {
  it('keeps series of each arm and phase, and knows how long they will be', () => {
    const run = new Run(begun(['plain', 'trained']));
    expect(run.phase).toBe('search');
    run.take(progress(5, { phase: 'search', anLoss: 2 }));
    run.take(progress(5));
    run.take(progress(5, { arm: 'plain' }));
    epoch(run, 'plain', 0.4);
    expect(run.track('trained', 'search').points).toEqual([
      { step: 5, epoch: 0.5, loss: 5, trainAccuracy: 0.5, anLoss: 2 },
    ]);
    expect(run.track('plain', 'guide').tested).toEqual([{ step: 40, epoch: 4, accuracy: 0.4, loss: undefined }]);
    expect([run.phase, run.arm]).toEqual(['guide', 'plain']);
    expect([epochsIn(run.started, 'search'), epochsIn(run.started, 'guide')]).toEqual([2, 4]);
  });

  it('averages long series to half, without losing their ends', () => {
    const run = new Run(begun(['trained']));
    for (let step = 1; step <= 5000; step++) run.take(progress(step));
    const { points } = run.track('trained', 'guide');
    expect(points.length).toBeLessThanOrEqual(1000);
    expect(points.length).toBeGreaterThan(400);
    // Means of eight, in order, whose sum is that of all.
    expect(points.slice(0, -1).map(({ loss }) => loss)).toEqual(points.slice(0, -1).map((_, i) => 8 * i + 4.5));
    expect(points.at(-1)).toMatchObject({ step: 5000, loss: 4996.5 });
  });

  it('forgets what comes anew after the training went back', () => {
    const run = new Run(begun(['trained']));
    for (let step = 1; step <= 20; step++) {
      run.take(progress(step));
      if (step % 10 === 0) epoch(run, 'trained', step / 100, step);
    }
    run.take(progress(11));
    expect(run.track('trained', 'guide').points.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(run.track('trained', 'guide').tested.map(({ step }) => step)).toEqual([10]);
  });

  it('keeps a few of the earlier differences, spread over all of them, and the newest', () => {
    const run = new Run(begun(['trained']));
    run.take(gates(1, { phase: 'search' }));
    for (let step = 0; step < 100; step++) run.take(gates(step));
    run.take(gates(100, { differences: [] }));
    const { earlier, newest } = run.differences.get('trained')!;
    expect(newest).toEqual([99, 0]);
    expect(earlier.map(([first]) => first)).toEqual([0, 16, 32, 48, 64, 80, 96]);
  });

  it('counts what is left of an arm once it is guided', () => {
    const run = new Run(begun(['plain', 'trained']));
    run.take(gates(1, { phase: 'search' }));
    expect(leftOf(run, 'trained')).toEqual({ parameters: 1, flops: 1, final: false });
    run.take(gates(1, { final: true }));
    expect(leftOf(run, 'trained')).toEqual({ parameters: 0.4, flops: 0.6, final: true });
    expect(leftOf(run, 'plain')).toEqual({ parameters: 1, flops: 1, final: false });
  });
});

describe('the result', () => {
  const result = (accuracies: Partial<Record<ArmId, number>>, testImages = 1000, drawn = false): string[] => {
    const run = new Run(begun(Object.keys(accuracies) as ArmId[], testImages));
    for (const [arm, accuracy] of Object.entries(accuracies)) {
      if (arm !== 'plain') run.take(gates(40, { arm: arm as ArmId, final: true }));
      epoch(run, arm as ArmId, accuracy);
    }
    return resultWords(run, drawn);
  };

  it('says who was better by how much, with what is left', () => {
    expect(result({ plain: 0.8, magnitude: 0.7, trained: 0.85 })).toEqual([
      "AstroNet is right about 85.0\u00a0% of 1,000 test images, with 40\u00a0% of the network's parameters and 60\u00a0% of its operations.",
      'It is 5.0 points better than the plain network (80.0\u00a0%, all of the parameters).',
      'It is 15.0 points better than the network of the largest weights (70.0\u00a0%, 40\u00a0% of the parameters).',
      'Another seed may give another order.',
    ]);
  });

  it('says what other images could turn round, and that shapes are no photographs', () => {
    // 1.96 · √((0.8 · 0.2 + 0.78 · 0.22) / 100) = 0.1129
    expect(noise(0.8, 0.78, 100)).toBeCloseTo(0.1129, 4);
    expect(result({ plain: 0.8, random: 0.78, trained: 0.78 }, 100, true).slice(1)).toEqual([
      'The plain network (80.0\u00a0%, all of the parameters) is 2.0 points ahead; the network under an untrained astrocyte (78.0\u00a0%, 40\u00a0% of the parameters) is as good: other test images could turn that round, which takes 11.5 points here.',
      'The images are drawn shapes, and say nothing of photographs.',
      'Another seed may give another order.',
    ]);
    expect(result({ plain: 0.9, trained: 0.5 })[1]).toMatch(/^It is 40\.0 points worse than the plain network/);
  });

  it('speaks of what there is', () => {
    expect(result({ plain: 0.5 })).toEqual([
      'The plain network is right about 50.0\u00a0% of 1,000 test images.',
      'Another seed may give another order.',
    ]);
    expect(result({})).toEqual([]);
  });
});

describe('colors and words', () => {
  it('are the colors of the reports', () => {
    const apart = HEAT.map((color, level) => Math.max(...color.map((c, i) => Math.abs(c - colorAt(level / 255)[i]))));
    expect(Math.max(...apart)).toBeLessThanOrEqual(6);
    expect(
      HEAT.every(
        ([r, g, b], i) =>
          i === 0 ||
          0.3 * r + 0.59 * g + 0.11 * b > 0.3 * HEAT[i - 1][0] + 0.59 * HEAT[i - 1][1] + 0.11 * HEAT[i - 1][2] - 1,
      ),
    ).toBe(true);
  });

  it('lay a map over a gray picture', () => {
    const pixels = heatOver(new Uint8ClampedArray([255, 255, 255, 255, 200, 0, 0, 255]), new Uint8Array([255, 0]));
    expect([...pixels]).toEqual([254, 243, 146, 255, 64, 30, 72, 255]);
  });

  it('say where a map is brightest', () => {
    const map = new Uint8Array(81);
    map[8 * 9] = 255;
    expect(whereIn(map, 9, 9)).toBe('lower left');
    map[4 * 9 + 4] = map[4 * 9 + 5] = 255;
    expect(whereIn(map, 9, 9)).toBe('middle');
  });

  it('write numbers so that they can be read', () => {
    expect([number(0), number(0.12345), number(3.2e-6), percent(0.4567), percent(1, 0)]).toEqual([
      '0',
      '0.123',
      '3.2e-6',
      '45.7\u00a0%',
      '100\u00a0%',
    ]);
    expect([0.2, 42, 200, 4000].map(duration)).toEqual(['1 s', '40 s', '3 min', '1 h 7 min']);
  });
});
