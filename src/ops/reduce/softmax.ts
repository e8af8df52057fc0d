// Softmax over the last axis, with the row's maximum subtracted first, so that no exponential overflows.
import { params } from '../../gpu/index.ts';
import { empty, needDType, record, type Tensor } from '../../tensor/index.ts';
import { rowLaunch } from './kernels/row-lanes.ts';

/** exp(x) / Σ exp(x) along the last axis, any rank, f32. */
export function softmax(x: Tensor): Tensor {
  needDType('softmax', 'f32', x);
  const columns = x.shape[x.shape.length - 1];
  const rows = x.size / columns;
  const y = empty(x.gpu, x.shape, 'softmax');
  x.gpu.run({
    shader: 'reduce/softmax',
    bindings: [x.slice, y.slice],
    params: params(rows, columns),
    cost: { flops: 5 * x.size, bytes: 2 * x.bytes },
    ...rowLaunch(rows, columns),
  });
  return record('softmax', y, [x], (gradient, sink) =>
    sink.write(0, (out) =>
      x.gpu.run({
        shader: 'reduce/softmax_backward',
        bindings: [y.slice, gradient.slice, out.slice],
        params: params(rows, columns),
        cost: { flops: 4 * x.size, bytes: 3 * x.bytes },
        ...rowLaunch(rows, columns),
      }),
    ),
  );
}
