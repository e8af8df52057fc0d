// What stands at the chosen locations of each image, as the parameters of their masks do.
import { grid1d, params } from '../../gpu/index.ts';
import { empty, needDType, needFloats, record, type Tensor, TensorError } from '../../tensor/index.ts';
import { pick } from '../shape/kernels/pick.ts';
import { scatter } from '../shape/kernels/scatter.ts';

/**
 * y[n, k] = x[n, locations[n, k]] of x [N, L, C], f32 or f16, for locations u32 [N, K]: [N, K, C]. Zeros, without a gradient, where a location is L or more, as NO_INDEX. Backward adds up
 * what is chosen several times in a fixed order. Throws TensorError.
 */
export function instanceRows(x: Tensor, locations: Tensor): Tensor {
  needFloats('instanceRows', x);
  needDType('instanceRows', 'u32', locations);
  if (x.shape.length !== 3 || locations.shape.length !== 2 || x.shape[0] !== locations.shape[0])
    throw new TensorError(
      `instanceRows: ${x.label} [${x.shape.join('×')}] and ${locations.label} [${locations.shape.join('×')}]; they must be [N×L×C] and [N×K]`,
    );
  const { gpu } = x;
  const [images, each, width] = x.shape;
  const [, room] = locations.shape;
  const rows = empty(gpu, [locations.size], 'rows of locations', 'u32');
  gpu.run({
    shader: 'detection/instance_rows',
    bindings: [locations.slice, rows.slice],
    params: params(locations.size, room, each),
    grid: grid1d(Math.ceil(locations.size / 64)),
    cost: { flops: 0, bytes: 2 * rows.bytes },
    label: 'instanceRows/rows',
  });
  const job = { outer: 1, rows: images * each, picks: rows.size, width, each: false };
  const y = empty(gpu, [images, room, width], 'instanceRows', x.dtype);
  pick(x, rows, y, job, 0);
  return record(
    'instanceRows',
    y,
    [x],
    (gradient, sink) => sink.add(0, (out, adds) => scatter(gradient, rows, out, job, adds)),
    [rows],
  );
}
