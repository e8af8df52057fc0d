// add, sub, mul against float64 with every way of broadcasting; scale and abs beside them.
import { describe, expect, it } from 'vitest';
import { add, mul, sub } from '../../../src/ops/arithmetic/binary.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { scale } from '../../../src/ops/elementwise/scale.ts';
import { abs } from '../../../src/ops/elementwise/unary.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { broadcast2 } from '../../support/arrays.ts';
import { checkOp } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';

const pairs: { a: number[]; b: number[]; y: number[] }[] = [
  { a: [1], b: [1], y: [1] },
  { a: [3, 7, 5], b: [3, 7, 5], y: [3, 7, 5] },
  { a: [2, 3, 2, 8], b: [8], y: [2, 3, 2, 8] },
  { a: [13, 17], b: [17], y: [13, 17] },
  { a: [6], b: [5, 6], y: [5, 6] },
  { a: [3, 7], b: [1], y: [3, 7] },
  { a: [1, 1], b: [3, 2, 2], y: [3, 2, 2] },
  { a: [2, 3, 4, 12], b: [2, 1, 1, 12], y: [2, 3, 4, 12] },
  { a: [2, 3, 4, 5], b: [2, 1, 1, 5], y: [2, 3, 4, 5] },
  { a: [3, 2, 2, 4], b: [3, 1, 1, 1], y: [3, 2, 2, 4] },
  { a: [3, 1, 4], b: [1, 5, 4], y: [3, 5, 4] },
  { a: [7, 1], b: [1, 3], y: [7, 3] },
  { a: [2, 1, 3, 1], b: [1, 5, 1, 4], y: [2, 5, 3, 4] },
  { a: [3], b: [1, 3], y: [1, 3] },
  { a: [70, 64], b: [64], y: [70, 64] },
  { a: [2, 1, 3, 1, 2, 1], b: [1, 3, 1, 2, 1, 5], y: [2, 3, 3, 2, 2, 5] },
];
const ops = [
  { name: 'add', op: add, f: (p: number, q: number) => p + q },
  { name: 'sub', op: sub, f: (p: number, q: number) => p - q },
  { name: 'mul', op: mul, f: (p: number, q: number) => p * q },
];

describe.each(ops)('$name', ({ op, f }) => {
  it.each(pairs)('$a with $b', ({ a, b, y }) =>
    checkOp({
      inputs: [{ shape: a }, { shape: b }],
      op: ([p, q]) => op(p, q),
      reference: ([p, q]) => broadcast2(f, p, a, q, b, y),
    }),
  );
});

// The sum is taken in f32 and rounded to f16 once, by 2⁻¹¹ of it, and so is what goes back to an f16 operand.
describe.skipIf(!gpu.capabilities.f16)('in f16', () => {
  it.each(pairs)('$a with $b', async ({ a, b, y }) => {
    for (const [p, q] of [
      ['f16', 'f16'],
      ['f16', 'f32'],
      ['f32', 'f16'],
    ] as const)
      for (const { op, f } of ops)
        await checkOp({
          inputs: [{ shape: a }, { shape: b }],
          half: true,
          op: ([u, v]) => cast(op(cast(u, p), cast(v, q)), 'f32'),
          reference: ([u, v]) => broadcast2(f, u, a, v, b, y),
          tolerance: 2 ** -11,
          gradientTolerance: 2 ** -11 + 1e-6,
        });
  });
});

// More elements than threads, so that each thread goes through several places.
it.each([
  { a: [301, 317], b: [317], y: [301, 317] },
  { a: [5, 77, 31, 12], b: [5, 1, 31, 1], y: [5, 77, 31, 12] },
  { a: [7, 1, 31, 1], b: [1, 77, 1, 12], y: [7, 77, 31, 12] },
  { a: [3, 71, 37, 7], b: [3, 1, 37, 1], y: [3, 71, 37, 7] },
  { a: [70001], b: [70001], y: [70001] },
])('large $a and $b', async ({ a, b, y }) => {
  for (const { op, f } of ops)
    await checkOp({
      inputs: [
        { shape: a, gradient: false },
        { shape: b, gradient: false },
      ],
      op: ([p, q]) => op(p, q),
      reference: ([p, q]) => broadcast2(f, p, a, q, b, y),
    });
});

it.each([
  { name: 'x + 2', op: (x: Tensor) => add(x, 2), f: (v: number) => v + 2 },
  { name: '2 − x', op: (x: Tensor) => sub(2, x), f: (v: number) => 2 - v },
  { name: 'x · −3', op: (x: Tensor) => mul(x, -3), f: (v: number) => -3 * v },
])('a number: $name', ({ op, f }) =>
  checkOp({ inputs: [{ shape: [3, 5] }], op: ([x]) => op(x), reference: ([x]) => x.map(f) }),
);

describe('one tensor on both sides', () => {
  it.each([
    { name: 'x + x', op: add, f: (v: number) => v + v },
    { name: 'x − x', op: sub, f: () => 0 },
    { name: 'x · x', op: mul, f: (v: number) => v * v },
  ])('$name', ({ op, f }) =>
    checkOp({ inputs: [{ shape: [3, 5] }], op: ([x]) => op(x, x), reference: ([x]) => x.map(f) }),
  );
});

it('needs a gradient for one side only', () =>
  checkOp({
    inputs: [{ shape: [4, 3] }, { shape: [3], gradient: false }],
    op: ([a, b]) => mul(add(a, b), b),
    reference: ([a, b]) => a.map((v, i) => (v + b[i % 3]) * b[i % 3]),
  }));

it('refuses shapes that do not go together, and other dtypes', () =>
  scope(() => {
    expect(() => add(on([1, 2, 3], [3]), on([1, 2], [2]))).toThrow('add: input [3] and input [2] do not go together');
    expect(() => add(1, 2)).toThrow('add: got numbers only; at least one operand must be a tensor');
    expect(() => add(on([1], [1]), on([1], [1], 'u32'))).toThrow('input [1] is u32, it must be f32 or f16');
  }));

describe.each([[1], [3, 5], [257], [70001]].map((shape) => ({ shape })))('$shape', ({ shape }) => {
  it('scale', () =>
    checkOp({
      inputs: [{ shape }],
      op: ([x]) => scale(x, -2.5, 0.75),
      reference: ([x]) => x.map((v) => 0.75 - 2.5 * v),
    }));
  it('abs', () => checkOp({ inputs: [{ shape }], op: ([x]) => abs(x), reference: ([x]) => x.map(Math.abs) }));
});
