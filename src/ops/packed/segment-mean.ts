// Global average pooling where images of several sizes lie in one tensor: each segment of pixels becomes one row of channels.
import { params } from '../../gpu/index.ts';
import { empty, needTensors, record, type Tensor } from '../../tensor/index.ts';
import { segmentChannels } from './segment-norm.ts';
import type { Segments } from './segments.ts';

/**
 * The mean of x [..., C], f32, over each segment: [segments, C]. Pixels of no segment take no part. C is 1, or 4 times a power of two up to 128.
 * Throws TensorError.
 */
export function segmentMean(x: Tensor, segments: Segments): Tensor {
  needTensors('segmentMean', x);
  const { gpu } = x;
  const { channels, width, types } = segmentChannels('segmentMean', x, segments);
  const { lanes } = gpu.machine.packed;
  const { count, partCount, allParts, parts, table, order } = segments;
  const launch = { types, constants: { LANES: lanes } };
  const moments = empty(gpu, [partCount, 2, channels], 'sums of parts');
  gpu.run({
    shader: 'packed/moments',
    ...launch,
    grid: [partCount],
    bindings: [x, order, parts, moments].map(({ slice }) => slice),
    params: params(width, lanes / width),
    cost: { flops: 4 * x.size, bytes: x.bytes },
    label: 'packed/moments',
  });
  const run = (entry: 'forward' | 'backward', values: Tensor, result: Tensor, groups: number): void =>
    gpu.run({
      shader: 'packed/mean',
      entry,
      ...launch,
      grid: [groups],
      bindings: [values, order, parts, table, result].map(({ slice }) => slice),
      params: params(width, lanes / width, count),
      cost: { flops: values.size, bytes: values.bytes + result.bytes },
      label: `packed/mean ${entry}`,
    });
  const y = empty(gpu, [count, channels], 'segmentMean');
  run('forward', moments, y, Math.ceil((count * width) / lanes));
  moments.release();
  return record('segmentMean', y, [x], (dy, sink) => sink.write(0, (dx) => run('backward', dy, dx, allParts)));
}
