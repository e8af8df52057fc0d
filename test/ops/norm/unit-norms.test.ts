// layerNorm, rmsNorm, groupNorm and instanceNorm against float64 and torch: rows short and long, four values at a time or not, with and without weight and bias, f16, values
// far from 0, rows that leave zeros out, and the form for GPUs.
import { describe, expect, it } from 'vitest';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { groupNorm, instanceNorm } from '../../../src/ops/norm/group-norm.ts';
import { layerNorm, rmsNorm } from '../../../src/ops/norm/layer-norm.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { count, type Tensor, TensorError } from '../../../src/tensor/tensor.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { asOnGpu } from '../../support/norm.ts';
import { values } from '../../support/random.ts';
import { unitNormReference } from '../../support/unit-norm.ts';

// Results are up to a few deviations, the sums below them short: 1e-5 is some ten roundings. Where two or three values make a variance, 1 / deviation magnifies the
// gradient's.
const tolerance = 1e-5;

/** Over the last `sides` sides. */
function checkRows(shape: number[], sides = 1, seed = count(shape)): Promise<void> {
  const rest = shape.slice(-sides);
  const channels = count(rest);
  const axes = rest.map((_, i) => i - sides);
  // Which of weight and bias are there, and whether the mean goes, differs from shape to shape.
  const [weight, bias, centered] = [
    [true, true, true],
    [false, false, true],
    [true, false, false],
  ][seed % 3];
  const given = { images: count(shape) / channels, positions: 1, groups: 1, channels };
  return checkOp({
    inputs: [{ shape }, ...(weight ? [{ shape: rest }] : []), ...(bias ? [{ shape: rest }] : [])],
    seed,
    tolerance,
    samples: 8,
    op: ([x, w, b]) =>
      centered ? layerNorm(x, { axes, weight: w, bias: b }) : rmsNorm(x, { axes, weight: w, eps: 1e-5 }),
    reference: unitNormReference({ ...given, centered, weight, bias }),
  });
}

function checkGroups(shape: number[], groups: number, seed = count(shape)): Promise<void> {
  const channels = shape[shape.length - 1];
  const positions = count(shape) / (shape[0] * channels);
  const [weight, bias] = [seed % 3 === 0, seed % 3 === 0];
  return checkOp({
    inputs: [{ shape }, ...(weight ? [{ shape: [channels] }] : []), ...(bias ? [{ shape: [channels] }] : [])],
    seed,
    tolerance,
    samples: 8,
    op: ([x, w, b]) =>
      groups === channels ? instanceNorm(x, { weight: w, bias: b }) : groupNorm(x, { groups, weight: w, bias: b }),
    reference: unitNormReference({ images: shape[0], positions, groups, channels: channels / groups, weight, bias }),
  });
}

const rows: { shape: number[]; sides?: number }[] = [
  { shape: [2, 3] },
  { shape: [1, 7] },
  { shape: [33, 4] },
  { shape: [19, 13] },
  { shape: [5, 68] },
  { shape: [2, 3, 50] },
  { shape: [18, 3, 8], sides: 2 },
  { shape: [3, 1028] },
  { shape: [2, 2, 257] },
  { shape: [6] },
];
const images: { shape: number[]; groups: number }[] = [
  { shape: [2, 3, 3, 4], groups: 2 },
  { shape: [3, 5, 16], groups: 4 },
  { shape: [2, 7, 24], groups: 1 },
  { shape: [5, 2, 3, 6], groups: 6 },
  { shape: [1, 5, 7, 3], groups: 3 },
  { shape: [3, 12], groups: 3 },
  { shape: [2, 9, 80], groups: 2 },
  { shape: [9, 3, 15], groups: 5 },
];
it.each(rows)('rows of $shape, $sides', ({ shape, sides }) => checkRows(shape, sides));
it.each(images)('$shape in $groups groups', ({ shape, groups }) => checkGroups(shape, groups));

it.each([
  { shape: [5, 8], width: 24 },
  { shape: [3, 2, 7], width: 8 },
])('rows of $shape of which zeros up to $width are left out', ({ shape, width }) => {
  const channels = shape[shape.length - 1];
  const given = { images: count(shape) / channels, positions: 1, groups: 1, channels, zeros: width - channels };
  return checkOp({
    inputs: [{ shape }, { shape: [channels] }, { shape: [channels] }],
    tolerance,
    op: ([x, weight, bias]) => layerNorm(x, { weight, bias, width }),
    reference: unitNormReference({ ...given, weight: true, bias: true }),
  });
});

// Lanes: one, some and all of a workgroup; units side by side and one behind the other. All with weight and bias: what differs from shape to shape is compiled.
describe('as on a GPU', () => {
  asOnGpu();
  it.each([
    [33, 4],
    [3, 1028],
  ])('rows of %i × %i', (...shape) => checkRows(shape, 1, 12));
  it.each(images.filter((_, i) => i === 3 || i === 6))('$shape in $groups groups', ({ shape, groups }) =>
    checkGroups(shape, groups, 12),
  );
});

