// CondInst's upsampling of feature maps and masks: what a stride of the coarse map stands for is kept, which interpolation between outer edges would move by half a pixel.
import { empty, needFloats, needSizes, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { reshaped } from '../shape/reshape.ts';
import { type ResizedSide, type Resizing, resizeBackward, resizeForward } from './kernels/launch.ts';

/**
 * x [N, H, W, C], f32 or f16, with sides `factor` (a whole number) times as long: [N, factor·H, factor·W, C]. Pixel p of the result lies at (p − ⌊factor/2⌋)/factor of x,
 * held within it, and is interpolated linearly there: AdelaiDet's aligned_bilinear (Tian, Shen and Chen 2020). The gradient adds up in a fixed order. Throws TensorError.
 *
 * @example
 * const masks = alignedBilinear(logits, 2); // of stride 8 to stride 4
 */
export function alignedBilinear(x: Tensor, factor: number): Tensor {
  needFloats('alignedBilinear', x);
  needSizes('alignedBilinear', { factor });
  if (x.shape.length !== 4)
    throw new TensorError(`alignedBilinear: ${x.label} ${shapeText(x.shape)} must be [N×H×W×C]`);
  if (factor === 1) return reshaped('alignedBilinear', x, x.shape);
  const [images, h, w, channels] = x.shape;
  const side = (n: number): ResizedSide => ({ n, m: factor * n, ratio: 1 / factor, shift: -Math.floor(factor / 2) });
  const job: Resizing = { taps: 2, images, rows: side(h), columns: side(w), channels };
  const y = empty(x.gpu, [images, factor * h, factor * w, channels], 'alignedBilinear', x.dtype);
  resizeForward(x, y, job);
  return record('alignedBilinear', y, [x], (gradient, sink) =>
    sink.write(0, (out) => resizeBackward(gradient, out, job)),
  );
}
