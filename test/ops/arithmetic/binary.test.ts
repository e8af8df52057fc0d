// Arithmetic of two operands against float64 with every way of broadcasting, what it gives at the ends of f32, and its gradients; scale and abs beside it.
import { describe, expect, it } from 'vitest';
import { add, div, maximum, minimum, mul, pow, sub } from '../../../src/ops/arithmetic/binary.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { scale } from '../../../src/ops/elementwise/scale.ts';
import { abs } from '../../../src/ops/elementwise/unary.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { count, type Tensor } from '../../../src/tensor/tensor.ts';
import { broadcast2 } from '../../support/arrays.ts';
import { checkOp } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { generator, values } from '../../support/random.ts';
import { slopesOf } from '../../support/slopes.ts';
import { unitsOff } from '../../support/units.ts';

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

const ENDS = [
  Number.NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -2,
  3,
  1e-40,
  -1e-40,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  16777217,
  88,
];
/** As C, NumPy and PyTorch have it; JavaScript knows no power of NaN or infinity that is 1. */
const power = (p: number, q: number): number =>
  p === 1 || q === 0 || (p === -1 && Math.abs(q) === Infinity) ? 1 : p ** q;

it.each([
  { name: 'div', op: div, f: (p: number, q: number) => p / q, units: 1 },
  { name: 'pow', op: pow, f: power, units: 4 },
  { name: 'maximum', op: maximum, f: Math.max, units: 0 },
  { name: 'minimum', op: minimum, f: Math.min, units: 0 },
])('$name is right to its last digits, and at the ends of f32', async ({ op, f, units }) => {
  const next = generator(7);
  const draw = (low: number, high: number): number[] =>
    Array.from({ length: 4000 }, () => low * (high / low) ** next() * (next() < 0.5 ? 1 : -1));
  const whole = Array.from({ length: 1000 }, () => Math.floor(next() * 20 - 10));
  const a = Float32Array.from([
    ...ENDS.flatMap((p) => ENDS.map(() => p)),
    ...draw(1e-3, 1e3).map(Math.abs),
    ...draw(1e-20, 1e20),
    ...draw(0.1, 10).slice(0, 1000),
  ]);
  const b = Float32Array.from([...ENDS.flatMap(() => ENDS), ...draw(1e-2, 12), ...draw(1e-20, 1e18), ...whole]);
  const y = op(on(a, [a.length]), on(b, [b.length]));
  const places = Array.from(a, (_, i) => i);
  expect(unitsOff(await y.floats(), places, (i) => f(a[i], b[i]))).toBeLessThanOrEqual(units);
});

it.each([
  { name: 'a / b', op: div, f: (p: number, q: number) => p / q },
  { name: 'a ** b', op: pow, f: (p: number, q: number) => p ** q },
  { name: 'maximum', op: maximum, f: Math.max },
  { name: 'minimum', op: minimum, f: Math.min },
])('$name has its gradients, broadcast too', async ({ op, f }) => {
  for (const { a, b, y } of [pairs[1], pairs[4], pairs[11], pairs[15]])
    await checkOp({
      inputs: [a, b].map((shape, i) => ({ shape, values: values(3 + i, count(shape)).map((v) => v + 1.5) })),
      op: ([p, q]) => op(p, q),
      reference: ([p, q]) => broadcast2(f, p, a, q, b, y),
    });
});

// As PyTorch has them where differences say nothing.
it.each([
  ['pow(x, 2)', (x: Tensor) => pow(x, 2), [0, -3], [0, -6]],
  ['pow(x, 3)', (x: Tensor) => pow(x, 3), [0, -2], [0, 12]],
  ['pow(x, -1)', (x: Tensor) => pow(x, -1), [2, -4], [-0.25, -0.0625]],
  ['pow(x, 1)', (x: Tensor) => pow(x, 1), [0, -2], [1, 1]],
  ['pow(x, 0)', (x: Tensor) => pow(x, 0), [0, -2], [0, 0]],
  ['pow(x, 0.5)', (x: Tensor) => pow(x, 0.5), [0, 4], [Infinity, 0.25]],
  ['pow(0, x)', (x: Tensor) => pow(0, x), [0, 2], [0, 0]],
  ['maximum', (x: Tensor) => maximum(x, 1), [0, 1, 2], [0, 0.5, 1]],
  ['minimum', (x: Tensor) => minimum(1, x), [0, 1, 2], [1, 0.5, 0]],
])('the slope of %s', async (_, op, at, slopes) => {
  expect(await slopesOf(op, at)).toEqual(Float32Array.from(slopes));
});

it.each([
  { name: 'x + 2', op: (x: Tensor) => add(x, 2), f: (v: number) => v + 2 },
  { name: '2 − x', op: (x: Tensor) => sub(2, x), f: (v: number) => 2 - v },
  { name: 'x · −3', op: (x: Tensor) => mul(x, -3), f: (v: number) => -3 * v },
  { name: 'x / −3', op: (x: Tensor) => div(x, -3), f: (v: number) => v / -3 },
])('a number: $name', ({ op, f }) =>
  checkOp({ inputs: [{ shape: [3, 5] }], op: ([x]) => op(x), reference: ([x]) => x.map(f) }),
);

describe('one tensor on both sides', () => {
  it.each([
    { name: 'x + x', op: add, f: (v: number) => v + v },
    { name: 'x − x', op: sub, f: () => 0 },
    { name: 'x · x', op: mul, f: (v: number) => v * v },
    { name: 'x / x', op: div, f: () => 1 },
  ])('$name', ({ op, f }) =>
    checkOp({ inputs: [{ shape: [3, 5] }], op: ([x]) => op(x, x), reference: ([x]) => x.map(f) }),
  );
});

it('of one tensor on both sides the ends of f32 are as of two', async () => {
  const x = on([0, -0, Infinity, -Infinity, Number.NaN, 5], [6]);
  expect([...(await sub(x, x).floats())]).toEqual([0, 0, Number.NaN, Number.NaN, Number.NaN, 0]);
  expect([...(await div(x, x.detach()).floats())]).toEqual([NaN, NaN, NaN, NaN, NaN, 1]);
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
