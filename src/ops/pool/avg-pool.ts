// Average pooling over square windows.
import { empty, record, type Tensor } from '../../tensor/index.ts';
import { channelType, type PoolOptions, poolingOf } from './kernels/window.ts';

/** Mean over each window of x [N, H, W, C], f32 or f16; the padding counts as zeros. Throws TensorError for a window that does not fit. */
export function avgPool2d(x: Tensor, options: PoolOptions): Tensor {
  const { shape, width, words, grid } = poolingOf('avgPool2d', x, options);
  const y = empty(x.gpu, shape, 'avgPool2d', x.dtype);
  const run = (entry: 'forward' | 'backward', a: Tensor, b: Tensor): void =>
    x.gpu.run({
      shader: 'pool/avg',
      entry,
      types: { V: channelType(width, 'f32'), S: channelType(width, x.dtype) },
      bindings: [a.slice, b.slice],
      params: words(false),
      grid: grid(b),
      cost: { flops: y.size * options.kernel ** 2, bytes: x.bytes + y.bytes },
      label: `avgPool2d/${entry}`,
    });
  run('forward', x, y);
  return record('avgPool2d', y, [x], (dy, sink) => sink.write(0, (dx) => run('backward', dy, dx)), [], { ...options });
}
