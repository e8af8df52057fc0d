// AdamW, Lion and parameter groups by name, against values in float64.
import { expect, it } from 'vitest';
import { AdamW } from '../../../src/nn/optim/adam.ts';
import { Lion } from '../../../src/nn/optim/lion.ts';
import type { Optimizer } from '../../../src/nn/optim/optimizer.ts';
import { NO_DECAY } from '../../../src/nn/optim/parameter-groups.ts';
import { Sgd } from '../../../src/nn/optim/sgd.ts';
import { relativeError } from '../../support/check.ts';
import { type Pair, TOLERANCE, tenSteps, wave } from './pair.ts';

it.each<[string, (pair: Pair) => Optimizer, number[]]>([
  [
    'SGD in groups',
    ({ arena }) =>
      new Sgd(arena, {
        ...{ lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.05 },
        groups: [{ match: /bias/, weightDecay: 0, lrScale: 0.1 }],
      }),
    [-2.00215886, -2.5906705, 2.66974612, 1.90270632, -3.16005259, -1.08839556, -0.537291143, 0.262172655],
  ],
  [
    'AdamW in groups',
    ({ arena }) =>
      new AdamW(arena, { lr: 0.1, weightDecay: 0.05, groups: [{ ...NO_DECAY, lrScale: 0.1 }, { match: () => true }] }),
    [-0.245975378, -0.429441838, 0.123534068, 0.601502615, -0.0498144053, -0.709096212, -0.887852497, 0.306340634],
  ],
  [
    'AdamW as it comes',
    ({ arena }) => new AdamW(arena, { lr: 0.1 }),
    [-0.233356155, -0.426531358, 0.10580485, 0.607422621, -0.0292044884, -0.724053681, 0.0197116736, 0.539098586],
  ],
  [
    'SGD, clipped by norm',
    ({ arena }) => new Sgd(arena, { lr: 0.1, momentum: 0.9, clipNorm: 1 }),
    [-0.417169451, -1.0020361, 0.675383121, 0.827997311, -0.88874891, -0.598976503, 1.06783644, 0.267977092],
  ],
  [
    'SGD, clipped by value',
    ({ arena }) => new Sgd(arena, { lr: 0.1, clipValue: 0.5 }),
    [0.321179791, 0.0825354844, -0.41400572, 0.0360508909, 0.487171103, -0.114802924, -0.488100026, 0.152384619],
  ],
])('%s gives what torch gives', async (_, make, expected) => {
  expect(relativeError(await tenSteps(make), expected)).toBeLessThan(TOLERANCE);
});

it('Lion is its paper’s algorithm 2', async () => {
  const [lr, beta1, beta2, decay] = [0.02, 0.9, 0.99, 0.1];
  const w = [...wave('w', 6), ...wave('b', 2)];
  const m = new Float64Array(8);
  for (let s = 0; s < 10; s++)
    for (const [i, g] of [...wave(`w${s}`, 6), ...wave(`b${s}`, 2)].entries()) {
      const c = beta1 * m[i] + (1 - beta1) * g;
      w[i] -= lr * (Math.sign(c) + (i < 6 ? decay : 0) * w[i]);
      m[i] = beta2 * m[i] + (1 - beta2) * g;
    }
  const actual = await tenSteps(({ arena }) => new Lion(arena, { lr, weightDecay: decay, groups: [NO_DECAY] }));
  expect(relativeError(actual, w)).toBeLessThan(TOLERANCE);
});
