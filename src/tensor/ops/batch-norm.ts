// Batch normalisation over channels that lie last (Ioffe and Szegedy 2015, Algorithms 1 and 2), with a residual and a rectifier fused on request:
// activations are read and written less often in each direction, and bandwidth is what this op costs.
import { record } from '../autograd.ts';
import { count, empty, shapeText, type Tensor, TensorError } from '../tensor.ts';
import { needChannels, needFloats } from './checks.ts';
import { gradientSums, normalize, normalizeBackward, RECTIFIED, UNBOUNDED } from './normalize.ts';
import { type Affine, batchCoefficients, type Running, runningCoefficients } from './normalize-statistics.ts';
import { writeAnyway } from './sinks.ts';

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** true: statistics of this batch, which also update `running`; false: those of `running`. */
  training: boolean;
  /** f32 [C] each; `momentum` is the weight of the new value, default 0.1. Running variances are unbiased. */
  running?: Running;
  /** Returns max(result, 0). */
  relu?: boolean;
  /** Added to the result, before the rectifier; shape and dtype of x. */
  residual?: Tensor;
}

/**
 * (x − mean) / sqrt(variance + eps) · gamma + beta + residual for x [..., C], f32 or f16, gamma and beta f32 [C]; statistics over all axes but the
 * last, in f32, with the population variance. The result is stored as x is. Differentiable in x, gamma, beta and residual, also with fixed
 * statistics. Throws TensorError for shapes and dtypes that do not fit and where `training` is false without running statistics.
 */
export function batchNorm(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  { eps = 1e-5, training, running, relu = false, residual }: BatchNormOptions,
): Tensor {
  const { gpu } = x;
  const channels = x.shape[x.shape.length - 1];
  needFloats('batchNorm', x);
  needChannels('batchNorm', channels, gamma, beta, ...(running ? [running.mean, running.variance] : []));
  if (residual && (residual.dtype !== x.dtype || shapeText(residual.shape) !== shapeText(x.shape)))
    throw new TensorError(
      `batchNorm: the residual ${residual.label} ${shapeText(residual.shape)} ${residual.dtype} must be as x, ` +
        `${shapeText(x.shape)} ${x.dtype}`,
    );
  if (!training && !running) throw new TensorError('batchNorm: training is false, so it needs running statistics');
  const layout = { positions: count(x.shape) / channels, channels };
  const floor = relu ? RECTIFIED : UNBOUNDED;
  const affine = { gamma, beta };
  const coefficients = training
    ? batchCoefficients(x, layout, eps, affine, running)
    : runningCoefficients(layout, eps, affine, running!);
  const y = empty(gpu, x.shape, relu ? 'batchNorm relu' : 'batchNorm', x.dtype);
  normalize(x, y, layout, coefficients, floor, residual);

  return record(
    'batchNorm',
    y,
    residual ? [x, gamma, beta, residual] : [x, gamma, beta],
    (dy, sink) => {
      const passed = relu && residual ? empty(gpu, x.shape, 'gradient behind the rectifier', x.dtype) : undefined;
      const ofInput = (sums?: Tensor): void =>
        sink.write(0, (dx) =>
          passed
            ? normalizeBackward(x, passed, dx, layout, coefficients, UNBOUNDED, sums)
            : normalizeBackward(x, dy, dx, layout, coefficients, floor, sums),
        );
      const summed = (into?: Affine): void => {
        const byOutput = passed && { y, passed };
        const sums = gradientSums(x, dy, layout, coefficients, floor, { into, byOutput });
        ofInput(training ? sums : undefined);
        sums.release();
      };
      if (sink.wants(1) || sink.wants(2))
        writeAnyway(sink, 1, gamma, (dGamma) =>
          writeAnyway(sink, 2, beta, (dBeta) => summed({ gamma: dGamma, beta: dBeta })),
        );
      else if (training || passed) summed();
      else ofInput();
      if (residual) sink.give(3, passed ?? dy);
      passed?.release();
    },
    [coefficients],
  );
}
