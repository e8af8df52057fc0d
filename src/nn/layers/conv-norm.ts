// A convolution and its batch normalization as one: in evaluation the second is a scale and a shift that the first's kernel applies as it stores.
import { foldedNorm, sub } from '../../ops/index.ts';
import { recording, type Tensor } from '../../tensor/index.ts';
import type { Pass } from '../module.ts';
import type { BatchNorm2d } from './batch-norm2d.ts';
import type { Conv2d } from './conv2d.ts';

/**
 * relu(norm(conv(x)) + residual), N×H×W×Cin → N×H'×W'×Cout: `residual`, in the shape of the result, only where it is given, and no ReLU unless asked for. In
 * evaluation (running statistics, no gradients) the normalization is folded into the convolution's own kernel.
 */
export function convNorm(
  conv: Conv2d,
  norm: BatchNorm2d,
  x: Tensor,
  pass: Pass,
  options: { relu?: boolean; residual?: Tensor } = {},
): Tensor {
  const parts = [
    x,
    conv.masked ?? conv.weight.tensor,
    conv.bias?.tensor,
    norm.weight.tensor,
    norm.bias.tensor,
    norm.gate,
    options.residual,
  ];
  if (norm.passOf(pass).batchStatistics || recording(parts.filter((part) => part !== undefined)))
    return norm.forward(conv.forward(x), pass, options);
  const { gamma, beta } = norm.affine();
  const running = norm.running();
  // norm(conv + bias) is the norm of conv alone around a mean that is less by the bias.
  const mean = conv.bias ? sub(running.mean, conv.bias.tensor) : undefined;
  const { scale, shift } = foldedNorm(gamma, beta, mean ? { ...running, mean } : running);
  const y = conv.fused(x, { scale, shift, ...options });
  for (const made of [scale, shift, mean]) made?.release();
  return y;
}
