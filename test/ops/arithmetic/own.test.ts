// Elementwise ops of one's own: values, gradients, broadcasting, dtypes, captures, and what is said of expressions that are none.
import { expect, it } from 'vitest';
import { KernelError } from '../../../src/gpu/device/errors.ts';
import { elementwise } from '../../../src/ops/arithmetic/own.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { keep } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { broadcast2 } from '../../support/arrays.ts';
import { checkOp } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';

const gaussian = elementwise({
  name: 'mine/gaussian',
  value: 'exp(-a * a / b)',
  slopes: ['-2.0 * g * y * a / b', 'g * y * a * a / (b * b)'],
});
const f = (a: number, b: number): number => Math.exp((-a * a) / b);

it('has values and gradients, with broadcasting and numbers', async () => {
  const b = Float32Array.of(0.5, 1, 2, 3, 4);
  await checkOp({
    inputs: [{ shape: [4, 3, 1] }, { shape: [5], values: b }],
    op: ([p, q]) => gaussian(p, q),
    reference: ([p, q]) => broadcast2(f, p, [4, 3, 1], q, [5], [4, 3, 5]),
  });
  await checkOp({ inputs: [{ shape: [7] }], op: ([x]) => gaussian(x, 2), reference: ([x]) => x.map((v) => f(v, 2)) });
});

it.skipIf(!gpu.capabilities.f16)('takes f16', async () => {
  const y = gaussian(cast(on([0, 1], [2]), 'f16'), 1);
  expect(y.dtype).toBe('f16');
  expect([...(await y.floats())][1]).toBeCloseTo(Math.exp(-1), 3);
});

it('is one kernel with its neighbors in a capture', async () => {
  const x = on([0, 1, 2], [3]);
  let y!: Tensor;
  const program = gpu.capture('own', () => {
    y = keep(gaussian(gaussian(x, 1), 2));
  });
  expect(program.dispatches.map(({ label }) => label)).toEqual(['mine/gaussian+mine/gaussian']);
  program.replay();
  expect([...(await y.floats())][2]).toBeCloseTo(f(f(2, 1), 2), 6);
  program.dispose();
});

it('has no gradient where it has no slope', () => {
  const x = on([1], [1]);
  x.requiresGrad = true;
  expect(elementwise({ name: 'mine/step', value: 'round(a)' })(x).requiresGrad).toBe(false);
});

it('names the op and the expression that is none, in a capture too', () => {
  const x = on([1], [1]);
  const odd = elementwise({ name: 'mine/odd', value: 'a * q' });
  expect(() => odd(x)).toThrow(new KernelError("mine/odd: its value, `a * q`, is no expression: unresolved value 'q'"));
  expect(() => gpu.capture('odd', () => void odd(x))).toThrow('mine/odd: its value, `a * q`, is no expression');
  const steep = elementwise({ name: 'mine/steep', value: 'a + b', slopes: ['g', 'g +'] });
  expect(() => steep(x, x)).toThrow(/^mine\/steep: its slope of b, `g \+`, is no expression: /);
});

it('says how many operands it takes', () => {
  const x = on([1], [1]);
  expect(() => gaussian(x)).toThrow('mine/gaussian takes 2 operands (a, b), got 1');
  expect(() => elementwise({ name: 'mine/none', value: 'x' })).toThrow('mine/none: its value x names no operand');
});
