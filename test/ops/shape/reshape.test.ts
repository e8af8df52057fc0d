// reshape: the same memory, and gradients in the old shape.
import { expect, it } from 'vitest';
import { mul } from '../../../src/ops/arithmetic/binary.ts';
import { reshape } from '../../../src/ops/shape/reshape.ts';
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
