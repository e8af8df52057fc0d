// conv2d and convTranspose2d as ops: values and gradients against float64, PyTorch's values, and what they refuse.
import { describe, expect, it } from 'vitest';
import { convTranspose2d } from '../../../src/ops/conv/conv-transpose2d.ts';
import { type Conv2dOptions, conv2d } from '../../../src/ops/conv/conv2d.ts';
import type { ConvGeometry } from '../../../src/ops/conv/kernels/geometry.ts';
import { inputShape, outputShape, weightShape } from '../../../src/ops/conv/kernels/geometry.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { formulaUniform } from '../../golden/formula.ts';
import { fullError, loadGolden, type OpCase } from '../../golden/golden.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { dataReference, forwardReference } from '../../support/conv.ts';
import { gpu, on } from '../../support/gpu.ts';
import { halfValues } from '../../support/random.ts';

const base: ConvGeometry = {
  ...{ n: 2, h: 5, w: 4, ci: 3, ho: 5, wo: 4, co: 4, kh: 3, kw: 3 },
  ...{ sh: 1, sw: 1, ph: 1, pw: 1, dh: 1, dw: 1, groups: 1 },
};
const options = (g: ConvGeometry): Conv2dOptions => ({
  stride: [g.sh, g.sw],
  padding: [g.ph, g.pw],
  dilation: [g.dh, g.dw],
  groups: g.groups,
});

const cases: [string, ConvGeometry][] = [
  ['3×3', base],
  ['1×1', { ...base, kh: 1, kw: 1, ph: 0, pw: 0, ci: 5, co: 7 }],
  ['strides 2 and 3', { ...base, h: 7, w: 9, ho: 4, wo: 3, sh: 2, sw: 3 }],
  ['dilation 2', { ...base, h: 7, w: 7, ho: 5, wo: 5, dh: 2, dw: 2 }],
  ['groups 2', { ...base, ci: 4, co: 6, groups: 2 }],
  ['depthwise', { ...base, ci: 5, co: 5, groups: 5 }],
  ['stride 2, input not covered to its end', { ...base, h: 6, w: 6, ho: 2, wo: 2, sh: 2, sw: 2, ph: 0, pw: 0 }],
];

// From operands that f16 holds exactly the sums err as in f32, by 2e-6, and their result is rounded once, by 2⁻¹¹ of it; the weight's gradient is not.
const ROUNDED = 2 ** -11 + 2e-6;

describe.each(cases)('%s', (_, g) => {
  const conv = ([x, w]: Tensor[]): Tensor => conv2d(x, w, options(g));
  const forward = {
    inputs: [{ shape: inputShape(g) }, { shape: weightShape(g) }],
    reference: ([x, w]: Float64Array[]) => forwardReference(g, x, w),
  };
  it('conv2d', () => checkOp({ ...forward, op: conv }));

  // Shrinks the image by what the output padding gives back, so that both directions have one geometry.
  const padding = (size: number, out: number, k: number, s: number, p: number, d: number): number =>
    size - ((out - 1) * s - 2 * p + d * (k - 1) + 1);
  const outputPadding: [number, number] = [
    padding(g.h, g.ho, g.kh, g.sh, g.ph, g.dh),
    padding(g.w, g.wo, g.kw, g.sw, g.pw, g.dw),
  ];
  const transposed = ([x, w]: Tensor[]): Tensor => convTranspose2d(x, w, { ...options(g), outputPadding });
  const back = {
    inputs: [{ shape: outputShape(g) }, { shape: weightShape(g) }],
    reference: ([x, w]: Float64Array[]) => dataReference(g, x, w),
  };
  it('convTranspose2d', () => checkOp({ ...back, op: transposed }));

  const inHalf = (of: typeof conv, checked: typeof forward): Promise<void> =>
    checkOp({
      ...checked,
      half: true,
      op: ([x, w]) => cast(of([cast(x, 'f16'), w]), 'f32'),
      tolerance: ROUNDED,
      gradientTolerance: ROUNDED,
    });
  it.skipIf(!gpu.capabilities.f16)('conv2d in f16', () => inHalf(conv, forward));
  it.skipIf(!gpu.capabilities.f16)('convTranspose2d in f16', () => inHalf(transposed, back));
});

it.each([1, 4, 7])('a bias of %i channels', (co) => {
  const g = { ...base, co };
  return checkOp({
    inputs: [{ shape: inputShape(g) }, { shape: weightShape(g) }, { shape: [co] }],
    op: ([x, w, bias]) => conv2d(x, w, { ...options(g), bias }),
    reference: ([x, w, bias]) => forwardReference(g, x, w).map((value, i) => value + bias[i % co]),
  });
});

it('refuses a bias that does not fit', () =>
  expect(() =>
    conv2d(on(new Float32Array(12), [1, 2, 2, 3]), on(new Float32Array(6), [1, 1, 3, 2]), { bias: on([1], [1]) }),
  ).toThrow('conv2d: input [1] must be [2]'));

