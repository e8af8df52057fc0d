// Images made larger or smaller, as torch.nn.functional.interpolate does it.
import { needArguments } from '../../gpu/index.ts';
import { empty, needFloats, needTensors, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { needWords } from '../shape/kernels/words.ts';
import { reshaped } from '../shape/reshape.ts';
import { type Resizing, resizeBackward, resizeForward } from './kernels/launch.ts';

/** How values between pixels are made: of the nearest one, linearly of four, or cubically of sixteen. */
export type ResizeMode = 'nearest' | 'bilinear' | 'bicubic';

/** What resize() takes beside the images: `size` or `scale`, and how. */
export interface ResizeOptions {
  /** [height, width] of the result. */
  size?: readonly [number, number];
  /** Factor of both sides, or of height and width: the result has the whole pixels that fit. */
  scale?: number | readonly [number, number];
  /** Default nearest. */
  mode?: ResizeMode;
  /** Do the middles of the first and of the last pixel stay where they are, rather than the outer edges of the image? Not of nearest. Default false. */
  alignCorners?: boolean;
}

const TAPS: Record<ResizeMode, 1 | 2 | 4> = { nearest: 1, bilinear: 2, bicubic: 4 };

/**
 * x [N, H, W, C] with other sides: [N, H', W', C]. Same values and gradients as torch.nn.functional.interpolate (bicubic: Keys 1981 with A = −0.75; coordinates by `scale`
 * itself where that is given). What is made smaller is not filtered first (torch's antialias=False). f32 or f16; nearest moves u32, too. The gradient adds up in a fixed
 * order. Throws TensorError.
 *
 * @example
 * const finer = resize(x, { scale: 2, mode: 'bilinear' });
 */
export function resize(x: Tensor, options: ResizeOptions): Tensor {
  needTensors('resize', x);
  needArguments('resize', 'an object', { options });
  const { size, scale, mode = 'nearest', alignCorners = false } = options;
  const refuse = (why: string): never => {
    throw new TensorError(`resize: ${x.label} ${shapeText(x.shape)} ${why}`);
  };
  const taps = TAPS[mode] ?? refuse(`takes nearest, bilinear or bicubic, not ${mode}`);
  if (taps === 1) needWords('resize', x);
  else needFloats('resize', x);
  if (x.shape.length !== 4) refuse('must be [N×H×W×C]');
  if ((size === undefined) === (scale === undefined)) refuse('takes a size or a scale, one of them');
  if (alignCorners && taps === 1) refuse('has no corners to align where the nearest pixel is taken');
  const [n, h, w, c] = x.shape;
  const factors = scale === undefined ? undefined : typeof scale === 'number' ? [scale, scale] : scale;
  const [height, width] = size ?? [h, w].map((side, i) => Math.floor(side * factors![i]));
  if (![height, width].every((side) => Number.isInteger(side) && side >= 1))
    refuse(`cannot become ${size ? `[${size}]` : `${scale} times as large`}: sides are whole numbers from 1`);
  const sideOf = (from: number, to: number, factor?: number) => {
    const edges = factor === undefined ? from / to : 1 / factor;
    return {
      n: from,
      m: to,
      ratio: alignCorners ? (to > 1 ? (from - 1) / (to - 1) : 0) : edges,
      shift: alignCorners ? 0 : 0.5,
    };
  };
  const job: Resizing = {
    taps,
    images: n,
    rows: sideOf(h, height, factors?.[0]),
    columns: sideOf(w, width, factors?.[1]),
    channels: c,
  };
  if ([job.rows, job.columns].every(({ n, m, ratio }) => n === m && ratio === 1)) return reshaped('resize', x, x.shape);
  const y = empty(x.gpu, [n, height, width, c], 'resize', x.dtype);
  resizeForward(x, y, job);
  return record('resize', y, [x], (gradient, sink) => sink.write(0, (out) => resizeBackward(gradient, out, job)));
}
