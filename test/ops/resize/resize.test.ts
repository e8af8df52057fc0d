// resize against PyTorch's interpolate, forward and backward, on odd sizes, up and down; against float64 on channels that are and are not multiples of four; f16 and u32.
import { describe, expect, it } from 'vitest';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { type ResizeOptions, resize } from '../../../src/ops/resize/resize.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { formulaUniform } from '../../golden/formula.ts';
import { fullError, loadGolden } from '../../golden/golden.ts';
import { everyIndex, place } from '../../support/arrays.ts';
import { checkOp } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { halfValues, values } from '../../support/random.ts';
import { toNchw, toNhwc } from '../../support/torch.ts';

const nhwc = ([n, c, h, w]: number[]): number[] => [n, h, w, c];

// A weight is off by the rounding of a place near 10, 1e-6; torch's own f32 run is within 1e-6 on these cases.
it.each(loadGolden('resize').cases.map((one) => [one.name, one] as const))(
  '%s',
  async (name, { inputs, options, outputs }) => {
    const fromTorch = (of: string, shape: number[]) =>
      on(toNhwc(formulaUniform(`${name}.${of}`, shape), shape), nhwc(shape));
    const x = fromTorch('x', inputs.x);
    x.requiresGrad = true;
    const y = resize(x, options as ResizeOptions);
    expect(y.shape).toEqual(nhwc(outputs.y.shape));
    expect(fullError(outputs.y, toNchw(await y.floats(), y.shape))).toBeLessThan(3e-6);
    backward(y, { gradient: fromTorch('dy', outputs.y.shape) });
    expect(fullError(outputs.dx, toNchw(await x.grad!.floats(), x.shape))).toBeLessThan(3e-6);
  },
);

const modes: [ResizeOptions['mode'], boolean][] = [
  ['nearest', false],
  ['bilinear', false],
  ['bilinear', true],
  ['bicubic', false],
  ['bicubic', true],
];
const cubic = (d: number): number => {
  const [a, x] = [-0.75, Math.abs(d)];
  return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? ((x - 5) * x + 8) * x * a - 4 * a : 0;
};
const clamped = (i: number, n: number): number => Math.max(0, Math.min(n - 1, i));

/** Elements of a side and their parts in result p. */
function parts(mode: string, aligned: boolean, n: number, m: number, p: number): [at: number, weight: number][] {
  const at = aligned ? (m > 1 ? (p * (n - 1)) / (m - 1) : 0) : ((p + 0.5) * n) / m - 0.5;
  if (mode === 'nearest') return [[Math.floor((p * n) / m), 1]];
  const of = mode === 'bilinear' ? (d: number) => Math.max(0, 1 - Math.abs(d)) : cubic;
  return [-1, 0, 1, 2].map((k) => [clamped(Math.floor(at) + k, n), of(at - Math.floor(at) - k)]);
}

function reference(
  x: Float64Array,
  [n, h, w, c]: number[],
  [ho, wo]: number[],
  mode: string,
  aligned: boolean,
): Float64Array {
  const y = new Float64Array(n * ho * wo * c);
  everyIndex([n, ho, wo, c], ([image, p, q, k], flat) => {
    for (const [row, a] of parts(mode, aligned, h, ho, p))
      for (const [column, b] of parts(mode, aligned, w, wo, q))
        y[flat] += a * b * x[place([n, h, w, c], [image, row, column, k])];
  });
  return y;
}

describe.each(modes)('%s, alignCorners %s', (mode, alignCorners) => {
  it.each([
    { shape: [2, 3, 4, 4], size: [7, 5] },
    { shape: [1, 9, 2, 3], size: [4, 9] },
    { shape: [2, 1, 1, 2], size: [3, 70] },
    { shape: [1, 13, 11, 1], size: [1, 2] },
  ] as { shape: number[]; size: [number, number] }[])('$shape to $size', ({ shape, size }) =>
    checkOp({
      inputs: [{ shape }],
      op: ([x]) => resize(x, { size, mode, alignCorners }),
      reference: ([x]) => reference(x, shape, size, mode!, alignCorners),
      tolerance: 1e-5,
    }),
  );

  it.skipIf(!gpu.capabilities.f16)('in f16', async () => {
    const shape = [1, 4, 3, 6];
    const data = halfValues(1, 72);
    const x = cast(on(data, shape), 'f16');
    x.requiresGrad = true;
    const y = resize(x, { size: [6, 5], mode, alignCorners });
    const expected = reference(Float64Array.from(data), shape, [6, 5], mode!, alignCorners);
    expect(Math.max(...(await y.floats()).map((v, i) => Math.abs(v - expected[i])))).toBeLessThan(1e-3);
    const single = on(data, shape);
    single.requiresGrad = true;
    const dy = halfValues(2, y.size);
    backward(y, { gradient: cast(on(dy, y.shape), 'f16') });
    backward(resize(single, { size: [6, 5], mode, alignCorners }), { gradient: on(dy, y.shape) });
    const exact = await single.grad!.floats();
    expect(Math.max(...(await x.grad!.floats()).map((v, i) => Math.abs(v - exact[i])))).toBeLessThan(4e-3);
  });
});

it('moves labels to the nearest pixel, and leaves what keeps its size', async () => {
  const labels = on([1, 2, 0xffffffff, 4], [1, 2, 2, 1], 'u32');
  expect([...(await resize(labels, { scale: [1, 2] }).data())]).toEqual([1, 1, 2, 2, 0xffffffff, 0xffffffff, 4, 4]);
  expect(resize(labels, { scale: 1 }).slice.buffer).toBe(labels.slice.buffer);
});

it('refuses what makes no sense, by name', () => {
  const x = on(values(1, 12), [1, 2, 3, 2]);
  expect(() => resize(x, {})).toThrow('resize: input [1×2×3×2] takes a size or a scale, one of them');
  expect(() => resize(x, { size: [1, 1], scale: 2 })).toThrow('one of them');
  expect(() => resize(x, { size: [0, 4] })).toThrow('cannot become [0,4]: sides are whole numbers from 1');
  expect(() => resize(x, { scale: 0.1 })).toThrow('cannot become 0.1 times as large');
  expect(() => resize(x, { scale: 2, alignCorners: true })).toThrow('has no corners to align');
  expect(() => resize(x, { scale: 2, mode: 'area' as never })).toThrow('takes nearest, bilinear or bicubic, not area');
  expect(() => resize(on([1], [1]), { scale: 2 })).toThrow('must be [N×H×W×C]');
  expect(() => resize(on([1], [1, 1, 1, 1], 'u32'), { scale: 2, mode: 'bilinear' })).toThrow('is u32');
});
