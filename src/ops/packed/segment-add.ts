// What segmentMean takes the mean of, given something back: a row of channels for each segment, added to all of its pixels.
import { params } from '../../gpu/index.ts';
import { empty, needTensors, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { gatherSegments } from './segment-mean.ts';
import { segmentChannels } from './segment-norm.ts';
import type { Segments } from './segments.ts';

/**
 * x [..., C], f32, plus at each pixel its segment's row of `values`, f32 [segments, C]; x alone at pixels of no segment. The segments lie in one tensor; C is 1, or 4 times a
 * power of two up to 128. Throws TensorError.
 */
export function segmentAdd(x: Tensor, values: Tensor, segments: Segments): Tensor {
  needTensors('segmentAdd', x, values);
  const { channels, width, types } = segmentChannels('segmentAdd', [x], segments);
  const { gpu, count, tensors } = segments;
  if (values.dtype !== 'f32' || values.size !== count * channels)
    throw new TensorError(
      `segmentAdd: ${values.label} ${shapeText(values.shape)} ${values.dtype} must be [${count}×${channels}] f32, a row for each segment`,
    );
  const { lanes } = gpu.machine.packed;
  const [{ order, parts, allParts }] = tensors;
  const y = empty(gpu, x.shape, 'segmentAdd');
  gpu.run({
    shader: 'packed/segment_add',
    types,
    constants: { LANES: lanes },
    grid: [allParts],
    bindings: [x, values, order, parts, y].map(({ slice }) => slice),
    params: params(width, lanes / width, count),
    cost: { flops: y.size, bytes: 2 * y.bytes + values.bytes },
    label: 'packed/add',
  });
  return record('segmentAdd', y, [x, values], (dy, sink) => {
    sink.forward(0, dy);
    sink.write(1, (out) => gatherSegments('sums', [dy], segments, out));
  });
}
