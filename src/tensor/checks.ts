// Checks that many ops share, so that they complain alike.
import { whatOf } from '../gpu/index.ts';
import { type DType, shapeText, Tensor, TensorError } from './tensor.ts';

/** Throws TensorError naming the op and the first argument that is no tensor. */
export function needTensors(op: string, ...tensors: readonly unknown[]): void {
  for (const [i, tensor] of tensors.entries())
    if (!(tensor instanceof Tensor))
      throw new TensorError(
        `${op}: ${tensors.length > 1 ? `tensor ${i + 1} of ${tensors.length}` : 'its tensor'} is ${whatOf(tensor)}`,
      );
}

/** Throws TensorError naming the op and the first tensor that has another dtype, or is none. */
export function needDType(op: string, dtype: DType, ...tensors: Tensor[]): void {
  needTensors(op, ...tensors);
  for (const { label, shape, dtype: given } of tensors)
    if (given !== dtype) throw new TensorError(`${op}: ${label} ${shapeText(shape)} is ${given}, it must be ${dtype}`);
}

/** Throws TensorError naming the op and x unless that is f32 or f16. */
export function needFloats(op: string, x: Tensor): void {
  needTensors(op, x);
  if (x.dtype !== 'f32' && x.dtype !== 'f16')
    throw new TensorError(`${op}: ${x.label} ${shapeText(x.shape)} is ${x.dtype}, it must be f32 or f16`);
}

/** Throws TensorError naming the op and the first tensor that is not f32 [channels]. */
export function needChannels(op: string, channels: number, ...tensors: Tensor[]): void {
  needDType(op, 'f32', ...tensors);
  for (const { label, shape } of tensors)
    if (shape.length !== 1 || shape[0] !== channels)
      throw new TensorError(`${op}: ${label} ${shapeText(shape)} must be [${channels}], one value a channel`);
}

/** Throws TensorError naming `of` and each scalar that is not a finite number from 0 to `most`. */
export function needScalars(of: string, scalars: Record<string, number>, most = Number.MAX_VALUE): void {
  const range = most < Number.MAX_VALUE ? `from 0 to ${most}` : 'a number from 0';
  for (const [name, value] of Object.entries(scalars))
    if (!(typeof value === 'number' && value >= 0 && value <= most))
      throw new TensorError(`${of}: ${name} is ${value}, it must be ${range}`);
}

/** Throws TensorError naming `of` and each size that is not a whole number from `least` on. */
export function needSizes(of: string, sizes: Record<string, number>, least = 1): void {
  for (const [name, value] of Object.entries(sizes))
    if (!(Number.isInteger(value) && value >= least))
      throw new TensorError(`${of}: ${name} is ${value}, it must be a whole number from ${least}`);
}

/** Places an axis, which may count from the end, or throws TensorError. */
export function axisOf(op: string, x: Tensor, axis: number): number {
  needTensors(op, x);
  const rank = x.shape.length;
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw new TensorError(
      `${op}: ${x.label} ${shapeText(x.shape)} has no axis ${axis}; it takes ${-rank} to ${rank - 1}`,
    );
  return axis < 0 ? axis + rank : axis;
}
