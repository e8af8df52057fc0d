// conv2d and convTranspose2d as ops: values and gradients against float64, PyTorch's values, and what they refuse.
import { describe, expect, it } from 'vitest';
import { backward, type Tensor } from '../../../src/tensor/index.ts';
import type { ConvGeometry } from '../../../src/tensor/kernels/conv-geometry.ts';
import { inputShape, outputShape, weightShape } from '../../../src/tensor/kernels/conv-geometry.ts';
import { convTranspose2d } from '../../../src/tensor/ops/conv-transpose2d.ts';
import { type Conv2dOptions, conv2d } from '../../../src/tensor/ops/conv2d.ts';
import { formulaUniform } from '../../golden/formula.ts';
import { fullError, loadGolden, type OpCase } from '../../golden/golden.ts';
import { checkOp } from '../../support/check.ts';
import { dataReference, forwardReference } from '../../support/conv.ts';
import { on } from '../../support/gpu.ts';

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

describe.each(cases)('%s', (_, g) => {
  it('conv2d', () =>
    checkOp({
      inputs: [{ shape: inputShape(g) }, { shape: weightShape(g) }],
      op: ([x, w]) => conv2d(x, w, options(g)),
      reference: ([x, w]) => forwardReference(g, x, w),
    }));

  it('convTranspose2d', () => {
    // Shrinks the image by what the output padding gives back, so that both directions have one geometry.
    const padding = (size: number, out: number, k: number, s: number, p: number, d: number): number =>
      size - ((out - 1) * s - 2 * p + d * (k - 1) + 1);
    const outputPadding: [number, number] = [
      padding(g.h, g.ho, g.kh, g.sh, g.ph, g.dh),
      padding(g.w, g.wo, g.kw, g.sw, g.pw, g.dw),
    ];
    return checkOp({
      inputs: [{ shape: outputShape(g) }, { shape: weightShape(g) }],
      op: ([x, w]) => convTranspose2d(x, w, { ...options(g), outputPadding }),
      reference: ([x, w]) => dataReference(g, x, w),
    });
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
