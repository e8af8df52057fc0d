// Attention of one tensor that holds queries, keys and values, against float64; and what does not fit.
import { describe, expect, it } from 'vitest';
import { selfAttention } from '../../../src/ops/attention/self-attention.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { empty } from '../../../src/tensor/tensor.ts';
import { checkOp } from '../../support/check.ts';
import { gpu } from '../../support/gpu.ts';
import { type Case, KERNELS, maskOf, reference, under } from './cases.ts';

/** Of one tensor that holds queries, keys and values. */
const JOINED: Case[] = [
  { name: 'odd sides', batch: 2, heads: 3, n: 7, m: 7, d: 5, dv: 2, scale: 0.7 },
  { name: 'causal, fours', batch: 2, heads: 2, n: 5, m: 5, d: 4, dv: 8, causal: true },
  { name: 'a mask', heads: 2, n: 4, m: 4, d: 3, dv: 3, mask: [2, 1, 4] },
  { name: 'a bias', batch: 2, heads: 2, n: 4, m: 4, d: 3, dv: 4, bias: [2, 4, 4] },
];
const LARGE_JOINED: Case[] = [
  { name: 'more than a tile', batch: 2, heads: 2, n: 70, m: 70, d: 36, dv: 61 },
  { name: 'more than a tile, narrow', heads: 2, n: 70, m: 70, d: 5, dv: 3 },
];

function checkJoined(c: Case, stored: 'f32' | 'f16' = 'f32', samples = 12): Promise<void> {
  const { batch = 1, heads = 1, n, d, dv, causal, scale } = c;
  const parts = [heads * d, heads * d, heads * dv];
  const width = parts.reduce((a, b) => a + b);
  const half = stored === 'f16';
  const own = reference({ ...c, headsLast: true });
  const extra = c.mask ?? c.bias;
  const first = { shape: [batch, n, width] };
  const second = extra && (c.mask ? { shape: extra, values: maskOf(extra), gradient: false } : { shape: extra });
  return checkOp({
    inputs: second ? [first, second] : [first],
    half,
    samples,
    op: (inputs) => {
      const [x, extra] = half ? inputs.map((x) => cast(x, 'f16')) : inputs;
      const y = selfAttention(x, { heads, depth: d, causal, scale, [c.mask ? 'mask' : 'bias']: extra });
      return half ? cast(y, 'f32') : y;
    },
    reference: ([x, extra]) => {
      let from = 0;
      const cut = parts.map((length) => {
        const begin = from;
        from += length;
        return Array.from(
          { length: batch * n * length },
          (_, i) => x[Math.floor(i / length) * width + begin + (i % length)],
        );
      });
      return own([...cut, extra]);
    },
    tolerance: half ? 2 ** -11 + 4e-6 : 4e-6,
    gradientTolerance: half ? 3 * 2 ** -11 : 1e-4,
  });
}

describe.each(KERNELS)('joined, %s', (kernel) => {
  // Of shapes that need no pipelines but those that others here have.
  const tiled = kernel === 'tiled';
  it.each(JOINED.filter(({ d }) => !tiled || d % 4 > 0))('$name', (c) => under(kernel, () => checkJoined(c)));
  it.each(LARGE_JOINED.filter(({ d }) => !tiled || d < 32))('$name', (c) =>
    under(kernel, () => checkJoined(c, 'f32', 5)),
  );
  it.skipIf(!gpu.capabilities.f16 || kernel === 'tiled')('in f16', () =>
    under(kernel, () => checkJoined(JOINED[1], 'f16')),
  );
});

it('joined, says what does not fit', () => {
  const x = empty(gpu, [2, 3, 14], 'x');
  expect(() => selfAttention(x, { heads: 3 })).toThrow(
    'x [2×3×14] are no tokens [..., N, C] of 3 heads with queries and keys of 1.5555555555555556 channels',
  );
  expect(() => selfAttention(x, { heads: 2, depth: 4 })).toThrow('values of -1');
  expect(() => selfAttention(x, undefined as never)).toThrow('how many heads');
});
