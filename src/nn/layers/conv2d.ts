// A convolution as a layer. Where gates are set, it runs with its weight as they leave it.
import { conv2d, type FusedConv2dOptions, fusedConv2d } from '../../ops/index.ts';
import { needSizes, needTensors, type Tensor } from '../../tensor/index.ts';
import { constant, heNormal, type Initializer, normal } from '../init.ts';
import { Module, Parameter } from '../module.ts';

/** Of a square convolution. */
export interface Conv2dOptions {
  /** Default 3. */
  kernel?: number;
  /** Default 1. */
  stride?: number;
  /** On every side. Default half of the kernel, which keeps the size at stride 1. */
  padding?: number;
  /** Default false. */
  bias?: boolean;
  /** The weight starts normal with this deviation. Default: √(2 / fan-out). */
  deviation?: number;
  /** How the weight starts, where it is not normal. */
  init?: Initializer;
  /** How the bias starts. Default: 0. */
  biasInit?: Initializer;
}

/** N×H×W×Cin → N×H'×W'×Cout. The weight is stored kh×kw×Cin×Cout. */
export class Conv2d extends Module {
  /** f32 [kh, kw, Cin, Cout]. */
  readonly weight: Parameter;
  /** f32 [Cout], where it has one. */
  readonly bias?: Parameter;
  /** The weight under its gates, where it has any: taken in place of its own. */
  masked?: Tensor;
  private readonly stride: number;
  private readonly padding: number;

  /** The weight starts by He et al. 2015 over the fan-out and the bias at 0 unless told otherwise. */
  constructor(inputs: number, outputs: number, options: Conv2dOptions = {}) {
    super();
    const { kernel = 3, stride = 1, padding = kernel >> 1, bias = false } = options;
    const { deviation, init, biasInit = constant(0) } = options;
    needSizes('Conv2d', { inputs, outputs, kernel, stride });
    needSizes('Conv2d', { padding }, 0);
    this.stride = stride;
    this.padding = padding;
    const start = deviation === undefined ? heNormal(kernel * kernel * outputs) : normal(deviation);
    this.weight = new Parameter([kernel, kernel, inputs, outputs], init ?? start);
    if (bias) this.bias = new Parameter([outputs], biasInit);
  }

  /** f32 or f16 [N,H,W,Cin] to [N,H',W',Cout] of the same dtype. Throws TensorError for another shape or dtype. */
  forward(x: Tensor): Tensor {
    needTensors('Conv2d', x);
    const { stride, padding, bias } = this;
    return conv2d(x, this.masked ?? this.weight.tensor, { stride, padding, bias: bias?.masked });
  }

  /** In evaluation, without the bias: the convolution and what follows it in one, see fusedConv2d. */
  fused(x: Tensor, parts: Pick<FusedConv2dOptions, 'scale' | 'shift' | 'residual' | 'relu'>): Tensor {
    const { stride, padding } = this;
    return fusedConv2d(x, this.masked ?? this.weight.tensor, { stride, padding, ...parts });
  }
}
