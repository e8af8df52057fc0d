// gather against float64, forward and backward, with repeated and missing rows.
import { expect, it } from 'vitest';
import { gather } from '../../../src/ops/shape/gather.ts';
import { checkOp } from '../../support/check.ts';
import { on } from '../../support/gpu.ts';
import { generator, values, whole } from '../../support/random.ts';

it.each([
  { shape: [7], picks: 5 },
  { shape: [13, 3], picks: 17 },
  { shape: [5, 8], picks: 12 },
  { shape: [3, 2, 7, 4], picks: 1 },
])('$picks rows of $shape', ({ shape, picks }) => {
  const next = generator(picks);
  const index = Array.from({ length: picks }, () => whole(next, 0, shape[0] - 1));
  const width = shape.slice(1).reduce((product, n) => product * n, 1);
  return checkOp({
    inputs: [{ shape }],
    op: ([x]) => gather(x, on(index, [picks], 'u32')),
    reference: ([x]) => Float64Array.from(index.flatMap((n) => [...x.slice(n * width, n * width + width)])),
  });
});

it('takes u32 rows, and marks rows that are not there', async () => {
  const index = on([1, 3, 0, 0xffffffff], [4], 'u32');
  expect([...(await gather(on([7, 8, 9], [3], 'u32'), index).data())]).toEqual([8, 0xffffffff, 7, 0xffffffff]);
  expect([...(await gather(on([7, 8, 9], [3]), index).floats())]).toEqual([8, Number.NaN, 7, Number.NaN]);
});

it('refuses other dtypes and shapes', () => {
  const x = on(values(1, 6), [3, 2]);
  expect(() => gather(x, on([1], [1]))).toThrow('is f32, it must be u32');
  expect(() => gather(x, on([1, 2], [1, 2], 'u32'))).toThrow('the index input [1×2] must have one side');
  expect(() => gather(on([1, 2, 3, 4], [4], 'u8'), on([1], [1], 'u32'))).toThrow('is u8');
});
