// reshape, squeeze, unsqueeze and flatten: the same memory, and gradients in the old shape.
import { expect, it } from 'vitest';
import { mul } from '../../../src/ops/arithmetic/binary.ts';
import { flatten, reshape, squeeze, unsqueeze } from '../../../src/ops/shape/reshape.ts';
import { checkOp } from '../../support/check.ts';
import { on } from '../../support/gpu.ts';

it.each([
  { from: [2, 3, 5], to: [6, 5] },
  { from: [12], to: [3, -1] },
])('$from to $to', ({ from, to }) =>
  checkOp({ inputs: [{ shape: from }], op: ([x]) => reshape(x, to), reference: ([x]) => x }),
);

it('lets gradients of the view and of the tensor itself meet', () =>
  checkOp({
    inputs: [{ shape: [2, 3] }],
    op: ([x]) => mul(reshape(x, [6]), reshape(mul(x, x), [6])),
    reference: ([x]) => x.map((v) => v ** 3),
  }));

it('has the shape asked for, over the same memory', () => {
  const x = on([1, 2, 3, 4, 5, 6], [6]);
  const y = reshape(x, [2, -1]);
  expect(y.shape).toEqual([2, 3]);
  expect(y.slice.buffer).toBe(x.slice.buffer);
});

it.each([[[4]], [[-1, -1]], [[4, -1]], [[0, -1]]])('refuses %j', (shape) => {
  expect(() => reshape(on([1, 2, 3, 4, 5, 6], [6]), shape)).toThrow('has 6 elements and cannot become');
});

it('squeezes, unsqueezes and flattens as NumPy and torch do', async () => {
  const x = on([1, 2, 3, 4, 5, 6], [1, 2, 1, 3]);
  expect(squeeze(x).shape).toEqual([2, 3]);
  expect(squeeze(x, -2).shape).toEqual([1, 2, 3]);
  expect(squeeze(on([1], [1, 1])).shape).toEqual([1]);
  expect(unsqueeze(x, 0).shape).toEqual([1, 1, 2, 1, 3]);
  expect(unsqueeze(on([1, 2], [2]), [0, -1]).shape).toEqual([1, 2, 1]);
  expect(flatten(x).shape).toEqual([6]);
  expect(flatten(x, 1, -2).shape).toEqual([1, 2, 3]);
  expect(flatten(x, 1).slice.buffer).toBe(x.slice.buffer);
  await checkOp({
    inputs: [{ shape: [2, 1, 3] }],
    op: ([y]) => mul(flatten(y), squeeze(unsqueeze(flatten(mul(y, y)), 1))),
    reference: ([y]) => y.map((v) => v ** 3),
  });
});

it('refuses sides that are not 1, places that are none, and turned ends', () => {
  const x = on([1, 2, 3, 4, 5, 6], [2, 3]);
  expect(() => squeeze(x, 1)).toThrow('squeeze: side 1 of input [2×3] is 3, it must be 1');
  expect(() => squeeze(x, 2)).toThrow('squeeze: input [2×3] has no axis 2');
  expect(() => unsqueeze(x, 3)).toThrow('unsqueeze: input [2×3] cannot get sides of 1 at [3]');
  expect(() => unsqueeze(x, [0, 0])).toThrow('cannot get sides of 1 at [0,0]');
  expect(() => flatten(x, 1, 0)).toThrow('flatten: input [2×3] has no sides from 1 to 0');
});
