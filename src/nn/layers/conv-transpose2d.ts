// A transposed convolution as a layer: how astrocyte networks make maps larger.
import { add, convTranspose2d } from '../../ops/index.ts';
import { needSizes, needTensors, type Tensor } from '../../tensor/index.ts';
import { constant, heNormal, type Initializer } from '../init.ts';
import { Module, Parameter } from '../module.ts';

/** Of a square transposed convolution. */
export interface ConvTranspose2dOptions {
  /** Default 2. */
  kernel?: number;
  /** Default 2. */
  stride?: number;
  /** On every side. Default 0. */
  padding?: number;
  /** Default true. */
  bias?: boolean;
  /** Of the weight. Default heNormal over the inputs. */
  init?: Initializer;
}

/** N×H×W×Cin → N×H'×W'×Cout, by default the 2×2, stride-2 upsampling of a UNet. The weight is stored kh×kw×Cout×Cin. */
export class ConvTranspose2d extends Module {
  /** f32 [kh, kw, Cout, Cin]. */
  readonly weight: Parameter;
  /** f32 [Cout], unless it has none. */
  readonly bias?: Parameter;
  private readonly stride: number;
  private readonly padding: number;

  /** The bias starts at 0. */
  constructor(
    inputs: number,
    outputs: number,
    { kernel = 2, stride = 2, padding = 0, bias = true, init = heNormal(inputs) }: ConvTranspose2dOptions = {},
  ) {
    super();
    needSizes('ConvTranspose2d', { inputs, outputs, kernel, stride });
    needSizes('ConvTranspose2d', { padding }, 0);
    this.stride = stride;
    this.padding = padding;
    this.weight = new Parameter([kernel, kernel, outputs, inputs], init);
    if (bias) this.bias = new Parameter([outputs], constant(0));
  }

  /** f32 [N,H,W,Cin] to [N,H',W',Cout]. Throws TensorError for another shape or dtype. */
  forward(x: Tensor): Tensor {
    needTensors('ConvTranspose2d', x);
    const { stride, padding, bias } = this;
    const y = convTranspose2d(x, this.weight.tensor, { stride, padding });
    return bias ? add(y, bias.tensor) : y;
  }
}
