// tril and triu in all dtypes.
import { expect, it } from 'vitest';
import { tril, triu } from '../../../src/ops/shape/triangle.ts';
import { on } from '../../support/gpu.ts';
import { checkMove } from '../../support/moves.ts';

it.each([
  { shape: [4, 4], diagonal: 0 },
  { shape: [3, 5], diagonal: 1 },
  { shape: [2, 3, 5, 4], diagonal: -2 },
  { shape: [2, 70, 3], diagonal: -66 },
  { shape: [3, 3], diagonal: 9 },
  { shape: [3, 4], diagonal: -9 },
])('of $shape about diagonal $diagonal', async ({ shape, diagonal }) => {
  const beyond = (at: number[]): number => at.at(-1)! - at.at(-2)! - diagonal;
  const check = (op: typeof tril, keeps: (right: number) => boolean): Promise<void> =>
    checkMove({
      ...{ shape, result: shape },
      op: (x) => op(x, { diagonal }),
      source: (at) => (keeps(beyond(at)) ? at : undefined),
    });
  await check(tril, (right) => right <= 0);
  await check(triu, (right) => right >= 0);
});

it('cuts NaN off, and refuses what is no matrix', async () => {
  const x = on([1, Number.NaN, 3, 4], [2, 2]);
  expect([...(await tril(x).floats())]).toEqual([1, 0, 3, 4]);
  expect(() => tril(on([1], [1]))).toThrow('tril: input [1] must be [..., rows, columns]');
  expect(() => triu(x, { diagonal: 0.5 })).toThrow('the diagonal a whole number, not 0.5');
});
