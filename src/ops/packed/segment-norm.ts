// Batch normalization where images of several sizes lie in one tensor: each segment of pixels has statistics of its own, as if it were a batch of
// its own, and what lies between segments stays zero, which is the padding that a convolution expects.
import { f32, needArguments, params } from '../../gpu/index.ts';
import {
  empty,
  needChannels,
  needDType,
  needScalars,
  needTensors,
  record,
  shapeText,
  type Tensor,
  TensorError,
  writeOrDiscard,
} from '../../tensor/index.ts';
import { type FloatType, floorTypes } from '../elementwise/floor-types.ts';
import { NO_FLOOR, RELU_FLOOR } from '../norm/kernels/normalize.ts';
import { Segments } from './segments.ts';

export interface SegmentNormOptions {
  /** Learned scale and shift, [C] each; without them mean 0 and deviation 1. */
  affine?: { gamma: Tensor; beta: Tensor };
  /** Added to the variance. */
  eps: number;
  /** Returns max(result, 0). */
  relu?: boolean;
}

/** The channels of x, lanes that one pixel takes, and the type that each loads. Throws TensorError for another dtype or channels that the lanes do not hold. */
export function segmentChannels(
  op: string,
  x: Tensor,
  segments: Segments,
): { channels: number; width: number; types: { V: FloatType } } {
  needDType(op, 'f32', x);
  needArguments(op, Segments, { segments });
  const channels = x.size / segments.pixels;
  if (![1, 4, 8, 16, 32, 64, 128].includes(channels))
    throw new TensorError(
      `${op}: ${x.label} ${shapeText(x.shape)} over ${segments.pixels} pixels has ${channels} channels; it takes 1, or 4 times a power of two up to 128`,
    );
  return channels === 1
    ? { channels, width: 1, types: { V: 'f32' } }
    : { channels, width: channels / 4, types: { V: 'vec4f' } };
}

/**
 * (x − mean) / sqrt(variance + eps) · gamma + beta for x [..., C], f32, with mean and population variance of each segment and channel; 0 for pixels of
 * no segment, which take no part in the gradients either. A segment of one pixel becomes beta. C is 1, or 4 times a power of two up to 128. Throws TensorError.
 */
export function segmentNorm(x: Tensor, segments: Segments, options: SegmentNormOptions): Tensor {
  needTensors('segmentNorm', x);
  needArguments('segmentNorm', 'an object', { options });
  const { affine, eps, relu = false } = options;
  const { gpu } = x;
  const { channels, width, types } = segmentChannels('segmentNorm', x, segments);
  needScalars('segmentNorm', { eps });
  if (affine) needChannels('segmentNorm', channels, affine.gamma, affine.beta);
  const { lanes } = gpu.machine.packed;
  const floor = f32(relu ? RELU_FLOOR : NO_FLOOR);
  const { count, partCount, parts, table, order } = segments;
  const byPart = { types, constants: { LANES: lanes }, grid: [partCount] as [number] };
  const rows = lanes / width;
  const whole = { ...byPart, grid: [segments.allParts] as [number], params: params(width, rows, count, floor) };
  const constants = gpu.machine.packed.finish;
  const finish = { constants, grid: [Math.ceil(channels / constants.CHANNELS), count] as [number, number] };
  const partial = (): Tensor => empty(gpu, [partCount, 2, channels], 'sums of parts');
  const coefficients = empty(gpu, [count, 4, channels], 'segment coefficients');
  const y = empty(gpu, x.shape, 'segmentNorm');

  const moments = partial();
  gpu.run({
    shader: 'packed/moments',
    ...byPart,
    bindings: [x, order, parts, moments].map(({ slice }) => slice),
    params: params(width, rows),
    cost: { flops: 4 * x.size, bytes: x.bytes },
    label: 'packed/moments',
  });
  gpu.run({
    shader: 'packed/moments_finish',
    ...finish,
    bindings: [moments, parts, table, affine?.gamma ?? x, affine?.beta ?? x, coefficients].map(({ slice }) => slice),
    params: params(channels, affine ? 1 : 0, f32(eps)),
    cost: { flops: 6 * moments.size, bytes: moments.bytes },
    label: 'packed/finish',
  });
  moments.release();
  gpu.run({
    shader: 'packed/normalize',
    ...whole,
    types: { ...types, ...floorTypes(types.V) },
    bindings: [x, order, parts, coefficients, y].map(({ slice }) => slice),
    cost: { flops: 3 * x.size, bytes: 2 * x.bytes },
    label: 'packed/normalize',
  });

  return record(
    'segmentNorm',
    y,
    affine ? [x, affine.gamma, affine.beta] : [x],
    (dy, sink) => {
      const sums = empty(gpu, [count, 2, channels], 'sums of segments');
      const gathered = partial();
      gpu.run({
        shader: 'packed/norm_sums',
        ...byPart,
        bindings: [x, dy, coefficients, order, parts, gathered].map(({ slice }) => slice),
        params: params(width, rows, floor),
        cost: { flops: 6 * x.size, bytes: 2 * x.bytes },
        label: 'packed/gradient sums',
      });
      const finishSums = (gamma: Tensor, beta: Tensor): void =>
        gpu.run({
          shader: 'packed/norm_sums_finish',
          ...finish,
          grid: [finish.grid[0]],
          bindings: [gathered, table, sums, gamma, beta].map(({ slice }) => slice),
          params: params(channels, count),
          cost: { flops: gathered.size, bytes: gathered.bytes },
          label: 'packed/gradient finish',
        });
      const channel = affine ?? { gamma: sums, beta: sums };
      writeOrDiscard(sink, 1, channel.gamma, (gamma) =>
        writeOrDiscard(sink, 2, channel.beta, (beta) => finishSums(gamma, beta)),
      );
      sink.write(0, (dx) =>
        gpu.run({
          shader: 'packed/norm_backward',
          ...whole,
          bindings: [x, dy, order, parts, coefficients, sums, dx].map(({ slice }) => slice),
          cost: { flops: 8 * x.size, bytes: 3 * x.bytes },
          label: 'packed/backward',
        }),
      );
      gathered.release();
      sums.release();
    },
    [coefficients],
  );
}
