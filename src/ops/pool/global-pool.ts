// Global average pooling: the mean of each channel over an image, the usual last step before a classifier.
import { f32, params } from '../../gpu/index.ts';
import { empty, needFloats, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { reduceInto } from '../reduce/reduce.ts';
import { channelType } from './kernels/window.ts';

/** Positions that one thread adds up; of more, the reductions make a tree, which loses less and keeps more threads busy. */
const MOST = 1024;

/** x [N, H, W, C], f32 or f16, → [N, C], f32: what follows a network's last pooling is small. Throws TensorError for another rank or dtype. */
export function globalAvgPool(x: Tensor): Tensor {
  needFloats('globalAvgPool', x);
  if (x.shape.length !== 4)
    throw new TensorError(`globalAvgPool: ${x.label} ${shapeText(x.shape)} must be [N, H, W, C]`);
  const [n, h, w, channels] = x.shape;
  const y = empty(x.gpu, [n, channels], 'globalAvgPool');
  const width = channels % 4 === 0 ? 4 : 1;
  const run = (entry: 'forward' | 'backward', a: Tensor, b: Tensor): void =>
    x.gpu.run({
      shader: 'pool/global',
      entry,
      types: { V: channelType(width, 'f32'), A: channelType(width, a.dtype), B: channelType(width, b.dtype) },
      bindings: [a.slice, b.slice],
      params: params(y.size / width, channels / width, h * w, f32(1 / (h * w))),
      grid: [Math.ceil(y.size / width / 64), entry === 'forward' ? 1 : Math.ceil((h * w) / 16)],
      cost: { flops: x.size, bytes: x.bytes + y.bytes },
      label: `globalAvgPool/${entry}`,
    });
  if (h * w <= MOST) run('forward', x, y);
  else reduceInto(x, [1, 2], 'sum', y, { factor: y.size / x.size });
  return record('globalAvgPool', y, [x], (dy, sink) => sink.write(0, (dx) => run('backward', dy, dx)));
}
