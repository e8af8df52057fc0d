// batchNorm on partial tensors: the channels that are there, out of memory with more of them, against float64. The others are poison.
import { describe, expect, it } from 'vitest';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { batchNorm } from '../../../src/ops/norm/batch-norm.ts';
import { writeChannels } from '../../../src/ops/shape/write-channels.ts';
import { count, empty } from '../../../src/tensor/tensor.ts';
import { checkOp, type Input } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { asOnGpu, fusions, referenceOf } from '../../support/norm.ts';
import { values } from '../../support/random.ts';

/** x's shape, and the channels of the block around it. Read four at a time, two, or one. */
const cases = [
  { shape: [2, 3, 3, 24], block: 60 },
  { shape: [5, 4], block: 8 },
  { shape: [3, 5, 5, 6], block: 14 },
  { shape: [2, 3, 7, 162], block: 342 },
  { shape: [7, 4], block: 7 },
  { shape: [2, 5, 3, 3], block: 16 },
  { shape: [9, 1], block: 2 },
  { shape: [4, 3, 5, 17], block: 41 },
];

interface Case {
  shape: number[];
  block: number;
}

function check({ shape, block }: Case, relu: boolean, residual: boolean, fixed: boolean, half = false): Promise<void> {
  const channels = shape[shape.length - 1];
  const seed = count(shape);
  const mean = values(seed + 1, channels);
  const variance = values(seed + 2, channels).map((v) => 0.1 + Math.abs(v));
  const running = fixed ? { mean: on(mean, [channels]), variance: on(variance, [channels]) } : undefined;
  const one: Input = { shape: [channels] };
  const stored = half ? 'f16' : 'f32';
  return checkOp({
    inputs: [{ shape }, one, one, ...(residual ? [{ shape }] : [])],
    seed,
    half,
    // As for batchNorm of a whole tensor; in f16 results, up to 4, and gradients are rounded, toward zero at worst, and so is what they come from.
    tolerance: half ? 2 ** -10 : 1e-5,
    gradientTolerance: half ? 2 ** -8 : 1e-4,
    samples: 12,
    op: ([x, gamma, beta, other]) => {
      const made = writeChannels(empty(gpu, [...shape.slice(0, -1), block], 'block', stored), cast(x, stored), 0);
      const added = other && cast(other, stored);
      return cast(batchNorm(made, gamma, beta, { training: !fixed, running, relu, residual: added }), 'f32');
    },
    reference: referenceOf(fixed ? { relu, mean, variance } : { relu }),
  });
}

describe.each(cases)('$shape in a block of $block', (shapes) => {
  it.each(fusions)('training, relu $relu, residual $residual', ({ relu, residual }) =>
    check(shapes, relu, residual, false),
  );
  it.each([false, true])('fixed statistics, relu %s', (relu) => check(shapes, relu, false, true));
});

describe('as on a GPU', () => {
  asOnGpu();
  // Rows that fit once, several times and not at all into a workgroup.
  describe.each([cases[0], cases[3], cases[7], { shape: [3, 257], block: 300 }, { shape: [3, 600], block: 604 }])(
    '$shape in a block of $block',
    (shapes) => {
      it.each([false, true])('relu %s', (relu) => check(shapes, relu, false, false));
    },
  );
});

describe.skipIf(!gpu.capabilities.f16)('f16 storage', () => {
  describe.each([cases[0], cases[2], cases[5]])('$shape in a block of $block', (shapes) => {
    it.each([false, true])('fixed statistics: %s', (fixed) => check(shapes, true, false, fixed, true));
  });
});

// Many rows a thread, and several batches of 128 of them: the walk keeps its place in the block.
it('a long block', () => check({ shape: [70_000, 3], block: 5 }, false, false, false));

it('names parameters and residuals that do not fit the channels that are there', () => {
  const block = writeChannels(empty(gpu, [2, 5], 'block'), on(values(1, 6), [2, 3]), 0);
  const [three, five] = [3, 5].map((n) => on(values(2, n), [n]));
  expect(() => batchNorm(block, five, five, { training: true })).toThrow('input [5] must be [3]');
  expect(() => batchNorm(block, three, three, { training: true, residual: on(values(3, 10), [2, 5]) })).toThrow(
    'batchNorm: the residual input [2×5] f32 must be as the result, [2×3] f32',
  );
});