describe.skipIf(!gpu.capabilities.f16)('the weight of an f16 convolution', () => {
  const x = () => cast(on(halfValues(1, 2 * 5 * 4 * 3), inputShape(base)), 'f16');

  it('is read from its copy if it has one, and its gradient stays f32', async () => {
    const w = on(halfValues(2, 108), weightShape(base));
    w.requiresGrad = true;
    w.half = cast(on(halfValues(3, 108), weightShape(base)), 'f16');
    const y = conv2d(x(), w, options(base));
    const expected = forwardReference(base, halfValues(1, 120), halfValues(3, 108));
    expect(y.dtype).toBe('f16');
    expect(relativeError(await y.floats(), expected)).toBeLessThan(ROUNDED);
    backward(y, { gradient: y.detach() });
    expect(w.grad!.dtype).toBe('f32');
  });

  it('has the values of its copy once they are set', async () => {
    const w = on(halfValues(2, 108), weightShape(base));
    w.half = cast(w, 'f16');
    w.set(halfValues(4, 108));
    expect(await w.half.floats()).toEqual(halfValues(4, 108));
    w.release();
    expect(w.half.released).toBe(true);
  });

  it('is f32', () => {
    const w = cast(on(halfValues(2, 108), weightShape(base)), 'f16');
    expect(() => conv2d(x(), w)).toThrow(
      'conv2d: cast is f16 and cast f16; it takes an f32 or f16 input and an f32 weight',
    );
  });
});

/** Between torch's layouts and ours: the axes of `values` in the order `axes`. */
function permute(values: ArrayLike<number>, shape: readonly number[], axes: number[]): Float32Array {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const sizes = axes.map((axis) => shape[axis]);
  return Float32Array.from({ length: values.length }, (_, i) => {
    let [rest, at] = [i, 0];
    for (let k = axes.length - 1; k >= 0; k--) {
      at += (rest % sizes[k]) * strides[axes[k]];
      rest = Math.floor(rest / sizes[k]);
    }
    return values[at];
  });
}
const NCHW_TO_NHWC = [0, 2, 3, 1];
const NHWC_TO_NCHW = [0, 3, 1, 2];
/** OIHW → HWIO, and for transposed kernels IOHW → HWOI: the same permutation, since our layout is the convolution's whose gradient it is. */
const KERNEL_TO_OURS = [2, 3, 1, 0];
const KERNEL_TO_TORCH = [3, 2, 0, 1];

describe('PyTorch', () => {
  const ops = { conv2d, convTranspose2d };
  const goldens = loadGolden('ops').cases.filter((c): c is OpCase & { op: keyof typeof ops } => c.op in ops);

  it.each(goldens.map((c) => [c.name, c] as const))('%s', async (name, { op, inputs, options, outputs }) => {
    const load = (input: string, axes: number[]): Tensor => {
      const shape = inputs[input];
      return on(
        permute(formulaUniform(`${name}.${input}`, shape), shape, axes),
        axes.map((axis) => shape[axis]),
      );
    };
    const [x, w] = [load('x', NCHW_TO_NHWC), load('w', KERNEL_TO_OURS)];
    for (const input of [x, w]) input.requiresGrad = true;
    const y = ops[op](x, w, options as Conv2dOptions);
    const toTorch = async (tensor: Tensor, axes: number[]): Promise<Float32Array> =>
      permute(await tensor.floats(), tensor.shape, axes);
    const values = await toTorch(y, NHWC_TO_NCHW);
    if (inputs.bias) {
      const bias = formulaUniform(`${name}.bias`, inputs.bias);
      const plane = outputs.y.shape[2] * outputs.y.shape[3];
      for (let i = 0; i < values.length; i++) values[i] += bias[Math.floor(i / plane) % bias.length];
    }
    const dy = formulaUniform(`${name}.dy`, outputs.y.shape);
    backward(y, { gradient: on(permute(dy, outputs.y.shape, NCHW_TO_NHWC), y.shape) });
    // f32 against float64: torch's own f32 run is off by `f32`; another order of summation may cost a few times that.
    expect(fullError(outputs.y, values)).toBeLessThan(8 * outputs.y.f32);
    expect(fullError(outputs.dx, await toTorch(x.grad!, NHWC_TO_NCHW))).toBeLessThan(8 * outputs.dx.f32);
    expect(fullError(outputs.dw, await toTorch(w.grad!, KERNEL_TO_TORCH))).toBeLessThan(8 * outputs.dw.f32);
  });
});

describe('refused', () => {
  const x = on(new Float32Array(2 * 5 * 5 * 4), [2, 5, 5, 4]);
  const zeros = (...shape: number[]): Tensor => on(new Float32Array(shape.reduce((a, b) => a * b)), shape);
  it.each<[string, () => Tensor, RegExp]>([
    [
      'a flat input',
      () => conv2d(zeros(5, 5), zeros(3, 3, 4, 8)),
      /conv2d: input \[5×5\].*takes an input \[N,H,W,Cin\]/,
    ],
    ['other channels', () => conv2d(x, zeros(3, 3, 3, 8)), /the weight takes 3 input channels, the input has 4/],
    ['groups that do not divide', () => conv2d(x, zeros(3, 3, 2, 7), { groups: 2 }), /7 output channels do not divide/],
    ['a kernel larger than the image', () => conv2d(x, zeros(7, 3, 4, 8)), /does not fit the padded input/],
    ['stride 0', () => conv2d(x, zeros(3, 3, 4, 8), { stride: [1, 0] }), /stride 1,0 must be whole numbers from 1/],
    [
      'a transposed weight of other channels',
      () => convTranspose2d(x, zeros(2, 2, 3, 8)),
      /takes 8 input channels.*has 4/,
    ],
    ['too much output padding', () => convTranspose2d(x, zeros(2, 2, 8, 4), { outputPadding: 1 }), /outputPadding 1,1/],
  ])('%s', (_, make, message) => expect(make).toThrow(message));
});
