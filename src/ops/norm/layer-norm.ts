// Layer normalization (Ba, Kiros and Hinton 2016) and its form without a mean (Zhang and Sennrich 2019), over the last sides.
import {
  axisOf,
  count,
  needDType,
  needFloats,
  type Shape,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';
import { normalizedUnits } from './normalize-units.ts';

/** What rmsNorm takes beside x. */
export interface RmsNormOptions {
  /** What each mean is over: an axis or several, which must be the last ones. Default −1, the last. */
  axes?: number | readonly number[];
  /** In place of axes: the last sides themselves, which x must have. */
  normalizedShape?: Shape;
  /** f32, in the shape of the normalized sides: what the result is multiplied with. */
  weight?: Tensor;
  /** Added to the variance, or to the mean of squares. Default 1e-5; of rmsNorm 1e-6. */
  eps?: number;
}

/** What layerNorm takes beside x. */
export interface LayerNormOptions extends RmsNormOptions {
  /** f32, in the shape of the normalized sides: what is added to the result. */
  bias?: Tensor;
  /** Values that mean and variance are over, where the normalized sides have fewer: the others are zeros that x leaves out. Default those of the normalized sides. */
  width?: number;
}

/**
 * (x − mean) / √(variance + eps) · weight + bias over the last sides of x, f32 or f16, with the population variance, as torch's layer_norm; sums are f32, and values
 * far from 0 lose nothing by it. The result is stored as x is. Differentiable in x, weight and bias. Throws TensorError for axes that are not the last ones, and for
 * shapes, dtypes and scalars that do not fit.
 *
 * @example
 * const y = layerNorm(x, { weight, bias }); // x [N, T, C], weight and bias [C]
 */
export function layerNorm(x: Tensor, { weight, bias, eps = 1e-5, width, ...over }: LayerNormOptions = {}): Tensor {
  return overLast('layerNorm', x, over, { weight, bias, eps, centered: true }, width);
}

/** x / √(mean of x² + eps) · weight over the last sides, otherwise as layerNorm. torch's RMSNorm has the machine epsilon of x's dtype where no eps is given. */
export function rmsNorm(x: Tensor, { weight, eps = 1e-6, ...over }: RmsNormOptions = {}): Tensor {
  return overLast('rmsNorm', x, over, { weight, eps, centered: false });
}

function overLast(
  op: string,
  x: Tensor,
  { axes = -1, normalizedShape }: Pick<RmsNormOptions, 'axes' | 'normalizedShape'>,
  norm: { weight?: Tensor; bias?: Tensor; eps: number; centered: boolean },
  width?: number,
): Tensor {
  needFloats(op, x);
  if (normalizedShape && shapeText(x.shape.slice(-normalizedShape.length)) !== shapeText(normalizedShape))
    throw new TensorError(
      `${op}: the last sides of ${x.label} ${shapeText(x.shape)} must be ${shapeText(normalizedShape)}`,
    );
  const given = normalizedShape?.map((_, i) => i - normalizedShape.length) ?? axes;
  const list = [...new Set((typeof given === 'number' ? [given] : given).map((axis) => axisOf(op, x, axis)))];
  const first = x.shape.length - list.length;
  if (list.length === 0 || list.some((axis) => axis < first))
    throw new TensorError(
      `${op}: axes [${list}] of ${x.label} ${shapeText(x.shape)} are not its last ones; move them there with permute`,
    );
  const sides = x.shape.slice(first);
  for (const one of [norm.weight, norm.bias]) {
    if (!one) continue;
    needDType(op, 'f32', one);
    if (shapeText(one.shape) !== shapeText(sides))
      throw new TensorError(
        `${op}: ${one.label} ${shapeText(one.shape)} must be ${shapeText(sides)}, as the sides of ${x.label} ${shapeText(x.shape)} that are normalized`,
      );
  }
  const channels = count(sides);
  const zeros = (width ?? channels) - channels;
  if (!(Number.isInteger(zeros) && zeros >= 0))
    throw new TensorError(
      `${op}: width is ${width}, it must be a whole number from ${channels}, the values of a row of ${x.label} ${shapeText(x.shape)}`,
    );
  const images = count(x.shape.slice(0, first));
  return normalizedUnits(op, x, { images, positions: 1, groups: 1, channels, zeros }, norm);
}
