// The gradient check that users have: what is right passes, what is wrong is named with its element, and inputs stay as they were.
import { describe, expect, it } from 'vitest';
import { Linear } from '../../src/nn/layers/linear.ts';
import { add, cast, conv2d, matmul, mul, relu, scale, sigmoid, softmax } from '../../src/ops/index.ts';
import { record } from '../../src/tensor/autograd.ts';
import { checkGradients, GradientError } from '../../src/tensor/check-gradients.ts';
import { type Tensor, zeros } from '../../src/tensor/tensor.ts';
import { gpu, on } from '../support/gpu.ts';
import { halfValues, values } from '../support/random.ts';

describe('gradients that are right', () => {
  it.each<[string, (...inputs: Tensor[]) => Tensor, number[][]]>([
    ['a scalar function', (x) => mul(x, x), [[1]]],
    [
      'a chain',
      (x, y) => sigmoid(add(mul(x, y), x)),
      [
        [3, 4],
        [3, 4],
      ],
    ],
    ['softmax', (x) => softmax(x), [[4, 7]]],
    [
      'a product of matrices',
      (a, b) => matmul(a, b),
      [
        [5, 9],
        [9, 4],
      ],
    ],
    [
      'a convolution',
      (x, w) => conv2d(x, w, { padding: 1 }),
      [
        [2, 5, 4, 3],
        [3, 3, 3, 6],
      ],
    ],
  ])('of %s', async (_, fn, shapes) => {
    const inputs = shapes.map((shape, i) =>
      on(
        values(
          i,
          shape.reduce((a, b) => a * b),
        ),
        shape,
      ),
    );
    const before = await Promise.all(inputs.map((input) => input.floats()));
    expect((await checkGradients(fn, inputs)).error).toBeLessThan(1e-2);
    expect(await Promise.all(inputs.map((input) => input.floats()))).toEqual(before);
    for (const input of inputs) expect({ ...input }).toMatchObject({ requiresGrad: false, grad: undefined });
  });

  it('of a module’s parameters, whose own gradients stay', async () => {
    const layer = new Linear(4, 3).to(gpu, 1);
    const { weight } = layer;
    const bias = layer.bias!;
    layer.arena.gradients.set(new Float32Array(layer.arena.gradients.size).fill(7));
    const x = on(values(3, 8), [2, 4]);
    expect((await checkGradients(() => layer.forward(x), [weight.tensor, bias.tensor])).error).toBeLessThan(1e-2);
    expect((await weight.tensor.grad!.floats()).every((v) => v === 7)).toBe(true);
    layer.release();
  });

  it.runIf(gpu.capabilities.f16)('in f16', async () => {
    const x = on(halfValues(1, 12), [3, 4], 'f16');
    expect((await checkGradients((x) => sigmoid(x), [x])).error).toBeLessThan(5e-2);
    expect((await checkGradients((x) => relu(cast(x, 'f32')), [x], { eps: 2 ** -6 })).error).toBeLessThan(5e-2);
  });
});

describe('gradients that are wrong', () => {
  /** 2·x, whose gradient is wrong at one place. */
  const wrong = (at: number, by: number) => (x: Tensor) =>
    record('wrong', scale(x, 2).detach(), [x], (_, sink) =>
      sink.write(0, (out) => {
        const right = new Float32Array(out.size).fill(2);
        right[at] += by;
        out.set(right);
      }),
    );

  it.each([1, Number.NaN, 0.2])('are named, off by %d', async (by) => {
    const x = on(values(1, 12), [3, 4]);
    x.label = 'weight';
    const whole = (y: Tensor): Tensor => y;
    const sumOf = (fn: (x: Tensor) => Tensor) => (x: Tensor) => whole(fn(x));
    await expect(checkGradients(sumOf(wrong(6, by)), [x], { seed: 2 })).rejects.toThrow(GradientError);
    await expect(checkGradients(sumOf(wrong(6, by)), [x], { seed: 2 })).rejects.toThrow(
      /^checkGradients: the gradient of weight\[1,2\] is \S+, differences of values give \S+; that is off by \S+ of its largest gradient$/,
    );
    expect(x.requiresGrad).toBe(false);
  });

  it('also where none comes', async () => {
    const [x, y] = [on([1, 2], [2]), on([3, 4], [2])];
    await expect(checkGradients((x, y) => mul(x, y.detach()), [x, y])).rejects.toThrow(
      /gradient of input\[[01]\] is 0/,
    );
  });
});

it('says what it cannot check', async () => {
  const x = on([1, 2], [2]);
  await expect(checkGradients(() => 3 as never, [x])).rejects.toThrow('must return a tensor, it returned number');
  await expect(checkGradients((x) => x, [zeros(gpu, [2], 'labels', 'u32')])).rejects.toThrow('no f32 or f16 input');
  let calls = 0;
  await expect(checkGradients((x) => scale(x, ++calls), [x])).rejects.toThrow('other values for the same inputs');
});
