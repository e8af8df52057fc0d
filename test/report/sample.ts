// A small report with everything in it, for the tests of report/.
import type { RunReport } from '../../src/report/types.ts';

export function sampleReport(change: Partial<RunReport> = {}): RunReport {
  const arm = { parametersTotal: 100, parametersKept: 50, parametersStructural: 90, updates: 20, seconds: 3 };
  return {
    title: 'AstroNet & a <title>',
    command: 'node bench/cifar.js --model tiny --seed 7 --out "a b"',
    date: '2026-11-05 14:30',
    seed: 7,
    adapter: { description: 'llvmpipe', software: true },
    data: { name: 'drawn shapes', standIn: true, trainImages: 1000, testImages: 200 },
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
      { arm: 'trained AN', phase: 'search', epoch: 1, step: 2, loss: 2.1, anLoss: 2.2 },
      { arm: 'plain NN', phase: 'guide', epoch: 1, step: 10, loss: 2, trainAccuracy: 0.3 },
      { arm: 'plain NN', phase: 'guide', epoch: 1, step: 10, accuracy: 0.4 },
      { arm: 'trained AN', phase: 'guide', epoch: 1, step: 10, loss: 1.9, accuracy: 0.45 },
    ],
    regulation: [{ arm: 'trained AN', label: 'epoch 1', e: [0.5, 0.2, 0.1] }],
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
