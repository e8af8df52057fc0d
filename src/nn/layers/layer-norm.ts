// Layer normalization, with and without a mean, as layers: of the last sides, whatever lies before them.
import { layerNorm, rmsNorm } from '../../ops/index.ts';
import { needSizes, needTensors, type Shape, type Tensor } from '../../tensor/index.ts';
import { constant } from '../init.ts';
import { Module, Parameter } from '../module.ts';

/** Of LayerNorm and RmsNorm. */
export interface LayerNormLayerOptions {
  /** Added to the variance, or to the mean of squares. Default 1e-5; of RmsNorm 1e-6. */
  eps?: number;
  /** Are there a weight and, in LayerNorm, a bias to learn? Default true. */
  affine?: boolean;
}

/** Of LayerNorm. */
export interface LayerNormBiasOptions extends LayerNormLayerOptions {
  /** A bias beside the weight. Default true. */
  bias?: boolean;
  /** See layerNorm(): more than the sides have, where zeros are left out. */
  width?: number;
}

function sidesOf(of: string, shape: number | Shape): Shape {
  const sides = Array.isArray(shape) ? shape : [shape as number];
  needSizes(of, Object.fromEntries(sides.map((n, i) => [sides.length > 1 ? `side ${i}` : 'shape', n])));
  return sides;
}
/** The sides may be those of an image, which a state dict must not take for a matrix. */
const overSides = (shape: Shape, value: number): Parameter => new Parameter(shape, constant(value), { asTorch: true });

/** layerNorm() over the last sides, f32 or f16 [..., shape]: torch's LayerNorm. */
export class LayerNorm extends Module {
  /** γ, f32 of the normalized sides, where it is affine. */
  readonly weight?: Parameter;
  /** β, of the same shape, where it has one. */
  readonly bias?: Parameter;
  private readonly shape: Shape;
  private readonly eps: number;
  private readonly width?: number;

  /** The sides to be normalized, or the last alone. The weight starts at 1, the bias at 0. */
  constructor(shape: number | Shape, { eps = 1e-5, affine = true, bias = true, width }: LayerNormBiasOptions = {}) {
    super();
    this.shape = sidesOf('LayerNorm', shape);
    this.eps = eps;
    this.width = width;
    if (affine) this.weight = overSides(this.shape, 1);
    if (affine && bias) this.bias = overSides(this.shape, 0);
  }

  /** x normalized, in its shape and dtype. Throws TensorError for other last sides. */
  forward(x: Tensor): Tensor {
    needTensors('LayerNorm', x);
    const { shape, eps, width, weight, bias } = this;
    return layerNorm(x, { normalizedShape: shape, weight: weight?.tensor, bias: bias?.tensor, eps, width });
  }
}

/** rmsNorm() over the last sides, f32 or f16 [..., shape]: torch's RMSNorm. */
export class RmsNorm extends Module {
  /** γ, f32 of the normalized sides, where it is affine. */
  readonly weight?: Parameter;
  private readonly shape: Shape;
  private readonly eps: number;

  /** The sides to be normalized, or the last alone. The weight starts at 1. */
  constructor(shape: number | Shape, { eps = 1e-6, affine = true }: LayerNormLayerOptions = {}) {
    super();
    this.shape = sidesOf('RmsNorm', shape);
    this.eps = eps;
    if (affine) this.weight = overSides(this.shape, 1);
  }

  /** x normalized, in its shape and dtype. Throws TensorError for other last sides. */
  forward(x: Tensor): Tensor {
    needTensors('RmsNorm', x);
    const { shape, eps, weight } = this;
    return rmsNorm(x, { normalizedShape: shape, weight: weight?.tensor, eps });
  }
}