// x and dy are what f16 holds exactly, so that only what is stored is rounded.
it.skipIf(!gpu.capabilities.f16).each([
  { shape: [5, 12], groups: 0 },
  { shape: [2, 5, 3], groups: 3 },
])('f16, $shape, $groups groups', ({ shape, groups }) => {
  const channels = shape[shape.length - 1];
  const units = groups
    ? { images: shape[0], positions: count(shape) / shape[0] / channels, groups, channels: channels / groups }
    : { images: count(shape) / channels, positions: 1, groups: 1, channels };
  return checkOp({
    inputs: [{ shape }, { shape: [channels] }, { shape: [channels] }],
    half: true,
    op: ([x, weight, bias]) => {
      const half = cast(x, 'f16');
      const y = groups ? groupNorm(half, { groups, weight, bias }) : layerNorm(half, { weight, bias });
      expect(y.dtype).toBe('f16');
      return cast(y, 'f32');
    },
    reference: unitNormReference({ ...units, weight: true, bias: true }),
    tolerance: 2 ** -11 + tolerance,
    gradientTolerance: 2 ** -10 + tolerance,
  });
});

describe('values that are hard', () => {
  const check = async (data: Float32Array, shape: number[], most: number): Promise<void> => {
    const [n, c] = shape;
    const expected = unitNormReference({ images: n, positions: 1, groups: 1, channels: c })([Float64Array.from(data)]);
    const y = scope(() => layerNorm(on(data, shape)));
    expect(relativeError(await y.floats(), expected)).toBeLessThan(most);
    y.release();
  };

  // f32 holds 1000 to 3e-5, so that a mean that is one f32 would cost as much; the deviations themselves are exact.
  it.each([
    [40, 768],
    [3, 1021],
  ])('rows of mean 1000 and deviation 1, %i of %i', (n, c) =>
    check(
      values(5, n * c).map((v) => Math.fround(1000 + v * Math.sqrt(3))),
      [n, c],
      2e-6,
    ),
  );

  it('a first value far out', () => {
    const data = values(6, 2 * 500);
    data[0] = data[500] = -1000;
    return check(data, [2, 500], 5e-6);
  });

  it('a row of a million, and a million rows of one', async () => {
    await check(
      values(7, 1e6).map((v) => Math.fround(v + 3)),
      [1, 1e6],
      2e-6,
    );
    const y = scope(() => layerNorm(on(values(8, 1e6), [1e6, 1]), { bias: on([0.5], [1]) }));
    expect((await y.floats()).every((v) => v === 0.5)).toBe(true);
    y.release();
  });

  it('NaN stays in its row, or its group', async () => {
    const data = values(7, 24);
    data[5] = Number.NaN;
    const bad = async (y: Tensor): Promise<number[]> =>
      [...(await y.floats()).entries()].flatMap(([i, v]) => (Number.isNaN(v) ? [i] : []));
    expect(await bad(layerNorm(on(data, [6, 4])))).toEqual([4, 5, 6, 7]);
    expect(await bad(rmsNorm(on(data, [6, 4])))).toEqual([4, 5, 6, 7]);
    expect(await bad(groupNorm(on(data, [2, 3, 4]), { groups: 2 }))).toEqual([0, 1, 4, 5, 8, 9]);
  });

  it('long sums of weight gradients', async () => {
    const [n, c] = [30_000, 5];
    const [data, upstream] = [values(11, n * c), values(12, n * c).map(Math.abs)];
    const [x, weight, bias] = [on(data, [n, c]), on(new Array(c).fill(1), [c]), on(new Array(c).fill(0), [c])];
    weight.requiresGrad = bias.requiresGrad = true;
    scope(() => backward(layerNorm(x, { weight, bias }), { gradient: on(upstream, [n, c]) }));
    const standard = unitNormReference({ images: n, positions: 1, groups: 1, channels: c })([Float64Array.from(data)]);
    const [dWeight, dBias] = [new Float64Array(c), new Float64Array(c)];
    upstream.forEach((g, i) => {
      dWeight[i % c] += g * standard[i];
      dBias[i % c] += g;
    });
    expect(relativeError(await weight.grad!.floats(), dWeight)).toBeLessThan(1e-5);
    expect(relativeError(await bias.grad!.floats(), dBias)).toBeLessThan(2e-6);
  });
});

