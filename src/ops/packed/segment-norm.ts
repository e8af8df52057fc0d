// Batch normalization where images of several sizes lie in one tensor: each segment of pixels has statistics of its own, as if it were a batch of
// its own, and what lies between segments stays zero, which is the padding that a convolution expects.
import { f32, type KernelCall, needArguments, params } from '../../gpu/index.ts';
import {
  empty,
  needChannels,
  needDType,
  needScalars,
  needTensors,
  noGrad,
  recordAll,
  shapeText,
  Tensor,
  TensorError,
  writeOrDiscard,
} from '../../tensor/index.ts';
import { type FloatType, floorTypes } from '../elementwise/floor-types.ts';
import { NO_FLOOR, RELU_FLOOR } from '../norm/kernels/normalize.ts';
import { concat } from '../shape/concat.ts';
import { Segments } from './segments.ts';

/** How segments are normalized. */
export interface SegmentNormOptions {
  /** Learned scale and shift, [C] each; without them mean 0 and deviation 1. */
  affine?: { gamma: Tensor; beta: Tensor };
  /** Added to the variance. */
  eps: number;
  /** Returns max(result, 0). */
  relu?: boolean;
}

/** The channels of tensors, lanes that one pixel takes, and the type that each loads. Throws TensorError for other tensors than the segments lie in, another dtype, and channels that the lanes do not hold. */
export function segmentChannels(
  op: string,
  xs: readonly Tensor[],
  segments: Segments,
): { channels: number; width: number; types: { V: FloatType } } {
  needDType(op, 'f32', ...(xs as [Tensor, ...Tensor[]]));
  needArguments(op, Segments, { segments });
  const { tensors } = segments;
  if (xs.length !== tensors.length)
    throw new TensorError(`${op}: the segments lie in ${tensors.length} tensors, there are ${xs.length}`);
  const channels = xs[0].size / tensors[0].pixels;
  for (const [i, x] of xs.entries()) {
    const { pixels } = tensors[i];
    if (![1, 4, 8, 16, 32, 64, 128].includes(x.size / pixels))
      throw new TensorError(
        `${op}: ${x.label} ${shapeText(x.shape)} over ${pixels} pixels has ${x.size / pixels} channels; it takes 1, or 4 times a power of two up to 128`,
      );
    if (x.size !== channels * pixels)
      throw new TensorError(
        `${op}: ${x.label} ${shapeText(x.shape)} has ${x.size / pixels} channels, ${xs[0].label} ${channels}; they must be equal`,
      );
  }
  return channels === 1
    ? { channels, width: 1, types: { V: 'f32' } }
    : { channels, width: channels / 4, types: { V: 'vec4f' } };
}

/** What each tensor's parts have, [parts, 2, C], made by `run` and joined to one, as the segments' table counts them. */
export function partialSums(
  { gpu, tensors }: Segments,
  channels: number,
  run: (place: number, partial: Tensor) => void,
): Tensor {
  const partials = tensors.map(({ partCount }, place) => {
    const partial = empty(gpu, [partCount, 2, channels], 'sums of parts');
    run(place, partial);
    return partial;
  });
  if (partials.length === 1) return partials[0];
  const all = noGrad(() => concat(partials, 0));
  for (const partial of partials) partial.release();
  return all;
}

/**
 * (x − mean) / sqrt(variance + eps) · gamma + beta for x [..., C], f32, with mean and population variance of each segment and channel; 0 for pixels of
 * no segment, which take no part in the gradients either. A segment of one pixel becomes beta. C is 1, or 4 times a power of two up to 128. Of segments that lie in several tensors it
 * takes a list of these and returns one. Throws TensorError.
 */
