// Max pooling over square windows. Where the largest value lay is kept for backward, so that x can be freed before.
import { empty, record, recording, type Tensor } from '../../tensor/index.ts';
import { channelType, type PoolOptions, poolingOf } from './kernels/window.ts';

/**
 * Largest value of each window of x [N, H, W, C], f32 or f16; padding never wins. The gradient goes to the first largest value of a window, row by row.
 * Throws TensorError for a window that does not fit.
 */
export function maxPool2d(x: Tensor, options: PoolOptions): Tensor {
  const { shape, width, words, grid } = poolingOf('maxPool2d', x, options);
  const y = empty(x.gpu, shape, 'maxPool2d', x.dtype);
  const keep = recording([x]);
  const index = empty(x.gpu, keep ? shape : [1], 'maxPool2d argmax', 'u32');
  const run = (entry: 'forward' | 'backward', a: Tensor, b: Tensor): void =>
    x.gpu.run({
      shader: 'pool/max',
      entry,
      types: { V: channelType(width, 'f32'), I: width === 4 ? 'vec4u' : 'u32', S: channelType(width, x.dtype) },
      bindings: [a.slice, index.slice, b.slice],
      params: words(keep),
      grid: grid(b),
      cost: { flops: y.size * options.kernel ** 2, bytes: x.bytes + y.bytes * 2 },
      label: `maxPool2d/${entry}`,
    });
  run('forward', x, y);
  return record('maxPool2d', y, [x], (dy, sink) => sink.write(0, (dx) => run('backward', dy, dx)), [index], {
    ...options,
  });
}
