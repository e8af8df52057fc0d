// Tensors to begin with: ones, the unit matrix, ranges, random values, and what has the shape of another.
import type { Gpu } from '../gpu/index.ts';
import { needTensors } from './checks.ts';
import { normalArray, uniformArray } from './random.ts';
import { type DType, type Shape, TensorError } from './shape.ts';
import { full, type Tensor, tensor } from './tensor.ts';

/** What else is said of a new tensor. */
export interface CreateOptions {
  label?: string;
  /** Default f32. */
  dtype?: DType;
}

/** Of random tensors. */
export interface DrawOptions extends CreateOptions {
  /** The same seed and stream give the same values on every machine. Default 0. */
  seed?: number;
  /** Tells apart what is drawn under one seed. Default 0. */
  stream?: number;
}

/** Ones, made on the GPU. */
export const ones = (gpu: Gpu, shape: Shape, label = 'ones', dtype: DType = 'f32'): Tensor =>
  full(gpu, shape, 1, label, dtype);

/** Zeros in the shape and dtype of x. */
export const zerosLike = (x: Tensor, label = 'zeros'): Tensor => filledLike('zerosLike', x, 0, label);

/** Ones in the shape and dtype of x. */
export const onesLike = (x: Tensor, label = 'ones'): Tensor => filledLike('onesLike', x, 1, label);

/** One value in the shape and dtype of x. */
export const fullLike = (x: Tensor, value: number, label = 'full'): Tensor => filledLike('fullLike', x, value, label);

function filledLike(op: string, x: Tensor, value: number, label: string): Tensor {
  needTensors(op, x);
  return full(x.gpu, x.shape, value, label, x.dtype);
}

/** Ones where row and column are the same, zeros elsewhere: [rows, columns], square by default. Uploaded, so not within a capture. */
export function eye(gpu: Gpu, rows: number, columns = rows, { label = 'eye', dtype }: CreateOptions = {}): Tensor {
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = 1;
  return tensor(gpu, values, [rows, columns], label, dtype);
}

/**
 * start, start + step, ... before `stop`, which does not belong to it; with one number, 0, 1, ... before that. Uploaded, so not within a capture. Throws TensorError
 * where that has no end.
 */
export function arange(
  gpu: Gpu,
  start: number,
  stop?: number,
  step = 1,
  { label = 'arange', dtype }: CreateOptions = {},
): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (!(length < 2 ** 32))
    throw new TensorError(`${label}: from ${from} to ${to} in steps of ${step} there is no end, or no number`);
  return tensor(
    gpu,
    Float64Array.from({ length }, (_, i) => from + i * step),
    [length],
    label,
    dtype,
  );
}

/** `length` values from `start` to `stop`, evenly spaced, both ends included. Uploaded, so not within a capture. */
export function linspace(
  gpu: Gpu,
  start: number,
  stop: number,
  length = 50,
  { label = 'linspace', dtype }: CreateOptions = {},
): Tensor {
  const at = (i: number): number =>
    i === length - 1 && i > 0 ? stop : start + (i * (stop - start)) / Math.max(1, length - 1);
  return tensor(
    gpu,
    Float64Array.from({ length }, (_, i) => at(i)),
    [length],
    label,
    dtype,
  );
}

/** Normal values with mean 0 and deviation 1. Uploaded, so not within a capture. */
export const randn = (gpu: Gpu, shape: Shape, options: DrawOptions = {}): Tensor =>
  drawn(gpu, shape, normalArray, 'randn', options);

/** Uniform values in [0, 1). Uploaded, so not within a capture: there, randomUniform() draws anew in every replay. */
export const rand = (gpu: Gpu, shape: Shape, options: DrawOptions = {}): Tensor =>
  drawn(gpu, shape, uniformArray, 'rand', options);

function drawn(
  gpu: Gpu,
  shape: Shape,
  draw: typeof normalArray,
  name: string,
  { seed = 0, stream = 0, label = name, dtype }: DrawOptions,
): Tensor {
  if (!Array.isArray(shape)) throw new TensorError(`${name}: its shape is ${typeof shape}; a list of sides is wanted`);
  const length = shape.reduce((product, n) => product * n, 1);
  return tensor(gpu, draw(length, seed, stream), shape, label, dtype);
}