export function segmentNorm(x: Tensor, segments: Segments, options: SegmentNormOptions): Tensor;
export function segmentNorm(xs: readonly Tensor[], segments: Segments, options: SegmentNormOptions): Tensor[];
export function segmentNorm(
  given: Tensor | readonly Tensor[],
  segments: Segments,
  options: SegmentNormOptions,
): Tensor | Tensor[] {
  const xs = Array.isArray(given) ? given : [given];
  needTensors('segmentNorm', ...xs);
  needArguments('segmentNorm', 'an object', { options });
  const { affine, eps, relu = false } = options;
  const { channels, width, types } = segmentChannels('segmentNorm', xs, segments);
  needScalars('segmentNorm', { eps });
  if (affine) needChannels('segmentNorm', channels, affine.gamma, affine.beta);
  const { lanes } = segments.gpu.machine.packed;
  const floor = f32(relu ? RELU_FLOOR : NO_FLOOR);
  const { gpu, count, tensors, parts, table } = segments;
  const launch = { types, constants: { LANES: lanes } };
  const rows = lanes / width;
  const whole = (place: number) => ({
    ...launch,
    grid: [tensors[place].allParts] as [number],
    params: params(width, rows, count, floor),
  });
  const constants = gpu.machine.packed.finish;
  const finish = { constants, grid: [Math.ceil(channels / constants.CHANNELS), count] as [number, number] };
  const coefficients = empty(gpu, [count, 4, channels], 'segment coefficients');
  const ys = xs.map(({ shape }) => empty(gpu, shape, 'segmentNorm'));

  const moments = momentsOf(xs, segments, channels, { ...launch, params: params(width, rows) });
  gpu.run({
    shader: 'packed/moments_finish',
    ...finish,
    bindings: [moments, parts, table, affine?.gamma ?? xs[0], affine?.beta ?? xs[0], coefficients].map(
      ({ slice }) => slice,
    ),
    params: params(channels, affine ? 1 : 0, f32(eps)),
    cost: { flops: 6 * moments.size, bytes: moments.bytes },
    label: 'packed/finish',
  });
  moments.release();
  for (const [place, { order, parts }] of tensors.entries())
    gpu.run({
      shader: 'packed/normalize',
      ...whole(place),
      types: { ...types, ...floorTypes(types.V) },
      bindings: [xs[place], order, parts, coefficients, ys[place]].map(({ slice }) => slice),
      cost: { flops: 3 * xs[place].size, bytes: 2 * xs[place].bytes },
      label: 'packed/normalize',
    });

  recordAll(
    'segmentNorm',
    ys,
    affine ? [...xs, affine.gamma, affine.beta] : [...xs],
    (dys, sink) => {
      const sums = empty(gpu, [count, 2, channels], 'sums of segments');
      const gathered = partialSums(segments, channels, (place, partial) => {
        const { order, parts, partCount } = tensors[place];
        gpu.run({
          shader: 'packed/norm_sums',
          ...launch,
          grid: [partCount],
          bindings: [xs[place], dys[place], coefficients, order, parts, partial].map(({ slice }) => slice),
          params: params(width, rows, floor),
          cost: { flops: 6 * xs[place].size, bytes: 2 * xs[place].bytes },
          label: 'packed/gradient sums',
        });
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
      writeOrDiscard(sink, xs.length, channel.gamma, (gamma) =>
        writeOrDiscard(sink, xs.length + 1, channel.beta, (beta) => finishSums(gamma, beta)),
      );
      for (const [place, { order, parts }] of tensors.entries())
        sink.write(place, (dx) =>
          gpu.run({
            shader: 'packed/norm_backward',
            ...whole(place),
            bindings: [xs[place], dys[place], order, parts, coefficients, sums, dx].map(({ slice }) => slice),
            cost: { flops: 8 * xs[place].size, bytes: 3 * xs[place].bytes },
            label: 'packed/backward',
          }),
        );
      gathered.release();
      sums.release();
    },
    [coefficients],
  );
  return given instanceof Tensor ? ys[0] : ys;
}

/** Mean and squared deviations of each part, [parts, 2, C]. */
export const momentsOf = (
  xs: readonly Tensor[],
  segments: Segments,
  channels: number,
  launch: Pick<KernelCall, 'types' | 'constants' | 'params'>,
): Tensor =>
  partialSums(segments, channels, (place, partial) => {
    const { order, parts, partCount } = segments.tensors[place];
    segments.gpu.run({
      shader: 'packed/moments',
      ...launch,
      grid: [partCount],
      bindings: [xs[place], order, parts, partial].map(({ slice }) => slice),
      cost: { flops: 4 * xs[place].size, bytes: xs[place].bytes },
      label: 'packed/moments',
    });
  });
