// Batch normalization over channels that lie last (Ioffe and Szegedy 2015, Algorithms 1 and 2), with a residual and a ReLU fused on request:
// activations are read and written less often in each direction, and bandwidth is what this op costs.
import { needFields } from '../../gpu/index.ts';
import {
  count,
  empty,
  filledChannels,
  needChannels,
  needFloats,
  needScalars,
  needTensors,
  record,
  runsAgain,
  shapeText,
  type Tensor,
  TensorError,
  writeOrDiscard,
} from '../../tensor/index.ts';
import { isStrided } from './kernels/layout.ts';
import { gradientSums, NO_FLOOR, normalize, normalizeBackward, RELU_FLOOR } from './kernels/normalize.ts';
import { type Affine, batchCoefficients, type Running, runningCoefficients } from './kernels/statistics.ts';

/** Which statistics batchNorm takes, and what follows it in the same kernel. */
export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** true: statistics of this batch, which also update `running`; false: those of `running`. */
  training: boolean;
  /** f32 [C] each; `momentum` is the weight of the new value, default 0.1. Running variances are unbiased. */
  running?: Running;
  /** Returns max(result, 0). */
  relu?: boolean;
  /** Added before the ReLU; shape and dtype of the result. */
  residual?: Tensor;
}

/**
 * (x − mean) / sqrt(variance + eps) · gamma + beta + residual for x [..., C], f32 or f16, gamma and beta f32 [C]; statistics over all axes but the
 * last, in f32, with the population variance. The result is stored as x is. Differentiable in x, gamma, beta and residual, also with fixed
 * statistics. Where x is a partial tensor, see writeChannels(), C counts the channels that are there, and the result has only those; the gradient is
 * added into the block's, which is 0 where nobody read it. Throws TensorError for shapes, dtypes and scalars that do not fit, where `training` is false
 * without running statistics, and where it is true with one value a channel.
 */
export function batchNorm(x: Tensor, gamma: Tensor, beta: Tensor, options: BatchNormOptions): Tensor {
  needTensors('batchNorm', x, gamma, beta);
  needFields('batchNorm', 'options', options, { training: 'true or false' });
  const { eps = 1e-5, training, running, relu = false, residual } = options;
  const { gpu } = x;
  const rowStride = x.shape[x.shape.length - 1];
  const channels = filledChannels(x);
  const shape = [...x.shape.slice(0, -1), channels];
  needFloats('batchNorm', x);
  needScalars('batchNorm', { eps });
  needScalars('batchNorm', { momentum: running?.momentum ?? 0 }, 1);
  needChannels('batchNorm', channels, gamma, beta, ...(running ? [running.mean, running.variance] : []));
  if (residual && (residual.dtype !== x.dtype || shapeText(residual.shape) !== shapeText(shape)))
    throw new TensorError(
      `batchNorm: the residual ${residual.label} ${shapeText(residual.shape)} ${residual.dtype} must be as the result, ` +
        `${shapeText(shape)} ${x.dtype}`,
    );
  if (!training && !running) throw new TensorError('batchNorm: training is false, so it needs running statistics');
  const positions = count(x.shape) / rowStride;
  if (training && positions < 2)
    throw new TensorError(
      `batchNorm: ${x.label} ${shapeText(x.shape)} has ${positions === 1 ? 'one value a channel, which its own statistics make 0 whatever it is' : 'no values'}: ` +
        'train with a larger batch or larger images, or with running statistics',
    );
  const layout = { positions, channels, rowStride };
  const floor = relu ? RELU_FLOOR : NO_FLOOR;
  const affine = { gamma, beta };
  const coefficients = training
    ? batchCoefficients(x, layout, eps, affine, running && runsAgain() ? { ...running, momentum: 0 } : running)
    : runningCoefficients(layout, eps, affine, running!);
  const y = empty(gpu, shape, relu ? 'batchNorm relu' : 'batchNorm', x.dtype);
  normalize(x, y, layout, coefficients, floor, residual);

  return record(
    'batchNorm',
    y,
    residual ? [x, gamma, beta, residual] : [x, gamma, beta],
    (dy, sink) => {
      const passed = relu && residual ? empty(gpu, shape, 'gradient behind the ReLU', x.dtype) : undefined;
      const ofInput = (sums?: Tensor): void =>
        sink.add(0, (dx, there) => {
          const blank = isStrided(layout) && !there;
          if (blank) gpu.fill(dx.slice, 0);
          const how = { floor: passed ? NO_FLOOR : floor, sums, adds: there || blank };
          normalizeBackward(x, passed ?? dy, dx, layout, coefficients, how);
        });
      const summed = (into?: Affine): void => {
        const byOutput = passed && { y, passed };
        const sums = gradientSums(x, dy, layout, coefficients, floor, { into, byOutput });
        ofInput(training ? sums : undefined);
        sums.release();
      };
      if (sink.wants(1) || sink.wants(2))
        writeOrDiscard(sink, 1, gamma, (dGamma) =>
          writeOrDiscard(sink, 2, beta, (dBeta) => summed({ gamma: dGamma, beta: dBeta })),
        );
      else if (training || passed) summed();
      else ofInput();
      if (residual) sink.forward(3, passed ?? dy);
      passed?.release();
    },
    [coefficients],
    { eps, relu },
  );
}
