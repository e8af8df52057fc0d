// Group and instance normalization as layers, of activations whose channels lie last.
import { groupNorm, instanceNorm } from '../../ops/index.ts';
import { needSizes, needTensors, type Tensor } from '../../tensor/index.ts';
import { constant } from '../init.ts';
import { Module, Parameter } from '../module.ts';

/** Of GroupNorm and InstanceNorm2d. */
export interface GroupNormLayerOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Are there a weight and a bias to learn? Default true; as torch's, InstanceNorm2d's is false. */
  affine?: boolean;
}

/** groupNorm() of f32 or f16 [N, ..., C]: torch's GroupNorm, channels last. */
export class GroupNorm extends Module {
  /** γ, f32 [C], where it is affine. */
  readonly weight?: Parameter;
  /** β, f32 [C], where it is affine. */
  readonly bias?: Parameter;
  private readonly groups: number;
  private readonly eps: number;

  /** The weight starts at 1, the bias at 0. */
  constructor(groups: number, channels: number, { eps = 1e-5, affine = true }: GroupNormLayerOptions = {}) {
    super();
    needSizes('GroupNorm', { groups, channels });
    this.groups = groups;
    this.eps = eps;
    if (affine) this.weight = new Parameter([channels], constant(1));
    if (affine) this.bias = new Parameter([channels], constant(0));
  }

  /** x normalized, in its shape and dtype. Throws TensorError for other channels, and for groups that do not divide them. */
  forward(x: Tensor): Tensor {
    needTensors('GroupNorm', x);
    const { groups, eps, weight, bias } = this;
    return groupNorm(x, { groups, weight: weight?.tensor, bias: bias?.tensor, eps });
  }
}

/** instanceNorm() of f32 or f16 [N, H, W, C]: torch's InstanceNorm2d, channels last, without running statistics. */
export class InstanceNorm2d extends Module {
  /** γ, f32 [C], where it is affine. */
  readonly weight?: Parameter;
  /** β, f32 [C], where it is affine. */
  readonly bias?: Parameter;
  private readonly eps: number;

  /** The weight starts at 1, the bias at 0. */
  constructor(channels: number, { eps = 1e-5, affine = false }: GroupNormLayerOptions = {}) {
    super();
    needSizes('InstanceNorm2d', { channels });
    this.eps = eps;
    if (affine) this.weight = new Parameter([channels], constant(1));
    if (affine) this.bias = new Parameter([channels], constant(0));
  }

  /** x normalized, in its shape and dtype. Throws TensorError for other channels than weight and bias have. */
  forward(x: Tensor): Tensor {
    needTensors('InstanceNorm2d', x);
    const { eps, weight, bias } = this;
    return instanceNorm(x, { weight: weight?.tensor, bias: bias?.tensor, eps });
  }
}
