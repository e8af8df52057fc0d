// Batch normalisation over channels that lie last (Ioffe and Szegedy 2015, Algorithms 1 and 2), with a rectifier fused on request: the
// activation is read and written once less in each direction, and bandwidth is what this op costs.
import { record } from '../autograd.ts';
import { count, empty, shapeText, type Tensor, TensorError } from '../tensor.ts';
import {
  batchCoefficients,
  gradientSums,
  normalize,
  normalizeBackward,
  RECTIFIED,
  type Running,
  runningCoefficients,
  UNBOUNDED,
} from './normalize.ts';

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** true: statistics of this batch, which also update `running`; false: those of `running`. */
  training: boolean;
  /** f32 [C] each; `momentum` is the weight of the new value, default 0.1. Running variances are unbiased. */
  running?: Running;
  /** Returns max(result, 0). */
  relu?: boolean;
}

/**
 * (x − mean) / sqrt(variance + eps) · gamma + beta for x [..., C], gamma and beta [C], f32; statistics over all axes but the last, with the
 * population variance. Differentiable in x, gamma and beta, also with fixed statistics. Throws TensorError for shapes that do not fit and
 * where `training` is false without running statistics.
 */
export function batchNorm(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  { eps = 1e-5, training, running, relu = false }: BatchNormOptions,
): Tensor {
  const channels = x.shape[x.shape.length - 1];
  for (const part of [gamma, beta, running?.mean, running?.variance])
    if (part && (part.shape.length !== 1 || part.shape[0] !== channels))
      throw new TensorError(
        `batchNorm: ${part.label} ${shapeText(part.shape)} does not fit x ${shapeText(x.shape)}: it takes [${channels}]`,
      );
  if (!training && !running) throw new TensorError('batchNorm: training is false, so it needs running statistics');
  const layout = { rows: 1, positions: count(x.shape) / channels, channels };
  const floor = relu ? RECTIFIED : UNBOUNDED;
  const affine = { gamma, beta };
  const coefficients = training
    ? batchCoefficients(x, layout, eps, affine, running)
    : runningCoefficients(layout, eps, affine, running!);
  const y = empty(x.gpu, x.shape, relu ? 'batchNorm relu' : 'batchNorm');
  normalize(x, y, layout, coefficients, floor);

  return record(
    'batchNorm',
    y,
    [x, gamma, beta],
    (dy, sink) => {
      const ofInput = (sums?: Tensor): void =>
        sink.write(0, (dx) => normalizeBackward(x, dy, dx, layout, coefficients, floor, training ? sums : undefined));
      if (!sink.wants(1) && !sink.wants(2)) {
        const sums = training ? gradientSums(x, dy, layout, coefficients, floor) : undefined;
        ofInput(sums);
        sums?.release();
        return;
      }
      // One kernel makes both parameters' gradients, so both targets are opened before it runs.
      const open = (i: 1 | 2, fill: (out: Tensor) => void): void => {
        if (sink.wants(i)) {
          sink.write(i, fill);
        } else {
          const unwanted = empty(x.gpu, [channels], 'unwanted gradient');
          fill(unwanted);
          unwanted.release();
        }
      };
      open(1, (dGamma) =>
        open(2, (dBeta) => {
          const sums = gradientSums(x, dy, layout, coefficients, floor, { gamma: dGamma, beta: dBeta });
          ofInput(sums);
          sums.release();
        }),
      );
    },
    [coefficients],
  );
}
