// The windows of average and max pooling: options, output shape, and how a launch goes over them (shaders/pool/window.wgsl).
import { f32, needArguments, params } from '../../../gpu/index.ts';
import { type DType, needFloats, type Shape, shapeText, type Tensor, TensorError } from '../../../tensor/index.ts';

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
export function poolingOf(op: string, x: Tensor, options: PoolOptions): Pooling {
  needFloats(op, x);
  needArguments(op, 'an object', { options });
  const { kernel, stride = kernel, padding = 0 } = options;
  if (x.shape.length !== 4) throw new TensorError(`${op}: ${x.label} ${shapeText(x.shape)} must be [N, H, W, C]`);
  const [n, h, w, channels] = x.shape;
  const whole = [kernel, stride, padding].every(Number.isInteger);
  if (!(whole && kernel >= 1 && stride >= 1 && padding >= 0 && padding * 2 <= kernel))
    throw new TensorError(
      `${op}: kernel ${kernel}, stride ${stride}, padding ${padding} for ${x.label} ${shapeText(x.shape)}; they are whole numbers, sides from 1, ` +
        'padding from 0 to half the kernel',
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
