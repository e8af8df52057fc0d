// Global average pooling where images of several sizes lie in one tensor, or in several: each segment of pixels becomes one row of channels.
import { params } from '../../gpu/index.ts';
import { empty, needTensors, record, type Tensor } from '../../tensor/index.ts';
import { momentsOf, segmentChannels } from './segment-norm.ts';
import type { Segments } from './segments.ts';

/**
 * The mean of x [..., C], f32, over each segment: [segments, C]; a list of tensors where the segments lie in several. Pixels of no segment take no part. C is 1, or 4 times a
 * power of two up to 128. Throws TensorError.
 */
export function segmentMean(x: Tensor | readonly Tensor[], segments: Segments): Tensor {
  const xs = Array.isArray(x) ? x : [x];
  needTensors('segmentMean', ...xs);
  const { channels } = segmentChannels('segmentMean', xs, segments);
  const y = empty(segments.gpu, [segments.count, channels], 'segmentMean');
  gatherSegments('forward', xs, segments, y);
  return record('segmentMean', y, [...xs], (dy, sink) => {
    for (const [place, { order, parts, allParts }] of segments.tensors.entries())
      sink.write(place, (dx) => run('backward', xs, segments, [order, parts], allParts, [dy, dx]));
  });
}

/** The mean over each segment (`forward`), or the sum, into y [segments, C]: from the moments of its parts, which keeps long sums exact. */
export function gatherSegments(entry: 'forward' | 'sums', xs: readonly Tensor[], segments: Segments, y: Tensor): void {
  const { channels, width, types } = segmentChannels('segmentMean', xs, segments);
  const { gpu, count, tensors, parts } = segments;
  const { lanes } = gpu.machine.packed;
  const launch = { types, constants: { LANES: lanes }, params: params(width, lanes / width) };
  const moments = momentsOf(xs, segments, channels, launch);
  run(entry, xs, segments, [tensors[0].order, parts], Math.ceil((count * width) / lanes), [moments, y]);
  moments.release();
}

function run(
  entry: 'forward' | 'sums' | 'backward',
  xs: readonly Tensor[],
  segments: Segments,
  bindings: Tensor[],
  groups: number,
  [values, result]: [Tensor, Tensor],
): void {
  const { width, types } = segmentChannels('segmentMean', xs, segments);
  const { gpu, count, table } = segments;
  const { lanes } = gpu.machine.packed;
  gpu.run({
    shader: 'packed/mean',
    entry,
    types,
    constants: { LANES: lanes },
    grid: [groups],
    bindings: [values, ...bindings, table, result].map(({ slice }) => slice),
    params: params(width, lanes / width, count),
    cost: { flops: values.size, bytes: values.bytes + result.bytes },
    label: `packed/mean ${entry}`,
  });
}
