// The sizes of one convolution, shared by its three directions: forward, data gradient and weight gradient.
import { type Cost, params } from '../../../gpu/index.ts';
import type { Shape } from '../../../tensor/index.ts';
import { bytesOf, type Storage } from '../../../tensor/index.ts';

/** A number for both axes, or [vertical, horizontal]. */
export type Pair = number | readonly [number, number];

/** x [n,h,w,ci] and w [kh,kw,ci/groups,co] give y [n,ho,wo,co]; `s` stride, `p` padding, `d` dilation, vertical and horizontal. */
export interface ConvGeometry {
  n: number;
  h: number;
  w: number;
  ci: number;
  ho: number;
  wo: number;
  co: number;
  kh: number;
  kw: number;
  sh: number;
  sw: number;
  ph: number;
  pw: number;
  dh: number;
  dw: number;
  groups: number;
  /** x, w, y and the gradients of x and y are stored as f16; the weight's gradient is f32 always. */
  half?: boolean;
}

export const pair = (value: Pair): readonly [number, number] => (typeof value === 'number' ? [value, value] : value);

/** Output positions along one axis; below 1 where the kernel does not fit. */
export const extent = (input: number, kernel: number, stride: number, padding: number, dilation: number): number =>
  Math.floor((input + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;

export const inputShape = ({ n, h, w, ci }: ConvGeometry): Shape => [n, h, w, ci];
export const weightShape = ({ kh, kw, ci, co, groups }: ConvGeometry): Shape => [kh, kw, ci / groups, co];
export const outputShape = ({ n, ho, wo, co }: ConvGeometry): Shape => [n, ho, wo, co];

/** The uniform of the plain kernels: `struct Geometry` in shaders/conv/plain.wgsl. */
export const geometryParams = (g: ConvGeometry): ArrayBuffer =>
  params(g.n, g.h, g.w, g.ci, g.ho, g.wo, g.co, g.kh, g.kw, g.sh, g.sw, g.ph, g.pw, g.dh, g.dw, g.groups);

/** The uniform's words of the sizes, shaders/conv/sizes.wgsl. */
export const sizeWords = (g: Omit<ConvGeometry, 'n' | 'groups'>): number[] => [
  ...[g.h, g.w, g.ci, g.ho, g.wo, g.co, g.kh, g.kw],
  ...[g.sh, g.sw, g.ph, g.pw, g.dh, g.dw],
];

/** Elements of the input, the weight and the output. */
export const inputCount = (g: ConvGeometry): number => g.n * g.h * g.w * g.ci;
export const weightCount = (g: ConvGeometry): number => g.kh * g.kw * (g.ci / g.groups) * g.co;
export const outputCount = (g: ConvGeometry): number => g.n * g.ho * g.wo * g.co;

/** How x, w, y and the gradients of x and y are stored, and what an element takes. */
export const storageOf = ({ half }: ConvGeometry): Storage => (half ? 'f16' : 'f32');
export const elementBytes = (g: ConvGeometry): number => bytesOf(storageOf(g));

/** All three directions do the same multiplications (padding counted as if it were data) and touch each tensor once. */
export const convCost = (g: ConvGeometry): Cost => ({
  flops: 2 * outputCount(g) * g.kh * g.kw * (g.ci / g.groups),
  bytes: elementBytes(g) * (inputCount(g) + weightCount(g) + outputCount(g)),
});

/** The tuner's name for a direction of a shape. */
export const convKey = (direction: string, g: ConvGeometry): string =>
  `conv2d/${direction} ${g.n}x${g.h}x${g.w}x${g.ci} ${g.kh}x${g.kw} ${g.co} s${g.sh},${g.sw} p${g.ph},${g.pw} d${g.dh},${g.dw} g${g.groups}${g.half ? ' f16' : ''}`;
