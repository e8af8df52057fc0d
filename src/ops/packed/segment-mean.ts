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
  const { channels, width, types } = segmentChannels('segmentMean', xs, segments);
  const { gpu, count, tensors, parts, table } = segments;
  const { lanes } = gpu.machine.packed;
  const rows = lanes / width;
  const launch = { types, constants: { LANES: lanes } };
  const moments = momentsOf(xs, segments, channels, { ...launch, params: params(width, rows) });
  const run = (
    entry: 'forward' | 'backward',
    bindings: Tensor[],
    groups: number,
    [values, result]: [Tensor, Tensor],
  ): void =>
    gpu.run({
      shader: 'packed/mean',
      entry,
      ...launch,
      grid: [groups],
      bindings: [values, ...bindings, table, result].map(({ slice }) => slice),
      params: params(width, rows, count),
      cost: { flops: values.size, bytes: values.bytes + result.bytes },
      label: `packed/mean ${entry}`,
    });
  const y = empty(gpu, [count, channels], 'segmentMean');
  run('forward', [tensors[0].order, parts], Math.ceil((count * width) / lanes), [moments, y]);
  moments.release();
  return record('segmentMean', y, [...xs], (dy, sink) => {
    for (const [place, { order, parts, allParts }] of tensors.entries())
      sink.write(place, (dx) => run('backward', [order, parts], allParts, [dy, dx]));
  });
}
