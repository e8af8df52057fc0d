// Functions of one tensor against float64: how many units in the last place they are off over all magnitudes, what they give at the ends of f32, and their gradients.
import { describe, expect, it } from 'vitest';
import * as activations from '../../../src/ops/elementwise/activations.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import * as functions from '../../../src/ops/elementwise/unary.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { checkOp } from '../../support/check.ts';
import { erf, normal } from '../../support/erf.ts';
import { gpu, on } from '../../support/gpu.ts';
import { generator, values } from '../../support/random.ts';
import { slopesOf } from '../../support/slopes.ts';
import { unitsOff } from '../../support/units.ts';

interface Case {
  f: (v: number) => number;
  /** With what further arguments it is called, where it takes some. */
  op?: (x: Tensor) => Tensor;
  /** Magnitudes that are tried; default 1e-30 to 1e30. */
  within?: [number, number];
  /** Positive arguments only. */
  positive?: true;
  /** Default 2. */
  units?: number;
  /** Has no gradient. */
  constant?: true;
  /** Moves what the gradient is checked at, from [−1, 1). */
  at?: [scale: number, shift: number];
}

const clamp = (v: number, low: number, high: number): number =>
  Number.isNaN(v) ? v : Math.min(Math.max(v, low), high);
const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
const softplus = (v: number): number => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
const even = (v: number): number => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v));

const CASES: Record<string, Case> = {
  exp: { f: Math.exp, within: [1e-9, 100] },
  expm1: { f: Math.expm1, within: [1e-30, 100] },
  log: { f: Math.log, positive: true, at: [1, 1.5] },
  log1p: { f: Math.log1p, positive: true, units: 3 },
  sqrt: { f: Math.sqrt, positive: true, at: [1, 1.5] },
  rsqrt: { f: (v) => 1 / Math.sqrt(v), positive: true, at: [1, 1.5] },
  square: { f: (v) => v * v, within: [1e-18, 1e18] },
  reciprocal: { f: (v) => 1 / v, at: [1, 2] },
  neg: { f: (v) => -v, units: 0 },
  abs: { f: Math.abs, units: 0 },
  sign: { f: Math.sign, units: 0, constant: true },
  sin: { f: Math.sin, units: 4 },
  cos: { f: Math.cos, units: 4 },
  tanh: { f: Math.tanh },
  erf: { f: erf },
  floor: { f: Math.floor, units: 0, constant: true },
  ceil: { f: Math.ceil, units: 0, constant: true },
  round: { f: even, units: 0, constant: true },
  isFinite: { f: (v) => (Number.isFinite(v) ? 1 : 0), units: 0, constant: true },
  clip: { f: (v) => clamp(v, -0.5, 0.25), op: (x) => functions.clip(x, -0.5, 0.25), units: 0 },
  relu: { f: (v) => (v < 0 ? 0 : v), units: 0 },
  relu6: { f: (v) => clamp(v, 0, 6), units: 0, at: [4, 4] },
  leakyRelu: { f: (v) => (v > 0 ? v : 0.01 * v), units: 1 },
  elu: { f: (v) => (v > 0 ? v : 0.5 * Math.expm1(v)), op: (x) => activations.elu(x, 0.5) },
  sigmoid: { f: sigmoid, units: 3 },
  logSigmoid: { f: (v) => (v === 0 ? -Math.LN2 : -softplus(-v)), units: 4 },
  softplus: { f: (v) => softplus(2 * v) / 2, op: (x) => activations.softplus(x, 2), units: 4 },
  silu: { f: (v) => v * sigmoid(v), within: [1e-30, 88], units: 4 },
  gelu: { f: (v) => v * normal(v), units: 10 },
  mish: { f: (v) => v * Math.tanh(softplus(v)), units: 6 },
  hardSigmoid: { f: (v) => clamp(v + 3, 0, 6) / 6, at: [5, 0.1] },
  hardSwish: { f: (v) => v * (clamp(v + 3, 0, 6) / 6), at: [5, 0.1] },
};
const ops = { ...functions, ...activations } as unknown as Record<string, (x: Tensor) => Tensor>;

