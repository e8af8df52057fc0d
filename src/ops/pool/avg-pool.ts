// Average pooling over square windows, and the window geometry it shares with max pooling.
import { f32, params } from '../../gpu/index.ts';
import {
  type DType,
  empty,
  needFloats,
  record,
  type Shape,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';

/** Windows of a pooling, the same vertically and horizontally. */
export interface PoolOptions {
  /** Side of the window. */
  kernel: number;
  /** Default: the kernel's side, so that windows touch. */
  stride?: number;
  /** On every side. Default 0; at most half the kernel's side, so that every window holds something. */
  padding?: number;
}

/** The type of `width` channels, four or one, as a dtype stores them. */
export const channelType = (width: number, dtype: DType): string =>
  width === 4 ? (dtype === 'f16' ? 'vec4h' : 'vec4f') : dtype;

/** Output shape, uniform words and launch shape of a pooling. */
export interface Pooling {
  shape: Shape;
  width: number;
  words: (keep: boolean) => ArrayBuffer;
  /** For a kernel with a thread per vector of `tensor` (the input or the output). */
  grid: (tensor: Tensor) => [number, number, number];
}

/** The geometry of pooling x. Throws TensorError naming `op` for a shape or options that give no output. */
export function poolingOf(op: string, x: Tensor, { kernel, stride = kernel, padding = 0 }: PoolOptions): Pooling {
  needFloats(op, x);
  if (x.shape.length !== 4) throw new TensorError(`${op}: ${x.label} ${shapeText(x.shape)} must be [N, H, W, C]`);
  const [n, h, w, channels] = x.shape;
  if (!(kernel >= 1 && stride >= 1 && padding >= 0 && padding * 2 <= kernel))
    throw new TensorError(
      `${op}: kernel ${kernel}, stride ${stride}, padding ${padding}; sides start at 1, padding takes at most half the kernel`,
    );
  const [ho, wo] = [h, w].map((side) => Math.floor((side + 2 * padding - kernel) / stride) + 1);
  if (ho < 1 || wo < 1)
    throw new TensorError(`${op}: a window of ${kernel}×${kernel} does not fit in ${x.label} ${shapeText(x.shape)}`);
  const width = channels % 4 === 0 ? 4 : 1;
  const vectors = channels / width;
  return {
    shape: [n, ho, wo, channels],
    width,
    words: (keep) => params(h, w, ho, wo, vectors, kernel, stride, padding, f32(1 / kernel ** 2), keep ? 1 : 0),
    grid: ({ shape }) => [Math.ceil((shape[2] * vectors) / 64), shape[1], n],
  };
}

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
  return record('avgPool2d', y, [x], (dy, sink) => sink.write(0, (dx) => run('backward', dy, dx)));
}
