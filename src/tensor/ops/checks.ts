// Checks that many ops share, so that they complain alike.
import { type DType, shapeText, type Tensor, TensorError } from '../tensor.ts';

/** Throws TensorError naming the op and the first tensor that has another dtype. */
export function needDType(op: string, dtype: DType, ...tensors: Tensor[]): void {
  for (const { label, shape, dtype: given } of tensors)
    if (given !== dtype) throw new TensorError(`${op}: ${label} ${shapeText(shape)} is ${given}, it must be ${dtype}`);
}

/** Throws TensorError for a bias that is not f32 [channels]. */
export function needBias(op: string, bias: Tensor, channels: number): void {
  needDType(op, 'f32', bias);
  if (bias.shape.length !== 1 || bias.shape[0] !== channels)
    throw new TensorError(`${op}: the bias ${bias.label} ${shapeText(bias.shape)} must be [${channels}]`);
}

/** Places an axis, which may count from the end, or throws TensorError. */
export function axisOf(op: string, x: Tensor, axis: number): number {
  const rank = x.shape.length;
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw new TensorError(
      `${op}: ${x.label} ${shapeText(x.shape)} has no axis ${axis}; it takes ${-rank} to ${rank - 1}`,
    );
  return axis < 0 ? axis + rank : axis;
}
