// A convolution with all that follows it in evaluation (folded batch norm, residual, ReLU), at the kernel's store where the kernel can: the output is
// written once and not read again.
import { f32, needArguments, params } from '../../gpu/index.ts';
import {
  empty,
  needChannels,
  needTensors,
  record,
  recording,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';
import { type Conv2dOptions, geometryOf, weightFor } from './conv2d.ts';
import { outputShape } from './kernels/geometry.ts';
import { convForward } from './kernels/launch.ts';

/** What follows the convolution in the same kernel, in this order; strides, padding and groups as for conv2d. */
export interface FusedConv2dOptions extends Omit<Conv2dOptions, 'bias'> {
  /** f32 [Cout]: the result is multiplied with it. */
  scale?: Tensor;
  /** f32 [Cout], added then. */
  shift?: Tensor;
  /** Added then; shape and dtype of the result. */
  residual?: Tensor;
  /** Returns max(result, 0). */
  relu?: boolean;
}

/**
 * max(0, conv2d(x, w)·scale + shift + residual), each part only where it is given; x, w and the result as for conv2d. For evaluation: throws TensorError
 * where something would have to be differentiated, and for shapes and dtypes that do not fit.
 */
export function fusedConv2d(x: Tensor, w: Tensor, parts: FusedConv2dOptions): Tensor {
  needTensors('fusedConv2d', x, w);
  needArguments('fusedConv2d', 'an object', { parts });
  const { scale, shift, residual, relu, ...options } = parts;
  const g = geometryOf('fusedConv2d', x, w, options);
  const inputs = [x, w, ...[scale, shift, residual].filter((part) => part !== undefined)];
  if (recording(inputs)) throw new TensorError('fusedConv2d has no backward: call it inside noGrad, or use conv2d');
  for (const part of [scale, shift]) if (part) needChannels('fusedConv2d', g.co, part);
  const shape = outputShape(g);
  if (residual && (shapeText(residual.shape) !== shapeText(shape) || residual.dtype !== x.dtype))
    throw new TensorError(
      `fusedConv2d: the residual ${residual.label} ${shapeText(residual.shape)} ${residual.dtype} must be ${shapeText(shape)} ${x.dtype}`,
    );
  const { stored, made } = weightFor('fusedConv2d', x, w);
  const y = empty(x.gpu, shape, 'fusedConv2d', x.dtype);
  const epilogue = { scale: scale?.slice, shift: shift?.slice, residual: residual?.slice, relu };
  convForward(x.gpu, g, x.slice, stored.slice, y.slice, epilogue);
  for (const tensor of made) tensor.release();
  return record('fusedConv2d', y, inputs, () => {});
}

/**
 * Batch norm with fixed statistics as the scale and shift that it is: gamma / √(variance + eps) and beta − mean·scale, all f32 [C]. A constant: gradients do
 * not flow through it. Throws TensorError for other shapes and dtypes.
 */
export function foldedNorm(
  gamma: Tensor,
  beta: Tensor,
  running: { mean: Tensor; variance: Tensor },
  eps = 1e-5,
): { scale: Tensor; shift: Tensor } {
  needTensors('foldedNorm', gamma, beta);
  needArguments('foldedNorm', 'an object', { running });
  const { gpu, size } = gamma;
  needChannels('foldedNorm', size, gamma, beta, running.mean, running.variance);
  const [scale, shift] = ['scale', 'shift'].map((name) => empty(gpu, [size], `folded norm, ${name}`));
  gpu.run({
    shader: 'conv/norm_fold',
    bindings: [gamma, beta, running.mean, running.variance, scale, shift].map(({ slice }) => slice),
    params: params(size, f32(eps)),
    grid: [Math.ceil(size / 64)],
    cost: { flops: 4 * size, bytes: 24 * size },
  });
  return { scale, shift };
}
