// The layers that networks are made of. Where gates are set, a layer runs with its weight as they leave it, or gates its normalization.
import {
  add,
  batchNorm,
  conv2d,
  convTranspose2d,
  type FusedConv2dOptions,
  foldedNorm,
  fusedConv2d,
  matmul,
  mul,
  sub,
} from '../ops/index.ts';
import { recording, type Tensor } from '../tensor/index.ts';
import { constant, heNormal, type Initializer, uniformFan } from './init.ts';
import { Buffer, Module, Parameter, type Pass } from './module.ts';

export interface Conv2dOptions {
  kernel?: number;
  stride?: number;
  padding?: number;
  bias?: boolean;
}

/** N×H×W×Cin → N×H'×W'×Cout. The weight is stored kh×kw×Cin×Cout. */
export class Conv2d extends Module {
  readonly weight: Parameter;
  readonly bias?: Parameter;
  /** The weight under its gates, where it has any: taken in place of its own. */
  masked?: Tensor;
  private readonly stride: number;
  private readonly padding: number;

  constructor(
    inputs: number,
    outputs: number,
    { kernel = 3, stride = 1, padding = kernel >> 1, bias = false }: Conv2dOptions = {},
  ) {
    super();
    this.stride = stride;
    this.padding = padding;
    this.weight = new Parameter([kernel, kernel, inputs, outputs], heNormal(kernel * kernel * outputs));
    if (bias) this.bias = new Parameter([outputs], constant(0));
  }

  forward(x: Tensor): Tensor {
    const { stride, padding, bias } = this;
    return conv2d(x, this.masked ?? this.weight.tensor, { stride, padding, bias: bias?.tensor });
  }

  /** In evaluation, without the bias: the convolution and what follows it in one, see fusedConv2d. */
  fused(x: Tensor, parts: Pick<FusedConv2dOptions, 'scale' | 'shift' | 'residual' | 'relu'>): Tensor {
    const { stride, padding } = this;
    return fusedConv2d(x, this.masked ?? this.weight.tensor, { stride, padding, ...parts });
  }
}

export interface ConvTranspose2dOptions {
  kernel?: number;
  stride?: number;
  padding?: number;
  bias?: boolean;
  init?: Initializer;
}

/** N×H×W×Cin → N×H'×W'×Cout, by default the 2×2, stride-2 upsampling of a UNet. The weight is stored kh×kw×Cout×Cin. */
export class ConvTranspose2d extends Module {
  readonly weight: Parameter;
  readonly bias?: Parameter;
  private readonly stride: number;
  private readonly padding: number;

  constructor(
    inputs: number,
    outputs: number,
    { kernel = 2, stride = 2, padding = 0, bias = true, init = heNormal(inputs) }: ConvTranspose2dOptions = {},
  ) {
    super();
    this.stride = stride;
    this.padding = padding;
    this.weight = new Parameter([kernel, kernel, outputs, inputs], init);
    if (bias) this.bias = new Parameter([outputs], constant(0));
  }

  forward(x: Tensor): Tensor {
    const { stride, padding, bias } = this;
    const y = convTranspose2d(x, this.weight.tensor, { stride, padding });
    return bias ? add(y, bias.tensor) : y;
  }
}

/** N×Cin → N×Cout. The weight is stored Cin×Cout. */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  /** The weight under its gates, where it has any: taken in place of its own. */
  masked?: Tensor;

  constructor(inputs: number, outputs: number) {
    super();
    this.weight = new Parameter([inputs, outputs], uniformFan(inputs));
    this.bias = new Parameter([outputs], uniformFan(inputs));
  }

  forward(x: Tensor): Tensor {
    return matmul(x, this.masked ?? this.weight.tensor, { bias: this.bias.tensor });
  }
}

/** Batch normalization over the last axis, ε = 1e-5, with running statistics. */
export class BatchNorm2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly running_mean: Buffer;
  readonly running_var: Buffer;
  /** One probability per channel, on γ and β. */
  gate?: Tensor;

  constructor(channels: number) {
    super();
    this.weight = new Parameter([channels], constant(1));
    this.bias = new Parameter([channels], constant(0));
    this.running_mean = new Buffer([channels], constant(0));
    this.running_var = new Buffer([channels], constant(1));
  }

  /** What batchNorm does to x, which may be a partial tensor, see writeChannels(); `residual`, in the shape of the result, is added before the ReLU. */
  forward(
    x: Tensor,
    { batchStatistics, momentum }: Pass,
    { relu = false, residual }: { relu?: boolean; residual?: Tensor } = {},
  ): Tensor {
    const { gamma, beta } = this.affine();
    return batchNorm(x, gamma, beta, {
      training: batchStatistics,
      running: batchStatistics && momentum === 0 ? undefined : { ...this.running(), momentum },
      relu,
      residual,
    });
  }

  /** `forward` of a convolution's result; in evaluation (running statistics, no gradients) folded into the convolution's own kernel. */
  after(conv: Conv2d, x: Tensor, pass: Pass, options: { relu?: boolean; residual?: Tensor } = {}): Tensor {
    const parts = [
      x,
      conv.masked ?? conv.weight.tensor,
      conv.bias?.tensor,
      this.weight.tensor,
      this.bias.tensor,
      this.gate,
      options.residual,
    ];
    if (pass.batchStatistics || recording(parts.filter((part) => part !== undefined)))
      return this.forward(conv.forward(x), pass, options);
    const { gamma, beta } = this.affine();
    const running = this.running();
    // norm(conv + bias) is the norm of conv alone around a mean that is less by the bias.
    const mean = conv.bias ? sub(running.mean, conv.bias.tensor) : undefined;
    const { scale, shift } = foldedNorm(gamma, beta, mean ? { ...running, mean } : running);
    const y = conv.fused(x, { scale, shift, ...options });
    for (const made of [scale, shift, mean]) made?.release();
    return y;
  }

  private affine(): { gamma: Tensor; beta: Tensor } {
    const { weight, bias, gate } = this;
    if (!gate) return { gamma: weight.tensor, beta: bias.tensor };
    return { gamma: mul(weight.tensor, gate), beta: mul(bias.tensor, gate) };
  }

  private running(): { mean: Tensor; variance: Tensor } {
    return { mean: this.running_mean.tensor, variance: this.running_var.tensor };
  }
}