it('has a case for each', () => expect(Object.keys(CASES).sort()).toEqual(Object.keys(ops).sort()));

const ENDS = [Number.NaN, Infinity, -Infinity, 0, -0, 1e-40, -1e-40, 3.4028234663852886e38, -3.4028234663852886e38];

describe.each(Object.entries(CASES))('%s', (name, { f, op = ops[name], within, positive, units = 2, constant, at }) => {
  it('is right to its last digits, and at the ends of f32', async () => {
    const [low, high] = within ?? [1e-30, 1e30];
    const next = generator(11);
    const drawn = Array.from(
      { length: 8000 },
      () => low * (high / low) ** next() * (positive || next() < 0.5 ? 1 : -1),
    );
    const x = Float32Array.from([...drawn, 0.5, -0.5, 1.5, 2.5, ...ENDS]);
    const y = op(on(x, [x.length]));
    expect(unitsOff(await y.floats(), x, f)).toBeLessThanOrEqual(units);
    y.release();
  });

  it.skipIf(constant)('has its gradient', async () => {
    const [scale, shift] = at ?? [1, 0];
    for (const shape of [[1], [2, 7, 3, 5]])
      await checkOp({
        inputs: [
          {
            shape,
            values: values(
              5,
              shape.reduce((a, b) => a * b),
            ).map((v) => scale * v + shift),
          },
        ],
        op: ([x]) => op(x),
        reference: ([x]) => x.map(f),
      });
  });
});

it('the gelu by tanh is as near as f32 goes', async () => {
  const f = (v: number): number => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
  const op = (x: Tensor): Tensor => activations.gelu(x, { approximate: 'tanh' });
  await checkOp({ inputs: [{ shape: [301] }], op: ([x]) => op(x), reference: ([x]) => x.map(f) });
  const x = Float32Array.from([...ENDS, 5, -5, 30, -30]);
  expect([...(await op(on(x, [x.length])).floats())].map(Number.isNaN)).toEqual([...x].map((v) => Number.isNaN(f(v))));
  expect(() => activations.gelu(on(x, [x.length]), { approximate: 'erf' as never })).toThrow(
    "gelu: approximate is erf, it must be 'none' or 'tanh'",
  );
});

// What PyTorch has at the kinks, where differences say nothing.
it.each([
  ['abs', [0], [0]],
  ['clip', [-0.5, 0.25], [1, 1]],
  ['relu', [0], [0]],
  ['relu6', [0, 6], [0, 0]],
  ['leakyRelu', [0], [0.01]],
  ['elu', [0], [0.5]],
  ['hardSigmoid', [-3, 3], [0, 0]],
  ['hardSwish', [-3, 3], [-0.5, 1.5]],
  ['sqrt', [0], [Infinity]],
])('%s at %j has the slope %j', async (name, at, slopes) => {
  expect(await slopesOf(CASES[name].op ?? ops[name], at)).toEqual(Float32Array.from(slopes));
});

// The result is rounded by 2⁻¹²; a slope of it by no more than that, and the gradient once more.
it.skipIf(!gpu.capabilities.f16)('f16 in and out, with gradients', async () => {
  for (const name of ['relu', 'sigmoid', 'tanh', 'gelu', 'exp'])
    await checkOp({
      inputs: [{ shape: [3, 5, 17] }],
      half: true,
      op: ([x]) => cast(ops[name](cast(x, 'f16')), 'f32'),
      reference: ([x]) => x.map(CASES[name].f),
      tolerance: 2 ** -11,
      gradientTolerance: 2 ** -10,
    });
});

it('refuses labels by name', () =>
  scope(() => {
    for (const [name, op] of Object.entries(ops))
      expect(() => op(on([1], [1], 'u32')), name).toThrow(`${name}: input [1] is u32, it must be f32 or f16`);
  }));
