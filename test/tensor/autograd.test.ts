// The tape: sums over several uses, constants, what is freed when, and what is refused.
import { describe, expect, it } from 'vitest';
import { add, mul } from '../../src/ops/arithmetic/binary.ts';
import { relu, sigmoid } from '../../src/ops/elementwise/activations.ts';
import { cast } from '../../src/ops/elementwise/cast.ts';
import { scale } from '../../src/ops/elementwise/scale.ts';
import { sum } from '../../src/ops/reduce/sum.ts';
import { backward, frozen, noGrad, traceOps, view } from '../../src/tensor/autograd.ts';
import { keep, scope } from '../../src/tensor/scope.ts';
import { empty, type Tensor, TensorError } from '../../src/tensor/tensor.ts';
import { gpu, on } from '../support/gpu.ts';

const parameter = (values: number[]): Tensor => {
  const made = on(values, [values.length]);
  made.requiresGrad = true;
  return made;
};
const gradient = async (x: Tensor): Promise<number[]> => [...(await x.grad!.floats())];
const ones = (n: number): Tensor => on(new Array(n).fill(1), [n]);

describe('backward', () => {
  it('sums the gradients of several uses', async () => {
    const x = parameter([1, 2, 3]);
    // y = x·x + 2x + x: dy/dx = 2x + 3
    const y = add(add(mul(x, x), scale(x, 2)), x);
    backward(y, { gradient: ones(3) });
    expect(await gradient(x)).toEqual([5, 7, 9]);
  });

  it('sums where an intermediate branches and joins', async () => {
    const x = parameter([1, -2]);
    const a = scale(x, 3);
    const y = add(mul(a, a), add(a, a));
    backward(y, { gradient: ones(2) });
    // a = 3x, y = a² + 2a: dy/dx = 3(2a + 2)
    expect(await gradient(x)).toEqual([24, -30]);
  });

  it('does not spoil a gradient that two tensors share', async () => {
    const x = parameter([1]);
    const z = parameter([2]);
    // add hands one tensor to both sides; x is used again, so its sum must not leak into z.
    const y = add(add(x, z), scale(x, 10));
    backward(y, { gradient: ones(1) });
    expect(await gradient(x)).toEqual([11]);
    expect(await gradient(z)).toEqual([1]);
  });

  it('overwrites at each call, or adds with accumulate', async () => {
    const x = parameter([1, 1]);
    const run = (accumulate: boolean) => scope(() => backward(scale(x, 4), { gradient: ones(2), accumulate }));
    run(false);
    run(false);
    expect(await gradient(x)).toEqual([4, 4]);
    run(true);
    expect(await gradient(x)).toEqual([8, 8]);
  });

  it('takes a chain of ops through every local derivative', async () => {
    const x = parameter([0.5, -1, 2]);
    const y = sigmoid(relu(scale(x, 2)));
    backward(y, { gradient: ones(3) });
    const s = (v: number) => 1 / (1 + Math.exp(-v));
    const expected = [2 * s(1) * (1 - s(1)), 0, 2 * s(4) * (1 - s(4))];
    for (const [i, value] of (await gradient(x)).entries()) expect(value).toBeCloseTo(expected[i], 6);
  });

  it('frees activations as it goes, and nothing leaks over many steps', () => {
    const x = parameter([1, 2, 3]);
    x.grad = keep(empty(gpu, [3], 'gradient'));
    const step = () =>
      scope(() => {
        const hidden = relu(mul(x, x));
        const loss = scale(hidden, 2);
        backward(loss, { gradient: ones(3) });
        expect(hidden.released).toBe(true);
        expect(loss.released).toBe(false);
      });
    step();
    const before = gpu.memory.stats().current;
    for (let i = 0; i < 5; i++) step();
    expect(gpu.memory.stats().current).toBe(before);
  });

  it('refuses a loss without a graph, and a loss that is no scalar', () => {
    expect(() => backward(on([1], [1]))).toThrow('input depends on no tensor that requires a gradient');
    const x = parameter([1, 2]);
    expect(() => backward(scale(x, 1))).toThrow(TensorError);
    expect(() => backward(scale(x, 1))).toThrow('is not a scalar; give its gradient');
  });

  it('refuses a gradient of another shape or dtype, naming both', () => {
    const y = scale(parameter([1, 2]), 1);
    const wrong = (gradient: Tensor) => () => backward(y, { gradient });
    expect(wrong(ones(1))).toThrow(TensorError);
    expect(wrong(ones(3))).toThrow('the gradient input [3] f32 must be as scale, [2] f32');
    expect(wrong(on([1, 1], [1, 2]))).toThrow('[1×2] f32 must be as scale, [2] f32');
    expect(wrong(on([1, 1], [2], 'u32'))).toThrow('[2] u32 must be as scale, [2] f32');
    expect(() => backward(y, { gradient: ones(2) })).not.toThrow();
  });

  it.skipIf(!gpu.capabilities.f16)('starts from 1 in f16 where the loss is', async () => {
    const x = parameter([3]);
    backward(cast(scale(x, 2), 'f16'));
    expect(await gradient(x)).toEqual([2]);
  });
});

