// Tensors without elements where something is left to be said: sums over nothing, gradients of weights that no image went through, and what has no answer.
import { expect, it } from 'vitest';
import {
  add,
  argmax,
  batchNorm,
  conv2d,
  groupNorm,
  layerNorm,
  matmul,
  max,
  mean,
  norm,
  reshape,
  softmax,
  sum,
  topK,
} from '../../src/ops/index.ts';
import { backward, type Shape, scope, type Tensor, tensor } from '../../src/tensor/index.ts';
import { gpu, on } from '../support/gpu.ts';

const nothing = (...shape: number[]): Tensor => tensor(gpu, [], shape, 'nothing');

it('is made, read, reshaped and added to', async () => {
  const x = nothing(0, 4);
  expect(x.size).toBe(0);
  expect([...(await x.floats())]).toEqual([]);
  expect(reshape(x, [2, 0, 3]).shape).toEqual([2, 0, 3]);
  expect(add(x, on([1, 2, 3, 4], [4])).shape).toEqual([0, 4]);
  expect(softmax(x).shape).toEqual([0, 4]);
});

it.each<[string, (x: Tensor) => Tensor, number[]]>([
  ['sum', (x) => sum(x, 0), [0, 0, 0]],
  ['mean', (x) => mean(x, 0), [Number.NaN, Number.NaN, Number.NaN]],
  ['norm', (x) => norm(x), [0]],
])('%s of nothing', async (_, op, expected) => {
  expect([...(await op(nothing(0, 3)).floats())]).toEqual(expected);
});

it('a product over nothing is zero, with its bias', async () => {
  const y = matmul(nothing(2, 0), nothing(0, 3), { bias: on([1, 2, 3], [3]) });
  expect([...(await y.floats())]).toEqual([1, 2, 3, 1, 2, 3]);
});

it('products of batches without matrices, or of nothing, with gradients', async () => {
  const [x, y] = [nothing(0, 1, 2, 3), on(new Array(24).fill(1), [1, 2, 3, 4])];
  y.requiresGrad = true;
  const z = matmul(x, y);
  expect(z.shape).toEqual([0, 2, 2, 4]);
  scope(() => backward(z, { gradient: nothing(0, 2, 2, 4) }));
  expect([...(await y.grad!.floats())]).toEqual(new Array(24).fill(0));
  const sums = matmul(nothing(2, 2, 0), nothing(2, 0, 3), { bias: on([1, 2, 3], [3]) });
  expect([...(await sums.floats())]).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
});

it('norms of nothing leave weights a gradient of zero', async () => {
  const weight = on([1, 2, 3, 4], [4]);
  weight.requiresGrad = true;
  for (const y of [layerNorm(nothing(0, 4), { weight }), groupNorm(nothing(2, 0, 4), { groups: 2, weight })]) {
    expect(y.size).toBe(0);
    scope(() => backward(y, { gradient: nothing(...y.shape) }));
    expect([...(await weight.grad!.floats())]).toEqual([0, 0, 0, 0]);
  }
  expect(layerNorm(nothing(3, 0)).shape).toEqual([3, 0]);
});

it('weights that no image went through have gradients of zero', async () => {
  const parameter = (shape: Shape): Tensor => {
    const made = on(new Array(shape.reduce((a, b) => a * b)).fill(1), shape);
    made.requiresGrad = true;
    return made;
  };
  const [kernel, weight, bias] = [parameter([3, 3, 2, 4]), parameter([4, 5]), parameter([5])];
  scope(() => {
    const maps = conv2d(nothing(0, 6, 6, 2), kernel, { padding: 1 });
    backward(sum(matmul(reshape(maps, [0, 4]), weight, { bias })));
  });
  for (const made of [kernel, weight, bias])
    expect([...(await made.grad!.floats())]).toEqual(new Array(made.size).fill(0));
});

it('has no extreme, no first values and no statistics', () => {
  const [gamma, beta] = [on([1, 1, 1], [3]), on([0, 0, 0], [3])];
  expect(() => max(nothing(0, 3), 0)).toThrow('max: nothing [0×3] has no values along axis 0');
  expect(() => argmax(nothing(2, 0), 1)).toThrow('argmax: nothing [2×0] has no values along axis 1');
  expect(() => topK(nothing(2, 0), 1)).toThrow('topK: nothing [2×0] has 0 values along axis -1');
  expect(() => batchNorm(nothing(0, 3), gamma, beta, { training: true })).toThrow(
    'batchNorm: nothing [0×3] has no values',
  );
});

it('sides below 0 are refused', () => {
  expect(() => tensor(gpu, [], [-1, 4], 'odd')).toThrow('odd [-1×4]: every side must be a whole number from 0');
});