// torch 1.13's layer_norm, group_norm and instance_norm in float32, channels moved last: values, then gradients, to five digits.
describe('as torch', () => {
  const check = async (
    f: (x: Tensor, weight: Tensor, bias: Tensor) => Tensor,
    shape: number[],
    [x, weight, bias, upstream, ...expected]: number[][],
  ): Promise<void> => {
    const inputs = [on(x, shape), on(weight, [4]), on(bias, [4])];
    for (const one of inputs) one.requiresGrad = true;
    const y = f(inputs[0], inputs[1], inputs[2]);
    expect(relativeError(await y.floats(), expected[0])).toBeLessThan(1e-5);
    scope(() => backward(y, { gradient: on(upstream, shape) }));
    for (const [i, one] of inputs.entries())
      expect(relativeError(await one.grad!.floats(), expected[i + 1])).toBeLessThan(1e-5);
  };

  it('layerNorm', () =>
    check(
      (x, weight, bias) => layerNorm(x, { weight, bias }),
      [2, 4],
      [
        [4.08, 0.41, -3.36, 2.14, -1.17, -1.8, 1.81, 2.68],
        [-0.44, 0.19, -0.19, 1.36],
        [-0.71, 3.2, -1.14, 1.25],
        [-0.13, 1.75, -0.78, -2.02, 1.74, 3.91, 2.88, 2.55],
        [-1.23408, 3.17173, -0.85022, 1.90664, -0.35167, 2.98238, -1.28275, 2.89348],
        [0.38927, 0.30221, 0.04225, -0.73372, -0.40293, 0.5441, -1.01876, 0.87758],
        [-1.57187, -4.73884, 3.35346, 2.10622],
        [1.61, 5.66, 2.1, 0.53],
      ],
    ));

  const images = [
    [1.38, 3.53, -1.58, -0.58, 0.96, -0.44, 2.04, -1.63, 1.38, 2.09, -3.44, 1.52],
    [-1.06, 0, 1.55, -0.84],
    [0.92, 1.58, 0.98, -0.83],
    [-1.18, 0.47, 1.38, 0.56, 5.12, 0.93, 1.13, -0.53, 3.2, 6.51, 1.35, -0.86],
  ];
  it('groupNorm', () =>
    check(
      (x, weight, bias) => groupNorm(x, { groups: 2, weight, bias }),
      [1, 3, 4],
      [
        ...images,
        [1.01175, 1.58, 0.18804, -0.84404, 1.38467, 1.58, 3.14869, -0.37865, 1.01175, 1.58, -1.33318, -1.77481],
        [2.13531, 0.44284, 0.48727, -0.83391, -3.3325, 1.63338, 0.48432, -0.40924, -1.75369, 0.87467, 0.3592, -0.08763],
        [-2.41927, 2.61564, -1.13876, -0.67317],
        [7.14, 7.91, 3.86, -0.83],
      ],
    ));

  it('instanceNorm', () =>
    check(
      (x, weight, bias) => instanceNorm(x, { weight, bias }),
      [1, 3, 4],
      [
        ...images,
        [0.17056, 1.58, 0.58035, -0.6055, 2.41888, 1.58, 3.04636, 0.068, 0.17056, 1.58, -0.68671, -1.95249],
        [11.72521, 0.0, 0.04596, -0.49481, -0.00374, 0.0, -0.0156, 0.32987, -11.72147, 0, -0.03036, 0.16494],
        [-5.81168, 0.72997, -0.30102, -0.73229],
        [7.14, 7.91, 3.86, -0.83],
      ],
    ));
});

it('differentiates in what asks for it alone', async () => {
  const part = async (which: number): Promise<void> => {
    await checkOp({
      inputs: [{ shape: [5, 6] }, { shape: [6] }, { shape: [6] }].map((one, i) => ({ ...one, gradient: i === which })),
      tolerance,
      op: ([x, weight, bias]) => layerNorm(x, { weight, bias }),
      reference: unitNormReference({ images: 5, positions: 1, groups: 1, channels: 6, weight: true, bias: true }),
    });
  };
  for (const which of [0, 1, 2]) await part(which);
});

it('names what does not fit', () => {
  const x = on(values(1, 24), [2, 3, 4]);
  const three = on([1, 1, 1], [3]);
  expect(() => layerNorm(x, { weight: three })).toThrow(
    'layerNorm: input [3] must be [4], as the sides of input [2×3×4] that are normalized',
  );
  expect(() => layerNorm(x, { axes: [0, 1] })).toThrow(TensorError);
  expect(() => rmsNorm(x, { axes: 1 })).toThrow(
    'rmsNorm: axes [1] of input [2×3×4] are not its last ones; move them there with permute',
  );
  expect(() => layerNorm(x, { eps: -1 })).toThrow('layerNorm: eps is -1');
  expect(() => layerNorm(x, { width: 1 })).toThrow('layerNorm: width is 1, it must be a whole number from');
  expect(() => layerNorm(on([1, 2], [2], 'u32'))).toThrow('it must be f32 or f16');
  expect(() => groupNorm(x, { groups: 3 })).toThrow(
    'groupNorm: groups is 3, it must divide the 4 channels of input [2×3×4]',
  );
  expect(() => groupNorm(x, { groups: 2, weight: three })).toThrow('must be [4], one value a channel');
  expect(() => instanceNorm(on([1, 2], [1, 2]))).toThrow('has one value a group');
  expect(() => groupNorm(on([1, 2], [2]), { groups: 1 })).toThrow('must be [N, ..., C]');
});