describe('parts', () => {
  /** 3x in one tensor of 128, as two parts of 4 elements. */
  const pieces = (x: Tensor): [Tensor, Tensor] => {
    const whole = scale(x, 3);
    return [view(whole, [4], 0), view(whole, [4], 64)];
  };
  const parameter128 = (): Tensor => parameter(Array.from({ length: 128 }, (_, i) => i));

  it('are pieces of a result, and their gradients pieces of its gradient', async () => {
    const x = parameter128();
    const [a, b] = pieces(x);
    expect(await b.floats()).toEqual(Float32Array.of(192, 195, 198, 201));
    // One part is used once, the other three times, once by an op that hands its gradient on.
    backward(add(sum(a), sum(add(b, mul(b, b)))));
    const expected = new Array(128).fill(0).fill(3, 0, 4);
    for (let i = 64; i < 68; i++) expected[i] = 3 * (1 + 2 * 3 * i);
    expect(await gradient(x)).toEqual(expected);
  });

  it('get their gradient written in place, without a copy', () => {
    const x = parameter128();
    x.grad = keep(empty(gpu, [128], 'gradient'));
    const [a, b] = pieces(x);
    const both = add(sum(scale(a, 2)), sum(scale(b, 2)));
    const labels = gpu.capture('backward', () => backward(both), { fuse: false }).dispatches.map(({ label }) => label);
    expect(labels.filter((label) => label.startsWith('accumulate'))).toEqual([]);
  });

  it('that nobody uses have a gradient of zero', async () => {
    const x = parameter128();
    const [a] = pieces(x);
    backward(sum(a));
    expect(await gradient(x)).toEqual(new Array(128).fill(0).fill(3, 0, 4));
  });

  it('refuse to reach beyond the end, and what is no result', () => {
    expect(() => pieces(parameter([1, 2, 3]))).toThrow('a view [4] at byte 256 does not fit');
    expect(() => view(parameter128(), [4], 0)).toThrow(
      "takes an op's f32 result from a multiple of 64 on, not input [128] f32 from 0",
    );
    expect(() => view(scale(parameter128(), 1), [4], 32)).toThrow('not scale [128] f32 from 32; see slice');
  });
});

describe('constants', () => {
  it('noGrad records nothing', () => {
    const x = parameter([1]);
    const y = noGrad(() => scale(x, 2));
    expect(y.requiresGrad).toBe(false);
    expect(y.node).toBeUndefined();
  });

  it('frozen parameters get no gradient, others do', async () => {
    const x = parameter([2]);
    const w = parameter([3]);
    const y = frozen([w], () => mul(x, w));
    expect(w.requiresGrad).toBe(true);
    backward(y, { gradient: ones(1) });
    expect(await gradient(x)).toEqual([3]);
    expect(w.grad).toBeUndefined();
  });

  it('a detached tensor stops the gradient and outlives the graph', async () => {
    const x = parameter([2]);
    const y = scale(x, 5);
    const constant = y.detach();
    backward(mul(constant, y), { gradient: ones(1) });
    expect(await gradient(x)).toEqual([50]);
    expect([...(await constant.floats())]).toEqual([10]);
  });
});

describe('observed', () => {
  it('shows every op with its result and inputs, and nothing of what the observer computes', () => {
    const x = parameter([1]);
    const seen: string[] = [];
    traceOps(
      (op, output, inputs) => {
        seen.push(`${op} ${inputs.length}`);
        relu(output);
      },
      () => noGrad(() => add(scale(x, 2), x)),
    );
    expect(seen).toEqual(['scale 1', 'add 2']);
  });
});
