// pad by constants, reflected and replicated: every value from its place in all dtypes.
import { expect, it } from 'vitest';
import { pad } from '../../../src/ops/shape/pad.ts';
import { on } from '../../support/gpu.ts';
import { checkMove } from '../../support/moves.ts';

type Margins = [number, number][];
const cases: { shape: number[]; margins: Margins }[] = [
  { shape: [5], margins: [[4, 3]] },
  {
    shape: [3, 8],
    margins: [
      [2, 0],
      [0, 0],
    ],
  },
  {
    shape: [2, 4, 5, 3],
    margins: [
      [0, 0],
      [2, 3],
      [1, 4],
      [0, 0],
    ],
  },
  {
    shape: [2, 6, 4, 8],
    margins: [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ],
  },
  {
    shape: [1, 2, 3, 2, 3],
    margins: [
      [0, 0],
      [1, 1],
      [0, 2],
      [1, 0],
      [2, 2],
    ],
  },
  {
    shape: [2, 2],
    margins: [
      [0, 0],
      [0, 0],
    ],
  },
];
const padded = (shape: number[], margins: Margins): number[] => shape.map((n, i) => margins[i][0] + n + margins[i][1]);

it.each(cases)('$shape by $margins', async ({ shape, margins }) => {
  const result = padded(shape, margins);
  const there = (at: number[]): number[] => at.map((n, i) => n - margins[i][0]);
  const inside = (at: number[]): boolean => at.every((n, i) => n >= 0 && n < shape[i]);
  await checkMove({
    ...{ shape, result, fill: 3 },
    op: (x) => pad(x, margins, { value: 3 }),
    source: (at) => (inside(there(at)) ? there(at) : undefined),
  });
  await checkMove({
    ...{ shape, result },
    op: (x) => pad(x, margins, { mode: 'reflect' }),
    source: (at) => there(at).map((n, i) => (n < 0 ? -n : n >= shape[i] ? 2 * shape[i] - 2 - n : n)),
  });
  await checkMove({
    ...{ shape, result },
    op: (x) => pad(x, margins, { mode: 'replicate' }),
    source: (at) => there(at).map((n, i) => Math.max(0, Math.min(shape[i] - 1, n))),
  });
});

it('replicates beyond the side, and pads with infinity', async () => {
  await checkMove({
    shape: [2, 3],
    op: (x) =>
      pad(
        x,
        [
          [200, 1],
          [0, 7],
        ],
        { mode: 'replicate' },
      ),
    result: [203, 10],
    source: ([a, b]) => [a < 201 ? 0 : 1, Math.min(2, b)],
  });
  const y = pad(on([1], [1]), [[1, 0]], { value: Number.NEGATIVE_INFINITY });
  expect([...(await y.floats())]).toEqual([Number.NEGATIVE_INFINITY, 1]);
});

it('refuses what cannot be reflected, and other modes', () => {
  const x = on([1, 2, 3], [3]);
  expect(() => pad(x, [[3, 0]], { mode: 'reflect' })).toThrow(
    'pad: input [3] cannot be reflected into margins as long as its sides',
  );
  expect(() => pad(on([1], [1], 'u32'), [[1, 0]], { value: -1 })).toThrow('is u32, which cannot hold the value -1');
  expect(() => pad(x, [[1, 0]], { mode: 'wrap' as never })).toThrow('takes constant, reflect or replicate, not wrap');
});
