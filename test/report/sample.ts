// A small report with everything in it, for the tests of report/.
import { histogramOf } from '../../src/report/tables/histogram.ts';
import type { RunReport } from '../../src/report/types.ts';

/** The charts that belong to it, in order. */
export const SAMPLE_CHARTS = [
  'accuracy-guide',
  'loss-guide',
  'test-loss-guide',
  'learning-rate-guide',
  'sparsity-guide',
  'loss-search',
  'regulation',
  'gates',
];

export function sampleReport(change: Partial<RunReport> = {}): RunReport {
  const arm = { parametersTotal: 100, parametersKept: 50, parametersStructural: 90, updates: 20, seconds: 3 };
  return {
    title: 'AstroNet & a <title>',
    command: 'node bench/cifar.js --model tiny --seed 7 --out "a b"',
    date: '2026-11-05 14:30',
    seed: 7,
    adapter: { description: 'llvmpipe', software: true },
    data: { name: 'drawn shapes', standIn: true, trainImages: 1000, testImages: 200, source: 'drawn by seed 7' },
    config: [
      { title: 'network', settings: [{ name: '--model', value: 'tiny' }] },
      {
        title: 'run',
        settings: [
          { name: '--phase', value: 'search,guide' },
          { name: '--momentum', value: '0.9' },
        ],
      },
    ],
    arms: [
      { arm: 'plain NN', accuracy: 0.5, ...arm },
      { arm: 'trained AN', accuracy: 0.6, ...arm },
    ],
    series: [
      { arm: 'trained AN', phase: 'search', epoch: 1, step: 1, loss: 2.3, anLoss: 2.4 },
      { arm: 'trained AN', phase: 'search', epoch: 2, step: 2, loss: 2.1, anLoss: 2.2 },
      ...['plain NN', 'trained AN'].flatMap((arm, i) =>
        [1, 2].flatMap((epoch) => [
          {
            level: 'step' as const,
            arm,
            phase: 'guide',
            epoch: epoch - 0.5,
            step: 10 * epoch - 5,
            loss: 2 / epoch,
            lr: 0.1 / epoch,
          },
          { level: 'step' as const, arm, phase: 'guide', epoch, step: 10 * epoch, loss: 1.9 / epoch, lr: 0.09 / epoch },
          {
            level: 'epoch' as const,
            arm,
            phase: 'guide',
            epoch,
            step: 10 * epoch,
            loss: 1.95 / epoch,
            accuracy: 0.4 + 0.05 * i + 0.1 * epoch,
            trainAccuracy: 0.3 * epoch,
            evalLoss: 2.1 / epoch,
            ...(i > 0 && { sparsity: 0.2 * epoch, gateMean: 0.5 / epoch }),
          },
        ]),
      ),
    ],
    regulation: [{ arm: 'trained AN', label: 'epoch 1', e: [0.5, 0.2, 0.1] }],
    histograms: [{ arm: 'trained AN', histogram: histogramOf([Float32Array.of(0, 0, 0.3, 0.7, 1)]) }],
    examples: [
      {
        pixels: new Uint8Array(4 * 4 * 3).fill(120),
        height: 4,
        width: 4,
        label: 'cat & <dog>',
        predictions: [
          { arm: 'plain NN', label: 'cat & <dog>', probability: 0.75 },
          { arm: 'trained AN', label: 'frog', probability: 0.5 },
        ],
      },
    ],
    fullCommand: 'node bench/cifar.js --model tiny --seed 7 --momentum 0.9',
    versions: [
      { name: 'astrogpu', value: '0.1.0, commit 0123456789ab' },
      { name: 'Driver', value: 'Mesa 25 <llvm>' },
    ],
    gateMaps: [
      {
        layer: 'layer1/conv 1',
        height: 2,
        width: 3,
        values: Float32Array.of(0, 0.5, 1, 0.25, 0.75, 1),
        axes: { rows: 'output channel', columns: 'input channel' },
      },
    ],
    notes: ['A note with <angle> brackets.'],
    ...change,
  };
}
