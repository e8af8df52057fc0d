// The convolution of evaluation: every part of its epilogue on every kernel, against the ops that it stands for.
import { afterEach, describe, expect, it } from 'vitest';
import { BatchNorm2d } from '../../../src/nn/layers/batch-norm2d.ts';
import { convNorm } from '../../../src/nn/layers/conv-norm.ts';
import { Conv2d } from '../../../src/nn/layers/conv2d.ts';
import { EVAL } from '../../../src/nn/module.ts';
import { add, mul } from '../../../src/ops/arithmetic/binary.ts';
import { conv2d } from '../../../src/ops/conv/conv2d.ts';
import { foldedNorm, fusedConv2d } from '../../../src/ops/conv/fused-conv2d.ts';
import { relu } from '../../../src/ops/elementwise/activations.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { frozen, noGrad } from '../../../src/tensor/autograd.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

afterEach(() => {
  gpu.tuner.force = undefined;
});

const made = (seed: number, shape: number[]): Tensor =>
  on(
    values(
      seed,
      shape.reduce((a, b) => a * b),
    ),
    shape,
  );

describe.each(['', 'stationary', 'tiled small', 'winograd 2', 'plain'])('kernel %s', (kernel) => {
  it.each([
    [5, { scale: true, shift: true, residual: true, relu: true }],
    [8, { scale: true, shift: true, residual: true, relu: true }],
    [8, { shift: true }],
    [7, { residual: true }],
    [8, { relu: true }],
    [8, {}],
  ])('%i channels, %j', async (channels, wanted: Partial<Record<'scale' | 'shift' | 'residual' | 'relu', boolean>>) => {
    gpu.tuner.force = kernel || undefined;
    const [x, w] = [made(1, [2, 5, 6, 3]), made(2, [3, 3, 3, channels])];
    const scale = wanted.scale ? made(3, [channels]) : undefined;
    const shift = wanted.shift ? made(4, [channels]) : undefined;
    const residual = wanted.residual ? made(5, [2, 5, 6, channels]) : undefined;
    let expected = conv2d(x, w, { padding: 1 });
    if (scale) expected = mul(expected, scale);
    if (shift) expected = add(expected, shift);
    if (residual) expected = add(expected, residual);
    if (wanted.relu) expected = relu(expected);
    const actual = fusedConv2d(x, w, { padding: 1, scale, shift, residual, relu: wanted.relu });
    // Sums of 27 products and three more roundings: 27·6e-8.
    expect(relativeError(await actual.floats(), await expected.floats())).toBeLessThan(2e-6);
  });
});

it.skipIf(!gpu.capabilities.f16)('f16: rounded once, after everything', async () => {
  const [x, w, shift] = [made(1, [2, 5, 6, 8]), made(2, [3, 3, 8, 8]), made(3, [8])];
  const half = cast(x, 'f16');
  const expected = relu(add(conv2d(cast(half, 'f32'), cast(cast(w, 'f16'), 'f32'), { padding: 1 }), shift));
  const actual = fusedConv2d(half, w, { padding: 1, shift, relu: true });
  expect(actual.dtype).toBe('f16');
  // On software adapters the sum is rounded before the epilogue as well.
  expect(relativeError(await actual.floats(), await expected.floats())).toBeLessThan(2 ** -10);
});

it.each([false, true])('folds batch norm: the layer after a convolution, in evaluation (bias: %s)', async (bias) => {
  const [conv, norm] = [new Conv2d(3, 5, { bias }).to(gpu, 1), new BatchNorm2d(5).to(gpu, 2)];
  conv.bias?.tensor.set(values(10, 5));
  norm.weight.tensor.set(values(3, 5));
  norm.bias.tensor.set(values(4, 5));
  norm.running_mean.tensor.set(values(5, 5));
  norm.running_var.tensor.set(values(6, 5).map((value) => value ** 2 + 0.1));
  const [x, residual] = [made(7, [2, 4, 4, 3]), made(8, [2, 4, 4, 5])];
  for (const options of [{}, { relu: true }, { relu: true, residual }]) {
    const [expected, actual] = noGrad(() => [
      norm.forward(conv.forward(x), EVAL, options),
      convNorm(conv, norm, x, EVAL, options),
    ]);
    expect(relativeError(await actual.floats(), await expected.floats())).toBeLessThan(2e-6);
  }
  // Outside of noGrad it is the two layers, with gradients.
  expect(convNorm(conv, norm, x, EVAL).requiresGrad).toBe(true);
  // Also where only the norm's gate is differentiated.
  norm.gate = made(9, [5]);
  norm.gate.requiresGrad = true;
  const constants = [conv, norm].flatMap(({ arena }) => [...arena.tensors.values()]);
  expect(frozen(constants, () => convNorm(conv, norm, x, EVAL)).requiresGrad).toBe(true);
});

it('says what does not fit', () => {
  const [x, w] = [made(1, [1, 2, 2, 3]), made(2, [1, 1, 3, 4])];
  expect(() => fusedConv2d(x, w, { scale: made(3, [3]) })).toThrow('fusedConv2d: input [3] must be [4]');
  expect(() => fusedConv2d(x, w, { residual: x })).toThrow('the residual input [1×2×2×3] f32 must be [1×2×2×4] f32');
  w.requiresGrad = true;
  expect(() => fusedConv2d(x, w, {})).toThrow('fusedConv2d has no backward');
  const one = on([1], [1]);
  expect(() => foldedNorm(one, on([1, 2], [2]), { mean: one, variance: one })).toThrow(
    'foldedNorm: input [2] must be [1]',
  );
});
